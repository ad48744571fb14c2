#pragma once
// Which resolvers ask for so many, without saying for whom, that their time is cut into slots: one cell with all their
// clients would be more than a POP can shed by.

#include <map>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/address.h"
#include "base/time.h"

namespace ringway::manager {

class ResolverWatch {
 public:
  /// A redirector's report; once for each.
  void hear(const std::string& redirector, const agent::SteeringReport& report, Time now);
  /// From another manager: they stay slotted as long as nobody has been heard for kMemory.
  void restore(const std::vector<IpAddress>& slotted, Time now);

  /// Ascending. One becomes slotted with kManyQueries of all, and ceases to be with kFewQueries: a change moves its
  /// clients.
  [[nodiscard]] std::vector<IpAddress> slotted(Time now);
  /// Queries/s of all redirectors.
  [[nodiscard]] double queries_per_s(Time now) const;

  static constexpr double kManyQueries = 0.01;
  static constexpr double kFewQueries = 0.0025;
  /// Fewer queries than these of all are no sample.
  static constexpr double kLeastQueriesPerS = 10;
  static constexpr std::chrono::seconds kMemory{300};
  static constexpr std::size_t kMost = 10'000;

 private:
  /// A rate, smoothed over kMemory.
  struct Rate {
    double per_s = 0;
    Time at{};
    [[nodiscard]] double now(Time now) const;
    void add(double count, Time now);
  };
  struct Resolver {
    Rate rate;
    bool slotted = false;
  };

  std::map<IpAddress, Resolver> resolvers_;
  Rate all_;
  std::map<std::string, std::uint64_t> queries_;  // by redirector, as it last said
  Time since_ = kNever;                           // somebody was heard
};

}  // namespace ringway::manager

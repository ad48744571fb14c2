#pragma once
// How many answers a second redirectors give, by POP.

#include <map>
#include <string>

#include "agent/messages.h"
#include "base/time.h"
#include "redirector_dns/steering/atlas.h"

namespace ringway::manager {

class AnswerRates {
 public:
  /// A redirector's report, once for each; counts that belong to another atlas are passed over.
  void hear(const std::string& redirector, const agent::SteeringReport& report, const dns::steering::Atlas& atlas,
            Time now);
  /// Answers/s that name the POP, smoothed over kMemory.
  [[nodiscard]] double of(const std::string& pop, Time now) const;
  void clear() { *this = {}; }

  static constexpr std::chrono::seconds kMemory{20};

 private:
  struct Rate {
    double per_s = 0;
    Time at{};
    [[nodiscard]] double now(Time now) const;
  };
  std::map<std::string, Rate> pops_;
  std::map<std::string, std::vector<std::uint64_t>> before_;  // by redirector
};

}  // namespace ringway::manager

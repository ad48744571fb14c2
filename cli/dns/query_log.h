#pragma once
// The query log of one worker: a line of JSON for a sample of queries, gathered until the first worker takes them away.
// Nobody who answers waits for a disk.

#include <chrono>
#include <cstdint>
#include <string>

#include "base/metrics.h"
#include "base/random.h"
#include "redirector_dns/responder.h"
#include "redirector_dns/steering/table_steering.h"

namespace ringway::cli {

/// A query, and what became of it.
struct AnsweredQuery {
  std::chrono::system_clock::time_point at;
  const dns::Sender& sender;
  Bytes query;
  const dns::Reply& reply;
  const dns::steering::TableSteering& steering;
};

class QueryLog {
 public:
  /// What waits to be taken; lines beyond it are dropped.
  static constexpr std::size_t kWaitingOctets = 256U << 10;

  /// `random` outlives it.
  explicit QueryLog(Random& random) : random_(random) {}

  /// The share of queries that get a line, 0 to 1.
  void set_sample(double sample);
  /// Whether the next query gets one.
  [[nodiscard]] bool draws() {
    if (passed_over_-- > 0) return false;
    passed_over_ = gap();
    return true;
  }
  void write(const AnsweredQuery& answered);
  /// The lines since the call before, each with its end.
  std::string take();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  static constexpr std::uint64_t kForEver = UINT64_MAX;
  /// How many queries are passed over until the next line: one draw for each line in place of one for each query.
  [[nodiscard]] std::uint64_t gap();

  Random& random_;
  double sample_ = 0;
  std::uint64_t passed_over_ = kForEver;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
};

/// One line, without its end.
std::string query_line(const AnsweredQuery& answered);
/// Lines that a worker had no room for, or the disk.
Counter& dropped_lines(Metrics& metrics);

}  // namespace ringway::cli

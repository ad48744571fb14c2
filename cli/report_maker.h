#pragma once
// A gateway's reports: what was counted, and what follows from one report to the next.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/time.h"
#include "cli/share_count.h"
#include "tmp_protocol/link.h"

namespace ringway::cli {

/// What a process has used.
struct ProcessUse {
  Duration cpu{};
  std::uint64_t memory_octets = 0;  // resident
};
ProcessUse process_use();

class ReportMaker {
 public:
  explicit ReportMaker(std::size_t workers) : workers_(workers) {}

  /// About once a second. `links`: all that there ever were.
  agent::Report make(Time now, const ProcessUse& use, ShareCount count, const std::vector<tmp::Link*>& links);

 private:
  using Durations = std::vector<std::uint64_t>;
  /// A link as of the last report.
  struct LinkPast {
    std::uint64_t octets_sent = 0;
    std::uint64_t packets_received = 0;
    Time heard{};  // since then it is silent
  };
  std::uint32_t p95_ms(const std::string& site, Durations durations);
  agent::SiteReport site_report(const std::string& name, SiteCount count);
  agent::LinkReport link_report(const tmp::Link& link, Time now, Duration passed);

  std::size_t workers_;
  Time last_ = kNever;
  Duration cpu_{};
  std::map<std::string, std::deque<Durations>> durations_;  // of the last reports, by site
  std::map<const tmp::Link*, LinkPast> links_;
};

}  // namespace ringway::cli

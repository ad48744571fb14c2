#pragma once
// What the workers of a gateway count, gathered for its reports without waiting for any of them.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "cli/client_networks.h"
#include "cli/worker_team.h"
#include "tmp_protocol/link.h"

namespace ringway::cli {

struct SiteCount {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  std::uint64_t errors = 0;
  std::array<std::uint64_t, tmp::kRings> rings{};
  std::vector<std::uint64_t> durations;  // by latency_bounds() and one above; empty: not measured here
  std::vector<agent::OriginReport> origins;
};

/// Of one worker, or of several together; counts are since the process began.
struct ShareCount {
  std::map<std::string, SiteCount> sites;
  std::uint64_t exchanges = 0;
  std::uint32_t connections = 0;
  ClientNetworks clients;  // since the last count
};

/// The sums of all.
ShareCount together(std::vector<ShareCount> counts);
/// Of these sites and no others: those that are new have counted nothing yet.
void keep_sites(const std::set<std::string>& names, ShareCount& count);

/// The latest count of each worker. The first worker's to use.
class CountBoard {
 public:
  /// `count` is called on the worker it is of. The shares that it counts end after the last take(), by a call that
  /// waits for their workers.
  CountBoard(WorkerTeam& team, std::function<ShareCount(std::size_t worker)> count);

  /// What all have counted, those of other workers as of the call before this one; asks them for the next. Called each
  /// second: after a pause, what they counted in it would look like one second's.
  ShareCount take();

 private:
  struct Slot {
    std::mutex mutex;
    bool asked = false;
    ShareCount latest;
  };
  ShareCount take_from(std::size_t worker);
  void ask(std::size_t worker);

  WorkerTeam& team_;
  std::function<ShareCount(std::size_t)> count_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace ringway::cli

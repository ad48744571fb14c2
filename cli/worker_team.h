#pragma once
// The workers of one gateway: the first is the caller's, the others have threads of their own.

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/worker.h"

namespace ringway::cli {

/// Turns until stop(); then what was finished still flushes for a moment.
void run_to_the_end(net::Worker& worker);

/// Destroys, before its turn, what waits for the end of the worker's turn to be destroyed.
void finish_deferred(net::Worker& worker);

/// The first of so many workers that serves clients or origins. Links are on worker 0: with three or more it has
/// nothing else, for it is the first that is full.
constexpr std::size_t first_server(std::size_t workers) { return workers < 3 ? 0 : 1; }

class WorkerTeam {
 public:
  /// `first` outlives the team; `size` is 1 to 64. Signals that no thread may take are blocked before.
  static Result<std::unique_ptr<WorkerTeam>> open(net::Worker& first, std::size_t size);
  WorkerTeam(const WorkerTeam&) = delete;
  WorkerTeam& operator=(const WorkerTeam&) = delete;
  /// Ends the other workers: what they were given is gone before.
  ~WorkerTeam();

  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  [[nodiscard]] net::Worker& at(std::size_t index) { return *workers_[index]; }

  // All of these are the first worker's to call.

  /// Runs work(index) on every worker side by side, and returns when all have: the longest of their present turns.
  void each(const std::function<void(std::size_t)>& work);
  /// The same; the error is that of the first worker in order that has one.
  Status try_each(const std::function<Status(std::size_t)>& work);
  /// Runs `work` on another worker soon; in the order of the calls, those of each() as well.
  void post(std::size_t index, std::function<void()> work);

 private:
  explicit WorkerTeam(net::Worker& first) : workers_{&first} {}

  std::vector<net::Worker*> workers_;
  std::vector<std::unique_ptr<net::Worker>> others_;
  std::vector<std::thread> threads_;
};

/// Gives every worker its share of a gateway: open(worker), called on it. On an error some stay null.
template <class Share, class Open>
Status open_shares(WorkerTeam& team, std::vector<std::unique_ptr<Share>>& shares, Open open) {
  shares.resize(team.size());
  return team.try_each([&](std::size_t worker) {
    Result<std::unique_ptr<Share>> share = open(worker);
    if (!share) return Status(share.error());
    shares[worker] = std::move(share).value();
    return Status();
  });
}

}  // namespace ringway::cli

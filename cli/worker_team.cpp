#include "cli/worker_team.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <cassert>
#include <latch>
#include <utility>

namespace ringway::cli {

namespace {

/// How long connections that were finished may still take to send what they hold.
constexpr Duration kFlushLimit = std::chrono::seconds(2);

void run_named(net::Worker& worker) {
  ::prctl(PR_SET_NAME, fmt::format("ringway-{}", worker.index()).c_str(), 0, 0, 0);
  run_to_the_end(worker);
}

}  // namespace

void run_to_the_end(net::Worker& worker) {
  worker.run();
  worker.run_until([&worker] { return worker.adopted() == 0; }, kFlushLimit);
}

void finish_deferred(net::Worker& worker) {
  DeferredQueue& deferred = worker.loop().deferred;
  while (!deferred.empty()) deferred.run();
}

Result<std::unique_ptr<WorkerTeam>> WorkerTeam::open(net::Worker& first, std::size_t size) {
  std::unique_ptr<WorkerTeam> team(new WorkerTeam(first));
  while (team->size() < size) {
    auto made = net::Worker::make(static_cast<std::uint8_t>(team->size()));
    if (!made) return made.error();
    net::Worker& worker = *team->others_.emplace_back(std::move(made).value());
    team->workers_.push_back(&worker);
    team->threads_.emplace_back([&worker] { run_named(worker); });
  }
  return team;
}

WorkerTeam::~WorkerTeam() {
  for (const auto& worker : others_) worker->stop();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerTeam::each(const std::function<void(std::size_t)>& work) {
  std::latch done(static_cast<std::ptrdiff_t>(others_.size()));
  for (std::size_t index = 1; index < size(); ++index) {
    post(index, [&work, &done, index] {
      work(index);
      done.count_down();
    });
  }
  work(0);
  done.wait();
}

Status WorkerTeam::try_each(const std::function<Status(std::size_t)>& work) {
  std::vector<Status> results(size());
  each([&](std::size_t index) { results[index] = work(index); });
  for (const Status& result : results) {
    if (!result) return result;
  }
  return {};
}

void WorkerTeam::post(std::size_t index, std::function<void()> work) {
  // Nobody else posts to these workers, and the first does not outrun them by so much.
  [[maybe_unused]] const bool posted = at(index).post(std::move(work));
  assert(posted);
}

}  // namespace ringway::cli

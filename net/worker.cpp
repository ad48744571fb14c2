#include "net/worker.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/limits.h"

namespace ringway::net {

namespace {

/// Work that makes more work runs so often in one turn before sockets are looked at again.
constexpr int kMaxRounds = 4;

/// The kernel may wake a sleeper so much late to save power; its default of 50 us is most of a pacing interval.
constexpr unsigned long kTimerSlackNanoseconds = 1000;

constexpr std::size_t kScratchOctets = std::size_t{64} * 1024;

Time monotonic_now() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return Time(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
}

timespec to_timespec(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {whole.count(), (duration - whole).count()};
}

}  // namespace

Source::~Source() { worker_.forget(*this); }

/// Other threads write to it. Being edge-triggered it is never read.
class Worker::Wakeup final : public Source {
 public:
  Wakeup(Worker& worker, Descriptor fd) : Source(worker), fd_(std::move(fd)) {}
  void on_ready(std::uint32_t /*events*/) override { worker().run_posted(); }
  void wake() const {
    // It fails only where 2^64 wake-ups are pending.
    [[maybe_unused]] const int written = ::eventfd_write(fd_.get(), 1);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Descriptor fd_;
};

std::chrono::system_clock::time_point Worker::TurnClock::wall() const { return std::chrono::system_clock::now(); }

void Worker::TurnClock::turn() { now_ = monotonic_now(); }

Result<std::unique_ptr<Worker>> Worker::make(std::uint8_t index) {
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll.valid() || !event.valid()) {
    return internal_error(fmt::format("make a worker's epoll: {}", std::strerror(errno)));
  }
  std::unique_ptr<Worker> worker(new Worker(index, std::move(epoll)));
  worker->wakeup_ = std::make_unique<Wakeup>(*worker, std::move(event));
  Status watched = worker->watch(worker->wakeup_->fd(), EPOLLIN, *worker->wakeup_);
  if (!watched) return watched.error();
  return worker;
}

Worker::Worker(std::uint8_t index, Descriptor epoll)
    : index_(index), epoll_(std::move(epoll)), events_(kMaxEvents), scratch_(kScratchOctets) {
  clock_.turn();
}

Worker::~Worker() {
  assert(!thread_.joinable());
  // In destroying, streams retire their connections.
  while (!deferred_.empty()) std::exchange(deferred_, {});
  adopted_.clear();
  while (!retired_.empty()) std::exchange(retired_, {}).clear();
  wakeup_.reset();
}

Loop Worker::loop() { return Loop{clock_, timers_, deferred_, random_}; }

void Worker::run() {
  ::prctl(PR_SET_TIMERSLACK, kTimerSlackNanoseconds, 0, 0, 0);
  while (!stopping_.load(std::memory_order_relaxed)) turn(kNever);
}

void Worker::start() {
  thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, fmt::format("ringway-{}", index_).c_str(), 0, 0, 0);
    run();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  wakeup_->wake();
}

bool Worker::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    if (posted_.size() >= limits::kPostedWork) return false;
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return true;  // whoever posted the first has woken it
  }
  wakeup_->wake();
  return true;
}

bool Worker::run_until(const std::function<bool()>& done, Duration limit) {
  clock_.turn();
  const Time deadline = now() + limit;
  while (!done()) {
    if (now() >= deadline) return false;
    turn(deadline);
  }
  return true;
}

Status Worker::watch(int fd, std::uint32_t events, Source& source) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = &source;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return internal_error(fmt::format("watch a descriptor: {}", std::strerror(errno)));
}

void Worker::rewatch(int fd, std::uint32_t events, Source& source) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = &source;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Worker::unwatch(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Worker::pend(Source& source) {
  if (source.pending_) return;
  source.pending_ = true;
  pending_.push_back(&source);
}

void Worker::retire(std::unique_ptr<Source> source) { retired_.push_back(std::move(source)); }

void Worker::adopt(std::unique_ptr<Source> source) {
  source->adopted_at_ = adopted_.size();
  adopted_.push_back(std::move(source));
}

void Worker::release(Source& source) {
  const std::size_t at = source.adopted_at_;
  assert(adopted_[at].get() == &source);
  retired_.push_back(std::move(adopted_[at]));
  if (at + 1 < adopted_.size()) {
    adopted_[at] = std::move(adopted_.back());
    adopted_[at]->adopted_at_ = at;
  }
  adopted_.pop_back();
}

void Worker::add(TurnTask& task) { tasks_.push_back(&task); }

void Worker::remove(TurnTask& task) { std::erase(tasks_, &task); }

void Worker::forget(Source& source) {
  if (source.pending_) {
    std::replace(pending_.begin(), pending_.end(), &source, static_cast<Source*>(nullptr));
    std::replace(pending_now_.begin(), pending_now_.end(), &source, static_cast<Source*>(nullptr));
  }
  for (int i = next_event_; i < event_count_; ++i) {
    epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &source) event.data.ptr = nullptr;
  }
}

void Worker::turn(Time wait_until) {
  const int count = wait(has_work() ? now() : std::min(wait_until, next_deadline()));
  clock_.turn();
  dispatch(count);
  timers_.run(now());
  end_turn();
}

int Worker::wait(Time until) {
  timespec timeout{};
  if (until != kNever && until > now()) timeout = to_timespec(std::max(until - monotonic_now(), Duration::zero()));
  if (precise_wait_) {
    const int count =
        ::epoll_pwait2(epoll_.get(), events_.data(), kMaxEvents, until == kNever ? nullptr : &timeout, nullptr);
    if (count >= 0 || errno == EINTR) return std::max(count, 0);
    precise_wait_ = false;  // an old kernel, or a sandbox that does not know the call
  }
  const long milliseconds = timeout.tv_sec * 1000 + (timeout.tv_nsec + 999'999) / 1'000'000;
  const int bounded = until == kNever ? -1 : static_cast<int>(std::min(milliseconds, 3'600'000L));
  return std::max(::epoll_wait(epoll_.get(), events_.data(), kMaxEvents, bounded), 0);
}

void Worker::dispatch(int count) {
  event_count_ = count;
  next_event_ = 0;
  while (next_event_ < event_count_) {
    const epoll_event event = events_[static_cast<std::size_t>(next_event_++)];
    if (event.data.ptr != nullptr) static_cast<Source*>(event.data.ptr)->on_ready(event.events);
  }
}

void Worker::end_turn() {
  for (int round = 0; round < kMaxRounds; ++round) {
    deferred_.run();
    run_pending();
    if (has_work() && round + 1 < kMaxRounds) continue;
    // By index: what a task brings about may add another.
    for (std::size_t i = 0; i < tasks_.size(); ++i) tasks_[i]->end_turn();
    if (!has_work()) break;
  }
  while (!retired_.empty()) std::exchange(retired_, {}).clear();
}

void Worker::run_pending() {
  pending_now_.swap(pending_);
  for (std::size_t i = 0; i < pending_now_.size(); ++i) {
    Source* source = pending_now_[i];
    if (source == nullptr) continue;
    pending_now_[i] = nullptr;
    source->pending_ = false;
    source->on_pending();
  }
  pending_now_.clear();
}

void Worker::run_posted() {
  std::vector<std::function<void()>> present;
  {
    const std::lock_guard lock(posted_mutex_);
    present.swap(posted_);
  }
  for (const std::function<void()>& work : present) work();
}

bool Worker::has_work() const { return !deferred_.empty() || !pending_.empty(); }

Time Worker::next_deadline() const {
  Time next = timers_.next();
  for (const TurnTask* task : tasks_) next = std::min(next, task->next_deadline());
  return next;
}

}  // namespace ringway::net

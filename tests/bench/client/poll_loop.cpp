#include "tests/bench/client/poll_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ringway::wan {

Time now() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

void fail(const std::string& what) {
  std::fflush(stdout);
  std::fprintf(stderr, "wan_client: %s\n", what.c_str());
  std::exit(1);
}

PollLoop::PollLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("epoll_create1");
}

PollLoop::~PollLoop() { ::close(epoll_); }

void PollLoop::watch(int fd, std::function<void()> readable) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  readable_[fd] = std::move(readable);
}

void PollLoop::run() {
  while (!stopped_) {
    wait();
    run_due();
  }
}

void PollLoop::wait() {
  const Duration left = timers_.empty() ? std::chrono::seconds(1) : timers_.begin()->first - now();
  const auto nanoseconds = std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000);
  const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  std::array<epoll_event, 64> events{};
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int index = 0; index < count && !stopped_; ++index) {
    readable_[events[static_cast<std::size_t>(index)].data.fd]();
  }
}

void PollLoop::run_due() {
  while (!stopped_ && !timers_.empty() && timers_.begin()->first <= now()) {
    const auto action = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    action();
  }
}

}  // namespace ringway::wan

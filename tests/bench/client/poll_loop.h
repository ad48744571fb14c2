#pragma once
// One thread's sockets and timers, for the bench's clients.

#include <functional>
#include <map>

#include "base/time.h"

namespace ringway::wan {

/// The time at this moment, not of the loop's turn: it is what is measured.
Time now();

/// Says what failed and ends the program: a measurement with a fault in it is none.
[[noreturn]] void fail(const std::string& what);

class PollLoop {
 public:
  PollLoop();
  ~PollLoop();
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  /// Calls `readable` whenever there is something to read. `fd` stays open as long as the loop runs.
  void watch(int fd, std::function<void()> readable);
  void at(Time time, std::function<void()> action) { timers_.emplace(time, std::move(action)); }
  void stop() { stopped_ = true; }
  void run();

 private:
  void wait();
  void run_due();

  int epoll_;
  std::map<int, std::function<void()>> readable_;
  std::multimap<Time, std::function<void()>> timers_;
  bool stopped_ = false;
};

}  // namespace ringway::wan

#pragma once
// A loop whose time a test moves by hand.

#include "base/loop.h"

namespace ringway::testing {

class ManualLoop final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(std::chrono::hours(500000)) +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch());
  }

  [[nodiscard]] Loop loop() { return {*this, timers_, deferred_, random_}; }

  /// Ends a turn: what was put off happens.
  void settle() {
    while (!deferred_.empty()) deferred_.run();
  }

  /// Moves time on, timer by timer.
  void advance(Duration duration) {
    const Time end = now_ + duration;
    settle();
    while (timers_.next() <= end) {
      now_ = std::max(now_, timers_.next());
      timers_.run(now_);
      settle();
    }
    now_ = end;
  }

 private:
  Time now_{std::chrono::seconds(1000)};
  TimerQueue timers_;
  DeferredQueue deferred_;
  SeededRandom random_{1};
};

}  // namespace ringway::testing

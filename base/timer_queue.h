#pragma once
// Deadlines on whatever time the owner hands in: a heap of timers that live inside their owners.

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/time.h"

namespace ringway {

class TimerQueue;

/// Calls back once after its deadline. Moving a deadline later costs nothing until the old one comes.
/// Destroyed timers do not fire. The queue outlives its timers.
class Timer {
 public:
  Timer(TimerQueue& queue, std::function<void()> callback) : queue_(&queue), callback_(std::move(callback)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void arm(Time deadline);
  void cancel();
  [[nodiscard]] bool armed() const { return deadline_ != kNever; }
  [[nodiscard]] Time deadline() const { return deadline_; }

 private:
  friend class TimerQueue;
  static constexpr std::size_t kOutside = SIZE_MAX;

  TimerQueue* queue_;
  std::function<void()> callback_;
  Time deadline_ = kNever;        // when it must fire
  Time place_ = kNever;           // what the heap orders it by: never later than deadline_
  std::size_t index_ = kOutside;  // in the heap
};

class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() = default;

  /// Fires every timer whose deadline is not after `now`. Callbacks may arm, cancel and destroy timers.
  void run(Time now);
  /// No timer fires before this; kNever where none is armed.
  [[nodiscard]] Time next() const { return heap_.empty() ? kNever : heap_.front()->place_; }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  friend class Timer;
  void place(Timer& timer, Time at);
  void remove(Timer& timer);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);
  void put(std::size_t index, Timer* timer);

  std::vector<Timer*> heap_;
};

/// What must happen after the present callback has returned, but in the same turn of the loop:
/// destroying the object that is being called, for instance.
class DeferredQueue {
 public:
  void post(std::function<void()> work) { items_.push_back({std::move(work), Doomed(nullptr, nullptr)}); }
  /// Destroys `object` then: for what is somewhere in the present chain of calls.
  template <class T>
  void destroy(std::unique_ptr<T> object) {
    if (object == nullptr) return;
    items_.push_back({nullptr, Doomed(object.release(), [](void* doomed) { delete static_cast<T*>(doomed); })});
  }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  /// Runs what was posted before the call, then destroys; what is posted meanwhile waits for the next call.
  void run();

 private:
  using Doomed = std::unique_ptr<void, void (*)(void*)>;
  struct Item {
    std::function<void()> work;
    Doomed object;
  };

  std::vector<Item> items_;
  std::vector<Item> spare_;  // empty; keeps its memory for the next turn
};

}  // namespace ringway

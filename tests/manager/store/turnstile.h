#pragma once
// Where a store's thread posts to in tests.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "manager/store/store_thread.h"

namespace ringway::manager::testing {

/// A loop that turns when the test says so.
class Turnstile {
 public:
  StoreThread::Post post() {
    return [this](std::function<void()> call) {
      const std::lock_guard lock(mutex_);
      calls_.push_back(std::move(call));
      arrived_.notify_all();
    };
  }
  /// Runs one call; false where none came in time.
  bool turn(std::chrono::milliseconds most = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, most, [&] { return !calls_.empty(); })) return false;
    const std::function<void()> call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    return true;
  }
  [[nodiscard]] std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> calls_;
};

}  // namespace ringway::manager::testing

#pragma once
// Flow control of one stream or of one link, both ends of it (RFC 9000 §4). All offsets and windows are octets.
// A receive window starts small, and doubles when half of it was consumed within two round trips, up to its maximum and
// as far as the memory budgets reach. Credit goes out at half a window, and again when it is lost.

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace ringway::tmp {

/// Octets that receive windows may stand for together: one for a link, one for the process. Shared between threads.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t octets) : limit_(octets) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// False, and nothing taken, where it does not fit.
  bool take(std::uint64_t octets);
  /// Takes what must be taken, even beyond the limit: a first window is promised before the stream is known.
  void take_promised(std::uint64_t octets) { taken_.fetch_add(octets, std::memory_order_relaxed); }
  void give_back(std::uint64_t octets) { taken_.fetch_sub(octets, std::memory_order_relaxed); }
  void set_limit(std::uint64_t octets) { limit_.store(octets, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }
  /// More is taken than allowed: windows go back to their first size as they are consumed.
  [[nodiscard]] bool exceeded() const { return taken() > limit_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> taken_{0};
};

class ReceiveWindow {
 public:
  /// `budget` may be null; it outlives the window otherwise.
  ReceiveWindow(std::uint64_t first_window, std::uint64_t max_window, MemoryBudget* budget);
  ReceiveWindow(const ReceiveWindow&) = delete;
  ReceiveWindow& operator=(const ReceiveWindow&) = delete;
  ~ReceiveWindow();

  /// The peer sent up to `offset`. False where that is beyond its credit.
  [[nodiscard]] bool allows(std::uint64_t offset) const { return offset <= limit_; }
  /// The reader is done with `octets` more. True where new credit is due now: call renew().
  bool consume(std::uint64_t octets);
  /// The new limit to tell the peer (MAX_DATA, MAX_STREAM_DATA).
  std::uint64_t renew(Time now, Duration round_trip);
  /// A frame with `value` was lost; true where no later one superseded it, and it must go again.
  [[nodiscard]] bool lost(std::uint64_t value) const { return value == limit_; }

  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t window() const { return window_; }

 private:
  void resize(Time now, Duration round_trip);

  MemoryBudget* budget_;
  std::uint64_t first_window_;
  std::uint64_t max_window_;
  std::uint64_t window_;
  std::uint64_t limit_;
  std::uint64_t consumed_ = 0;
  Time renewed_{};  // when the last credit was given
};

class SendWindow {
 public:
  explicit SendWindow(std::uint64_t limit) : limit_(limit) {}

  /// The peer allows up to `limit`; a lower one than before is out of date. True where it rose.
  bool raise(std::uint64_t limit);
  void spend(std::uint64_t octets) { used_ += octets; }
  [[nodiscard]] std::uint64_t available() const { return limit_ - used_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t used() const { return used_; }

  /// The writer has more than available(): the value for one BLOCKED frame, once for each limit.
  std::optional<std::uint64_t> blocked();
  /// That frame was lost; true where the limit is still the same, and it must go again.
  [[nodiscard]] bool lost(std::uint64_t value) const { return value == limit_ && used_ >= limit_; }

 private:
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  std::optional<std::uint64_t> told_;  // the last limit that a BLOCKED frame told
};

}  // namespace ringway::tmp

#pragma once
// Flow control of one stream or of one link, both ends of it (RFC 9000 §4). All offsets and windows are octets.
// A receive window starts small, and doubles when half of it was consumed within two round trips, up to its maximum and
// as far as the process's memory reaches. Credit goes out at half of the first window or a 32nd of a large one, and
// again when it is lost. A stream gets credit as its reader is done with octets. A link gets it as readers are given
// them, so that a reader that stops does not stop the others: what readers hold is bounded by their streams' windows,
// and by memory (ReaderLoan).

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"

namespace ringway::tmp {

/// What the state of memory lets a receive window do when it is renewed.
enum class WindowGrowth : std::uint8_t { shrink, hold, allow };

/// Octets that the receive windows of all links of the process, and what their readers hold, may come to together.
/// Shared between threads.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t octets) : limit_(octets) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  void take(std::uint64_t octets) { taken_.fetch_add(octets, std::memory_order_relaxed); }
  void give_back(std::uint64_t octets) { taken_.fetch_sub(octets, std::memory_order_relaxed); }
  void set_limit(std::uint64_t octets) { limit_.store(octets, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }
  /// Whether a window may grow by `octets`; where even now too much is taken, windows shrink as they are consumed.
  [[nodiscard]] WindowGrowth advice(std::uint64_t octets) const;
  /// Whether one stream's window of `octets` may become `grown`: each may stand for a 16th of what is free, so that
  /// however many readers stop, something stays free for the next one (dynamic thresholds, Choudhury and Hahne 1998).
  [[nodiscard]] WindowGrowth stream_advice(std::uint64_t octets, std::uint64_t grown) const;

 private:
  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> taken_{0};
};

class ReceiveWindow {
 public:
  ReceiveWindow(std::uint64_t first_window, std::uint64_t max_window, Time now);

  /// The peer sent up to `offset`. False where that is beyond its credit.
  [[nodiscard]] bool allows(std::uint64_t offset) const { return offset <= limit_; }
  /// The reader is done with `octets` more. True where new credit is due now: call renew().
  bool consume(std::uint64_t octets);
  /// New credit: the limit to tell the peer (MAX_DATA, MAX_STREAM_DATA).
  std::uint64_t renew(Time now, Duration round_trip, WindowGrowth growth);
  /// A frame with `value` was lost; true where no later one superseded it, and it must go again.
  [[nodiscard]] bool lost(std::uint64_t value) const { return value == limit_; }

  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t window() const { return window_; }
  /// What it becomes where it may grow.
  [[nodiscard]] std::uint64_t grown() const { return std::min(window_ * 2, max_window_); }

 private:
  void resize(Time now, Duration round_trip, WindowGrowth growth);

  std::uint64_t first_window_;
  std::uint64_t max_window_;
  std::uint64_t window_;
  std::uint64_t limit_;
  std::uint64_t consumed_ = 0;
  // When the window's size was judged last, and how much was consumed by then.
  Time judged_;
  std::uint64_t judged_at_ = 0;
};

/// What a link's readers were given and are not done with, as far as the link got credit for it before they are.
class ReaderLoan {
 public:
  /// Without `budget`, nothing bounds it.
  explicit ReaderLoan(MemoryBudget* budget) : budget_(budget) {}
  ReaderLoan(const ReaderLoan&) = delete;
  ReaderLoan& operator=(const ReaderLoan&) = delete;
  ~ReaderLoan();

  /// A reader is given `octets`. Returns the link's credit for them: all, or none where memory does not reach.
  std::uint64_t lend(std::uint64_t octets);
  /// Readers are done with `octets`, or nobody will read them. Returns the link's credit: what was not given before.
  std::uint64_t repay(std::uint64_t octets);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// Memory did not reach since this was asked last.
  bool take_refused() { return std::exchange(refused_, false); }

 private:
  MemoryBudget* budget_;
  std::uint64_t octets_ = 0;
  bool refused_ = false;
};

class SendWindow {
 public:
  explicit SendWindow(std::uint64_t limit) : limit_(limit) {}

  /// The peer allows up to `limit`; a lower one than before is out of date. True where it rose.
  bool raise(std::uint64_t limit);
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  /// What may still leave where `used` octets have.
  [[nodiscard]] std::uint64_t available(std::uint64_t used) const { return limit_ > used ? limit_ - used : 0; }

  /// Nothing is available and something waits: whether a BLOCKED frame is due; once for each limit.
  bool must_tell_blocked();
  /// A BLOCKED frame with `value` was lost; true where `used` still is all of that limit, and it must go again.
  [[nodiscard]] bool blocked_lost(std::uint64_t value, std::uint64_t used) const {
    return value == limit_ && used >= limit_;
  }

 private:
  std::uint64_t limit_;
  std::optional<std::uint64_t> told_;  // the limit that the last BLOCKED frame told
};

}  // namespace ringway::tmp

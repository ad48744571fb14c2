#include "tmp_protocol/flow_control.h"

#include <algorithm>

namespace ringway::tmp {

namespace {

/// Credit comes back in so many parts of a window that has grown: what is read and not told yet is missing at the
/// sender, far away. Small answers, that need no more than the first window, cause no frames.
constexpr std::uint64_t kCreditParts = 32;
/// The part of the free memory that one stream's window may stand for.
constexpr std::uint64_t kStreamsShare = 16;

}  // namespace

WindowGrowth MemoryBudget::advice(std::uint64_t octets) const {
  const std::uint64_t now = taken();
  const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
  if (now > limit) return WindowGrowth::shrink;
  return octets <= limit - now ? WindowGrowth::allow : WindowGrowth::hold;
}

WindowGrowth MemoryBudget::stream_advice(std::uint64_t octets, std::uint64_t grown) const {
  const std::uint64_t now = taken();
  const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
  const std::uint64_t share = limit > now ? (limit - now) / kStreamsShare : 0;
  if (octets > share) return WindowGrowth::shrink;
  return grown <= share ? WindowGrowth::allow : WindowGrowth::hold;
}

ReceiveWindow::ReceiveWindow(std::uint64_t first_window, std::uint64_t max_window, Time now)
    : first_window_(first_window),
      max_window_(std::max(first_window, max_window)),
      window_(first_window),
      limit_(first_window),
      judged_(now) {}

bool ReceiveWindow::consume(std::uint64_t octets) {
  consumed_ += octets;
  return limit_ <= consumed_ || limit_ - consumed_ <= window_ - std::max(window_ / kCreditParts, first_window_ / 2);
}

/// A window of which a quarter in a round trip is used up may be what limits the sender. The pace counts: where credit
/// comes in halves, and so every round trip and a little, none of them would be judged to be quick.
void ReceiveWindow::resize(Time now, Duration round_trip, WindowGrowth growth) {
  if (growth == WindowGrowth::shrink) window_ = std::max(first_window_, window_ / 2);
  const std::uint64_t used = consumed_ - judged_at_;
  const std::uint64_t quarter = window_ / 4;
  if (used < quarter) return;
  const bool quick =
      to_seconds(now - judged_) * static_cast<double>(quarter) < to_seconds(round_trip) * static_cast<double>(used);
  if (growth == WindowGrowth::allow && quick) window_ = grown();
  judged_ = now;
  judged_at_ = consumed_;
}

std::uint64_t ReceiveWindow::renew(Time now, Duration round_trip, WindowGrowth growth) {
  resize(now, round_trip, growth);
  limit_ = std::max(limit_, consumed_ + window_);  // credit once given is never taken back
  return limit_;
}

ReaderLoan::~ReaderLoan() {
  if (budget_ != nullptr) budget_->give_back(octets_);
}

std::uint64_t ReaderLoan::lend(std::uint64_t octets) {
  if (budget_ != nullptr) {
    if (budget_->advice(octets) != WindowGrowth::allow) {
      refused_ = true;
      return 0;
    }
    budget_->take(octets);
  }
  octets_ += octets;
  return octets;
}

std::uint64_t ReaderLoan::repay(std::uint64_t octets) {
  const std::uint64_t lent = std::min(octets, octets_);
  if (lent == 0) return octets;
  octets_ -= lent;
  if (budget_ != nullptr) budget_->give_back(lent);
  return octets - lent;
}

bool SendWindow::raise(std::uint64_t limit) {
  if (limit <= limit_) return false;
  limit_ = limit;
  return true;
}

bool SendWindow::must_tell_blocked() {
  if (told_ == limit_) return false;
  told_ = limit_;
  return true;
}

}  // namespace ringway::tmp

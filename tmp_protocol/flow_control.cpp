#include "tmp_protocol/flow_control.h"

#include <algorithm>

namespace ringway::tmp {

WindowGrowth MemoryBudget::advice(std::uint64_t octets) const {
  const std::uint64_t now = taken();
  const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
  if (now > limit) return WindowGrowth::shrink;
  return octets <= limit - now ? WindowGrowth::allow : WindowGrowth::hold;
}

ReceiveWindow::ReceiveWindow(std::uint64_t first_window, std::uint64_t max_window, Time now)
    : first_window_(first_window),
      max_window_(std::max(first_window, max_window)),
      window_(first_window),
      limit_(first_window),
      renewed_(now) {}

bool ReceiveWindow::consume(std::uint64_t octets) {
  consumed_ += octets;
  return limit_ <= consumed_ || limit_ - consumed_ <= window_ / 2;
}

std::uint64_t ReceiveWindow::renew(Time now, Duration round_trip, WindowGrowth growth) {
  if (growth == WindowGrowth::shrink) {
    window_ = std::max(first_window_, window_ / 2);
  } else if (growth == WindowGrowth::allow && now - renewed_ < 2 * round_trip) {
    window_ = std::min(window_ * 2, max_window_);
  }
  renewed_ = now;
  limit_ = std::max(limit_, consumed_ + window_);  // credit once given is never taken back
  return limit_;
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

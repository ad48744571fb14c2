#include "tmp_protocol/replay_window.h"

#include <algorithm>

namespace ringway::tmp {

bool ReplayWindow::fresh(std::uint64_t number) const {
  if (number >= next_) return true;
  if (next_ - number > kReplayWindow) return false;
  return (taken_[number / 64 % kWords] >> (number % 64) & 1) == 0;
}

bool ReplayWindow::take(std::uint64_t number) {
  if (!fresh(number)) return false;
  if (number >= next_) {
    // The words between the old highest and the new one are of numbers long gone: clear them for their new ones.
    const std::uint64_t last = next_ == 0 ? 0 : (next_ - 1) / 64;
    const std::uint64_t steps = std::min(number / 64 - last, kWords);
    for (std::uint64_t step = 1; step <= steps; ++step) taken_[(last + step) % kWords] = 0;
    next_ = number + 1;
  }
  taken_[number / 64 % kWords] |= 1ULL << (number % 64);
  return true;
}

}  // namespace ringway::tmp

#pragma once
// The queue that stands in the path, seen through RTT samples: the least of a short span over the least of a
// long one. The least, since jitter adds to single samples and a standing queue to all.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

class PathQueue {
 public:
  /// `least` is the path's RTT without a queue.
  void on_sample(Duration rtt, Duration smoothed, Duration least, Time now);

  /// What stands now.
  [[nodiscard]] Duration standing() const { return standing_; }
  /// The most that stood in the last 10 to 20 s, or 32 to 64 RTT where that is longer.
  [[nodiscard]] Duration deepest() const { return deepest_previous_ > deepest_current_ ? deepest_previous_ : deepest_current_; }
  /// Whether what stands is more than the path's unrest.
  [[nodiscard]] bool stands() const { return standing_ > threshold_; }

 private:
  void roll(Duration smoothed, Time now);

  Duration standing_{};
  Duration threshold_ = Duration::max();
  Duration short_least_ = Duration::max();  // of the span under way
  std::uint32_t short_samples_ = 0;
  Time short_began_{};
  Duration deepest_previous_{};
  Duration deepest_current_{};
  Time deep_began_{};
};

}  // namespace ringway::tmp

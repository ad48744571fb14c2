#pragma once
// The queue that stands in the path, seen through RTT samples: the least of a short span (an eighth of the
// RTT) over the least of a long one. The least, since jitter adds to single samples and a queue to all.

#include <cstdint>

#include "base/time.h"
#include "tmp_protocol/rtt_estimator.h"

namespace ringway::tmp {

class PathQueue {
 public:
  /// `rtt` has just taken a sample.
  void on_sample(const RttEstimator& rtt, Time now);

  /// What stood in the last whole span.
  [[nodiscard]] Duration standing() const { return standing_; }
  /// The most that stood in the last 10 to 20 s, or 32 to 64 RTT where that is longer.
  [[nodiscard]] Duration deepest() const {
    return deepest_previous_ > deepest_current_ ? deepest_previous_ : deepest_current_;
  }
  /// Whether what stands is more than the path's unrest.
  [[nodiscard]] bool stands() const { return standing_ > threshold_; }

 private:
  void roll(Duration smoothed, Time now);

  Duration standing_{};
  Duration threshold_ = Duration::max();  // of unrest
  Duration short_least_ = Duration::max();
  std::uint32_t short_samples_ = 0;
  Time short_began_{};
  Duration deepest_previous_{};
  Duration deepest_current_{};
  Time deep_began_{};
};

}  // namespace ringway::tmp

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
  /// What stood in the last two spans at least, jitter taken off: for what cannot be taken back.
  [[nodiscard]] Duration surely() const { return surely_; }
  /// The most that stood in the last 10 to 20 s, or 32 to 64 RTT where that is longer.
  [[nodiscard]] Duration deepest() const {
    return deepest_previous_ > deepest_current_ ? deepest_previous_ : deepest_current_;
  }
  /// What may seem to stand without a queue.
  [[nodiscard]] Duration unrest() const { return unrest_; }
  /// How far single samples lie above the least around them: jitter, on the average.
  [[nodiscard]] Duration spread() const { return spread_; }
  /// Whether a queue stands that is worth the name, beyond `own`, which the link itself may have built.
  [[nodiscard]] bool stands(Duration own = {}) const { return surely_ > grain_ + own; }

 private:
  void roll(Duration smoothed, Time now);

  Duration standing_{};
  Duration grain_ = std::chrono::hours(1);  // less is no queue; until measured nothing is
  Duration unrest_ = std::chrono::hours(1);
  Duration surely_{};
  Duration spread_{};
  Duration short_least_ = Duration::max();
  Duration short_sum_{};
  std::uint32_t short_samples_ = 0;
  Time short_began_{};
  Duration deepest_previous_{};
  Duration deepest_current_{};
  Time deep_began_{};
};

}  // namespace ringway::tmp

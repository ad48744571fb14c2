#pragma once
// Round-trip times of one path (RFC 9002 §5) and the probe time-out that follows from them.

#include "base/time.h"

namespace ringway::tmp {

class RttEstimator {
 public:
  /// One sample: `rtt` from sending to the acknowledgement, `ack_delay` as the peer reports it (it may lie:
  /// the delay is never taken below the least RTT seen).
  void on_sample(Duration rtt, Duration ack_delay, Time now);

  [[nodiscard]] bool measured() const { return measured_; }
  [[nodiscard]] Duration latest() const { return latest_; }
  [[nodiscard]] Duration smoothed() const { return smoothed_; }
  [[nodiscard]] Duration variation() const { return variation_; }
  /// The least of the last limits::kMinRttWindow or so: a route may change for the longer.
  [[nodiscard]] Duration least() const { return least_; }
  /// smoothed + max(4·variation, 1 ms), without back-off and without the peer's acknowledgement delay.
  [[nodiscard]] Duration probe_timeout() const;

 private:
  void update_least(Duration rtt, Time now);

  bool measured_ = false;
  Duration latest_{};
  Duration smoothed_ = std::chrono::milliseconds(100);  // until measured: a link spans a country, not the world
  Duration variation_ = std::chrono::milliseconds(50);
  Duration least_{};
  Duration next_least_{};  // the least of the half window that is running
  Time half_began_{};
};

}  // namespace ringway::tmp

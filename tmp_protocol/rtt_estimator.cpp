#include "tmp_protocol/rtt_estimator.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

using namespace std::chrono_literals;

void RttEstimator::on_sample(Duration rtt, Duration ack_delay, Time now) {
  rtt = std::max<Duration>(rtt, 1us);
  update_least(rtt, now);
  ack_delay = std::min<Duration>(ack_delay, limits::kMaxAckDelay);
  latest_ = rtt - least_ >= ack_delay ? rtt - ack_delay : rtt;
  if (!measured_) {
    measured_ = true;
    smoothed_ = latest_;
    variation_ = latest_ / 2;
    return;
  }
  variation_ = (3 * variation_ + std::chrono::abs(smoothed_ - latest_)) / 4;
  smoothed_ = (7 * smoothed_ + latest_) / 8;
}

void RttEstimator::update_least(Duration rtt, Time now) {
  if (!measured_ || now - half_began_ > limits::kMinRttWindow / 2) {
    least_ = measured_ ? std::min(next_least_, rtt) : rtt;
    next_least_ = rtt;
    half_began_ = now;
    return;
  }
  next_least_ = std::min(next_least_, rtt);
  least_ = std::min(least_, rtt);
}

Duration RttEstimator::probe_timeout() const { return smoothed_ + std::max<Duration>(4 * variation_, 1ms); }

}  // namespace ringway::tmp

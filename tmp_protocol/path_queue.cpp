#include "tmp_protocol/path_queue.h"

#include <algorithm>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

/// Fewer samples than this do not tell a queue from jitter.
constexpr std::uint32_t kSpanSamples = 2;

/// A queue below this is not worth an answer.
Duration grain_of(Duration least) { return std::clamp<Duration>(least / 16, 500us, 8ms); }

/// What the least of a few samples may be above the least of all without a queue.
Duration unrest_of(Duration least, Duration variation, Duration spread) {
  const Duration grain = grain_of(least);
  return std::clamp(2 * variation, grain, std::clamp<Duration>(least / 8, grain, 10ms)) + spread;
}

}  // namespace

void PathQueue::on_sample(const RttEstimator& rtt, Time now) {
  short_least_ = std::min(short_least_, rtt.latest());
  short_sum_ += rtt.latest();
  ++short_samples_;
  if (short_samples_ < kSpanSamples || now - short_began_ < rtt.smoothed() / 8) return;
  const Duration before = standing_;
  standing_ = std::max(short_least_ - rtt.least(), Duration::zero());
  surely_ = std::min(before, standing_) - 2 * spread_ - std::min(2 * rtt.variation(), rtt.least() / 8);
  spread_ += (short_sum_ / short_samples_ - short_least_ - spread_) / 8;
  grain_ = grain_of(rtt.least());
  unrest_ = unrest_of(rtt.least(), rtt.variation(), spread_);
  roll(rtt.smoothed(), now);
  deepest_current_ = std::max(deepest_current_, standing_);
  short_least_ = Duration::max();
  short_sum_ = Duration::zero();
  short_samples_ = 0;
  short_began_ = now;
}

void PathQueue::roll(Duration smoothed, Time now) {
  if (now - deep_began_ < std::max<Duration>(10s, 32 * smoothed)) return;
  deepest_previous_ = deepest_current_;
  deepest_current_ = Duration::zero();
  deep_began_ = now;
}

}  // namespace ringway::tmp

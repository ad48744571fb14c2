#include "tmp_protocol/path_queue.h"

#include <algorithm>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

/// Fewer samples than this do not tell a queue from jitter.
constexpr std::uint32_t kSpanSamples = 2;

/// The path's own unrest: what the least of a few samples may be above the least of all without a queue.
Duration unrest(Duration least, Duration variation) {
  const Duration floor = std::max<Duration>(500us, least / 16);
  return std::clamp(2 * variation, floor, std::max(floor, least / 8));
}

}  // namespace

void PathQueue::on_sample(const RttEstimator& rtt, Time now) {
  short_least_ = std::min(short_least_, rtt.latest());
  ++short_samples_;
  if (short_samples_ < kSpanSamples || now - short_began_ < rtt.smoothed() / 8) return;
  standing_ = std::max(short_least_ - rtt.least(), Duration::zero());
  threshold_ = unrest(rtt.least(), rtt.variation());
  roll(rtt.smoothed(), now);
  deepest_current_ = std::max(deepest_current_, standing_);
  short_least_ = Duration::max();
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

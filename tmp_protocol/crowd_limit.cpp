#include "tmp_protocol/crowd_limit.h"

#include <algorithm>

namespace ringway::tmp {

namespace {

/// Until a change has shown in the losses, and enough packets to tell a share of them.
constexpr std::uint64_t kSpanRounds = 2;
constexpr std::size_t kSpanPackets = 128;
constexpr double kCrowded = 0.10;  // of the packets lost
/// A burst of losses alone (start-up's end, one who joins the path) is answered by the flows.
constexpr std::uint32_t kCrowdedSpans = 2;
constexpr double kCalm = 0.05;
constexpr int kMostQueue = 2;  // round trips

}  // namespace

void CrowdLimit::on_ack(const CrowdView& view) {
  if (view.round < span_ends_ || arrived_ + lost_ < kSpanPackets) return;
  judge(view);
  span_ends_ = view.round + kSpanRounds;
  arrived_ = lost_ = 0;
}

void CrowdLimit::judge(const CrowdView& view) {
  const std::uint32_t now = counted();
  const double share = static_cast<double>(lost_) / static_cast<double>(arrived_ + lost_);
  const bool calm = share < kCalm;
  const bool floor_rules = view.window <= now + now / 8;  // or nearly
  const bool crowded = share > kCrowded || (floor_rules && view.queue > kMostQueue * view.base_rtt);
  crowded_spans_ = crowded ? crowded_spans_ + 1 : 0;
  yields_ = crowded_spans_ >= kCrowdedSpans || (yields_ && !calm);
  if (yields_) {
    const std::uint32_t least = view.queue > view.unrest ? 1U : static_cast<std::uint32_t>(view.delivered / 2);
    most_ = std::max({now * 3 / 4, least, 1U});
  } else if (now == hosted_) {
    most_ = UINT32_MAX;
  } else if (calm && !(floor_rules && 2 * view.queue > view.unrest)) {
    most_ = now + (floor_rules ? 1 : now / 16 + 1);
  }
}

}  // namespace ringway::tmp

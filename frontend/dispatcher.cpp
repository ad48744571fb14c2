#include "frontend/dispatcher.h"

namespace ringway::frontend {

namespace {

/// A lost packet costs about two more round trips; several packets make an answer.
constexpr double kLossWeight = 10;
/// What one pending exchange adds, so that equal links share the work.
constexpr double kPendingMilliseconds = 0.25;
/// About three probe time-outs: a lost packet alone is answered before.
constexpr Duration kLeastSilence = std::chrono::milliseconds(500);
constexpr int kSilentRoundTrips = 6;

}  // namespace

double expected_milliseconds(const tmp::LinkQuality& quality, std::size_t streams) {
  const double round_trip = to_milliseconds(quality.smoothed_rtt);
  const double loss = std::max(quality.sent_loss, quality.received_loss);
  const double rate = static_cast<double>(std::max<std::uint64_t>(quality.delivery_octets_per_s, 1));
  const double queue =
      quality.queued_octets == 0 ? 0 : std::min(1e4, static_cast<double>(quality.queued_octets) / rate * 1e3);
  return round_trip * (1 + kLossWeight * loss) + queue + kPendingMilliseconds * static_cast<double>(streams);
}

bool silent(const tmp::LinkQuality& quality) {
  return quality.silence > std::max<Duration>(kLeastSilence, kSilentRoundTrips * quality.smoothed_rtt);
}

tmp::Link* Dispatcher::choose(const Site& site, const TriedLinks& tried) const {
  tmp::Link* best = nullptr;
  std::pair<bool, double> best_rank;  // silent ones last
  for (const tmp::PeerTarget& target : site.backends) {
    const auto found = links_.find(target.name);
    if (found == links_.end()) continue;
    tmp::Link* link = found->second;
    if (!link->up() || draining_.contains(link)) continue;
    if (std::find(tried.begin(), tried.end(), link) != tried.end()) continue;
    if (site.backends.size() == 1) return link;
    const tmp::LinkQuality quality = link->quality();
    const std::pair rank(silent(quality), expected_milliseconds(quality, link->streams()));
    if (best == nullptr || rank < best_rank) {
      best = link;
      best_rank = rank;
    }
  }
  return best;
}

bool Dispatcher::should_leave(const Site& site, const TriedLinks& tried) const {
  if (!silent(tried.back()->quality())) return false;
  const tmp::Link* other = choose(site, tried);
  return other != nullptr && !silent(other->quality());
}

}  // namespace ringway::frontend

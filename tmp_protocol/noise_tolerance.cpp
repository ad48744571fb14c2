#include "tmp_protocol/noise_tolerance.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

namespace {

/// Losses in a row that may be noise however small the window is.
constexpr double kLeastCredit = 8;
/// A delivery rate below this share of the recent best has dropped; bursts of noise alone stay above.
constexpr double kDropped = 0.6;
/// Packets below which one burst of noise looks like a drop.
constexpr std::size_t kTellingWindow = 64;
/// Round trips until a cut of the window has shown in the delivery rate.
constexpr std::uint64_t kBlindRounds = 3;

}  // namespace

void NoiseTolerance::on_acked(std::size_t packets, std::size_t window, const DeliveryRate& rate) {
  const double most = kLeastCredit + 2 * bound_ * static_cast<double>(window);
  window_ = window;
  credit_ = std::min(credit_ + bound_ * static_cast<double>(packets), most);
  if (rate.round() < blind_until_ || rate.last_round() <= 0) return;
  if (rate.last_round() < peak_ && rate.round() - peak_round_ < limits::kRateWindowRounds) return;
  peak_ = rate.last_round();
  peak_round_ = rate.round();
}

bool NoiseTolerance::tolerates(const PathQueue& queue, const DeliveryRate& rate, Duration own) {
  if (bound_ <= 0 || credit_ < 1) return false;
  if (queue.stands(own) && 2 * queue.standing() >= queue.deepest()) return false;
  if (rate_dropped(rate)) return false;
  credit_ -= 1;
  return true;
}

bool NoiseTolerance::rate_dropped(const DeliveryRate& rate) const {
  if (window_ < kTellingWindow || rate.round() < blind_until_) return false;
  return rate.last_round() > 0 && rate.last_round() < kDropped * peak_;
}

void NoiseTolerance::on_cut(const DeliveryRate& rate) {
  peak_ = 0;
  blind_until_ = rate.round() + kBlindRounds;
}

}  // namespace ringway::tmp

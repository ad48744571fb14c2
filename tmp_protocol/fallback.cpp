#include "tmp_protocol/fallback.h"

#include <algorithm>
#include <utility>

namespace ringway::tmp {

namespace {

/// One echo could be luck: a path that passes few of the datagrams is worse than a carrier.
constexpr int kEchoes = 3;

}  // namespace

Time Fallback::leaves_at(Time waiting_since, Duration patience) const {
  if (phase_ == Phase::dialing || phase_ == Phase::carried) return kNever;
  const Time silent = waiting_since == kNever ? kNever : waiting_since + patience;
  if (phase_ == Phase::returned) return silent;
  const Time at = std::min(dial_at_, silent);
  return at == kNever ? kNever : std::max(at, dial_not_before_);
}

void Fallback::on_dialed(CarrierId carrier, Time now) {
  dial_at_ = kNever;
  dial_not_before_ = now + limits::kCarrierRedialPause;
  carrier_ = carrier;
  if (carrier != kNoCarrier) phase_ = Phase::dialing;
}

bool Fallback::on_up(CarrierId carrier, Time now) {
  if (phase_ != Phase::dialing || carrier != carrier_) return false;
  carry(now);
  return true;
}

bool Fallback::on_down(CarrierId carrier, Time now) {
  if (carrier == kNoCarrier || carrier != carrier_) return false;
  carrier_ = kNoCarrier;
  const bool carried = std::exchange(phase_, Phase::direct) == Phase::carried;
  if (carried) dial_at_ = now;
  return carried;
}

void Fallback::on_carried_again(Time now) { carry(now); }

void Fallback::carry(Time now) {
  phase_ = Phase::carried;
  echoes_ = 0;
  // A path that passes echoes and then nothing is tried ever more seldom.
  if (now - returned_at_ > limits::kMaxUdpTrialPause) trial_pause_ = limits::kMinUdpTrialPause;
  plan_trial(now);
}

CarrierId Fallback::on_udp_answers() {
  dial_at_ = kNever;
  return phase_ == Phase::dialing ? hang_up() : kNoCarrier;
}

bool Fallback::on_echo(Time now) {
  if (phase_ != Phase::carried || ++echoes_ < kEchoes) return false;
  phase_ = Phase::returned;
  returned_at_ = now;
  keep_until_ = now + limits::kCarrierKeepTime;
  peer_returned_ = false;
  return true;
}

void Fallback::on_no_echo(Time now) {
  echoes_ = 0;
  plan_trial(now);
}

/// Between three quarters and five quarters of the pause, so that many gateways do not come back in step.
void Fallback::plan_trial(Time now) {
  trial_at_ = now + from_seconds(to_seconds(trial_pause_) * (0.75 + random_.unit() / 2));
  trial_pause_ = std::min<Duration>(2 * trial_pause_, limits::kMaxUdpTrialPause);
}

CarrierId Fallback::hang_up() {
  phase_ = Phase::direct;
  return std::exchange(carrier_, kNoCarrier);
}

}  // namespace ringway::tmp

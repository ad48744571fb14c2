// UDP, or a carrier: the end that made the link chooses (fallback.h), the other one follows its packets (RFC 9000 §9).

#include <fmt/format.h>

#include <algorithm>

#include "tmp_protocol/connection.h"

namespace ringway::tmp {

/// How long an answer over UDP may take.
Duration Connection::patience() const {
  if (state_ != State::up) return limits::kFallbackDelay;
  return std::max<Duration>(limits::kFallbackSilence, 4 * recovery_.probe_timeout());
}

Time Connection::fallback_timeout() const {
  if (setup_.end != End::client) return kNever;
  const Time trial = state_ == State::up ? fallback_.trial_at() : kNever;
  return std::min({fallback_.leaves_at(liveness_.unanswered_since(), patience()), trial, fallback_.hang_up_at()});
}

void Connection::advance_fallback() {
  if (setup_.end != End::client) return;
  if (fallback_.leaves_at(liveness_.unanswered_since(), patience()) <= now()) leave_udp();
  if (state_ == State::up && fallback_.trial_at() <= now()) {
    fallback_.on_trial();
    validation_.begin_trial(setup_.remote, loop_.random, now());
  }
  if (fallback_.hang_up_at() > now()) return;
  fallback_.peer_returned() ? hang_up(fallback_.hang_up()) : leave_udp();
}

void Connection::leave_udp() {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience()).count();
  if (liveness_.unanswered_since() != kNever) travel_reason_ = fmt::format("no answer over UDP in {} ms", ms);
  if (fallback_.phase() == Fallback::Phase::returned) {
    if (liveness_.unanswered_since() == kNever) travel_reason_ = "the peer did not come back to UDP";
    fallback_.on_carried_again(now());
    carry(fallback_.carrier());
  } else {
    fallback_.on_dialed(host_.on_connection_dials(*this), now());
  }
}

void Connection::on_carrier_up(CarrierId carrier) {
  if (!fallback_.on_up(carrier, now())) return;
  carrier_reason_.clear();
  carry(carrier);
}

void Connection::carry(CarrierId carrier) {
  liveness_.on_heard(now());  // it is there: what was asked over UDP does not count
  liveness_.on_answered();
  validation_.cancel();
  go_by({setup_.remote.address, carrier});
}

void Connection::on_carrier_down(CarrierId carrier, const std::string& reason) {
  if (carrier == fallback_.carrier()) carrier_reason_ = reason;
  if (fallback_.on_down(carrier, now())) {
    travel_reason_ = "the carrier is lost: " + reason;
    validation_.cancel();
    go_by(setup_.remote);
  } else {
    carrier_full_ = false;
    due_.ping = keys_ != nullptr;  // is the peer still there, and where?
  }
}

void Connection::on_udp_answers() {
  if (setup_.end == End::client) hang_up(fallback_.on_udp_answers());
}

void Connection::on_trial_answered(const Route& remote) {
  if (!fallback_.on_echo(now())) return validation_.begin_trial(remote, loop_.random, now());
  travel_reason_ = "UDP passes again";
  go_by(remote);
}

void Connection::advance_validation() {
  const bool trial = validation_.active() && fallback_.phase() == Fallback::Phase::carried;
  validation_.advance(now());
  if (trial && !validation_.active()) fallback_.on_no_echo(now());
}

void Connection::hang_up(CarrierId carrier) {
  if (carrier != kNoCarrier) host_.on_connection_hangs_up(carrier);
}

void Connection::tell_travel() {
  const Travel travel = path_.remote().travel();
  if (travel == travel_told_) return;
  travel_told_ = travel;
  ++(travel == Travel::carrier ? counters_.times_carried : counters_.times_returned);
  host_.on_connection_travel(*this, travel, travel_reason_);
}

}  // namespace ringway::tmp

// What time brings: losses, probes, acknowledgements, keepalive, quality reports, fresh keys, and the end.

#include <algorithm>

#include "tmp_protocol/connection.h"

namespace ringway::tmp {

namespace {

/// How often forgotten streams are looked at.
constexpr Duration kStreamCheckInterval = std::chrono::seconds(1);

}  // namespace

void Connection::advance() {
  if (state_ == State::gone) return;
  if (state_ == State::closing) {
    if (now() >= close_until_) end_at_once(reason_);
    return;
  }
  if (now() >= std::min(liveness_.dead_at(), handshake_dead_at())) return end_at_once(describe_silence());
  advance_fallback();
  if (handshake_ != nullptr) handshake_->on_timer(now());
  if (keys_ == nullptr) return;
  if (recovery_.timeout() <= now()) recovery_.on_timer(now(), *this);
  advance_validation();
  keys_->advance(now());
  if (state_ == State::up) advance_up();
}

void Connection::advance_up() {
  if (now() >= liveness_.ping_at(keepalive_interval())) due_.ping = true;
  if (keys_->rehandshake_due(now())) keys_->begin_rehandshake(tls_settings());
  if (now() >= quality_at()) {
    due_.quality = true;
    active_ = false;
    quality_told_ = now();
  }
  if (streams() != 0 && now() - streams_checked_ >= kStreamCheckInterval) {
    streams_checked_ = now();
    streams_->expire();
  }
}

void Connection::note_activity() {
  if (active_) return;
  active_ = true;
  quality_told_ = now();
}

std::string Connection::describe_silence() const {
  std::string text = handshake_ == nullptr || !handshake_->silent()
                         ? "the peer is silent"
                         : "no answer: the peer is away, or of another authority";
  if (!carrier_reason_.empty()) text.append("; over TLS on TCP: ").append(carrier_reason_);
  return text;
}

Duration Connection::keepalive_interval() const {
  const Duration interval = streams() != 0 ? limits::kBusyKeepaliveInterval : limits::kKeepaliveInterval;
  // The accepting end lets the other one ask first.
  return setup_.end == End::client ? interval : interval + interval / 4;
}

Time Connection::quality_at() const {
  if (!active_) return kNever;
  return quality_told_ + std::max<Duration>(limits::kMinQualityInterval, recovery_.rtt().smoothed());
}

Time Connection::handshake_dead_at() const {
  if (state_ == State::up) return kNever;
  // Until the carrier is there or has failed.
  if (fallback_.phase() == Fallback::Phase::dialing) return begun_ + limits::kHandshakeLimit;
  return std::min(liveness_.last_heard() + limits::kHandshakeSilenceLimit, begun_ + limits::kHandshakeLimit);
}

Time Connection::send_timeout() const {
  if (carrier_full_) return kNever;
  if (path_.allowance() < limits::kMinPacketOctets) return kNever;  // the peer's next packet opens it
  Time next = handshake_ == nullptr ? kNever : handshake_->next_timeout(now());
  if (keys_ == nullptr) return next;
  next = std::min({next, acks_.timeout(), validation_.next_timeout()});
  if (streams_->queued_octets() == 0) next = std::min(next, repair_sender_.timeout());
  if (content_waits() && recovery_.gate(now()) == SendGate::paced) next = std::min(next, recovery_.release_time());
  return next;
}

Time Connection::next_timeout() const {
  if (state_ == State::gone) return kNever;
  if (state_ == State::closing) return close_until_;
  Time next = std::min({liveness_.dead_at(), handshake_dead_at(), send_timeout(), fallback_timeout()});
  if (keys_ == nullptr) return next;
  next = std::min({next, recovery_.timeout(), keys_->next_timeout()});
  if (state_ != State::up) return next;
  next = std::min({next, quality_at(), due_.ping ? kNever : liveness_.ping_at(keepalive_interval())});
  if (streams() != 0) next = std::min(next, streams_checked_ + kStreamCheckInterval);
  return next;
}

}  // namespace ringway::tmp

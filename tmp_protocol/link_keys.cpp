#include "tmp_protocol/link_keys.h"

#include <algorithm>

namespace ringway::tmp {

LinkKeys::LinkKeys(End end, const LinkSecrets& secrets, Time now)
    : end_(end),
      sealing_(secrets.suite, ours(secrets)),
      opening_(secrets.suite, theirs(secrets)),
      phase_at_(now),
      rehandshake_at_(now + limits::kRehandshakeInterval) {}

bool LinkKeys::seal(MutableBytes packet, ConnectionId destination, std::uint64_t number) {
  next_number_ = number + 1;
  return sealing_.seal(packet, destination, 0, number);
}

OpenedPacket LinkKeys::open(MutableBytes packet, ReplayWindow& window, Time now, Duration grace) {
  const OpenedPacket opened = opening_.open(packet, 0, window);
  if (opened.status != OpenStatus::opened || opened.step == KeyStep::none) return opened;
  forget_at_ = now + grace;
  if (opened.step == KeyStep::epoch) {
    if (coming_ != nullptr) seal_under_next_epoch(now);
    inner_.reset();
  }
  return opened;
}

void LinkKeys::renew(Time now) {
  if (!phase_acked_) return;
  const bool many = sealing_.sealed() >= limits::kKeyUpdatePackets;
  const bool old = now - phase_at_ >= limits::kKeyUpdateInterval;
  if (!many && !old) return;
  sealing_.next_phase();
  begin_phase(now);
}

void LinkKeys::begin_phase(Time now) {
  phase_start_ = next_number_;
  phase_at_ = now;
  phase_acked_ = false;
  ++phases_;
}

void LinkKeys::begin_rehandshake(TlsPeerSettings settings) {
  inner_ = std::make_unique<Handshake>(std::move(settings), next_epoch());
  if (end_ == End::client) inner_->start();
}

void LinkKeys::install(const LinkSecrets& secrets, Time now) {
  opening_.next_epoch(secrets.suite, theirs(secrets));
  coming_ = std::make_unique<LinkSecrets>(secrets);
  // The client is done before the server, and waits until it sees that the server is.
  if (end_ == End::server) seal_under_next_epoch(now);
  rehandshake_at_ = now + limits::kRehandshakeInterval;
}

void LinkKeys::seal_under_next_epoch(Time now) {
  sealing_.next_epoch(coming_->suite, ours(*coming_));
  coming_.reset();
  begin_phase(now);
}

void LinkKeys::advance(Time now) {
  if (now < forget_at_) return;
  opening_.forget_previous();
  forget_at_ = kNever;
}

Time LinkKeys::next_timeout() const {
  const bool will_begin = end_ == End::client && inner_ == nullptr;
  return std::min(forget_at_, will_begin ? rehandshake_at_ : kNever);
}

}  // namespace ringway::tmp

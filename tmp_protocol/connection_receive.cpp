// Packets and frames that come in (RFC 9000 §12, §13).

#include <algorithm>

#include "tmp_protocol/connection.h"

namespace ringway::tmp {

namespace {

StreamCode stream_code(std::uint32_t wire) {
  // Codes of a later version mean no more here than that the peer gave up.
  return wire <= static_cast<std::uint32_t>(StreamCode::unwanted) ? static_cast<StreamCode>(wire)
                                                                  : StreamCode::cancelled;
}

bool proves_path(FrameType type) { return type == FrameType::path_challenge || type == FrameType::path_response; }

std::string with_code(const CloseFrame& frame) {
  std::string text = "closed by the peer";
  if (frame.code != CloseCode::none) text.append(": ").append(close_code_name(frame.code));
  if (!frame.reason.empty()) text.append(": ").append(frame.reason);
  return text;
}

}  // namespace

void Connection::receive_long(Datagram& datagram, const LongPacket& packet) {
  // A late copy where the link is up; and nobody moves in the middle of a handshake, but into a carrier.
  if (handshake_ == nullptr || !speaks_from(datagram.remote)) return;
  path_.on_received(datagram.payload.size());
  if (state_ == State::closing) {
    due_.close = true;
    return;
  }
  if (state_ == State::gone) return;
  const HandshakeSpace::Event event = handshake_->receive(datagram.payload, packet, datagram.ecn, now());
  if (event == HandshakeSpace::Event::dropped) {
    ++counters_.packets_dropped;
    return;
  }
  ++counters_.packets_received;
  counters_.octets_received += datagram.payload.size();
  liveness_.on_heard(now());
  liveness_.on_answered();
  // Only who was sent our connection ID can know it.
  if (packet.header.destination == setup_.local) path_.prove();
  setup_.peer = handshake_->peer();
  if (setup_.end == End::server && datagram.remote != path_.remote()) go_by(datagram.remote);
  take_event(event);
}

bool Connection::speaks_from(const Route& remote) const {
  // The client knows one address, and takes what comes from it either way.
  if (setup_.end == End::client) return remote.address == path_.remote().address;
  return remote == path_.remote() || remote.carried();
}

void Connection::take_event(HandshakeSpace::Event event) {
  switch (event) {
    case HandshakeSpace::Event::dropped:
    case HandshakeSpace::Event::taken: return;
    case HandshakeSpace::Event::done: return on_proven();
    case HandshakeSpace::Event::failed: return close(CloseCode::handshake, handshake_->fault());
    case HandshakeSpace::Event::closed:
      refused_ = true;
      return end_at_once("refused by the peer: " + handshake_->fault());
  }
}

void Connection::on_proven() {
  if (state_ != State::handshaking) return;
  const TlsPeer& tls = handshake_->handshake().tls();
  binding_ = handshake_->key_binding();
  const Result<LinkSecrets> secrets = tls.export_secrets(binding_);
  if (!secrets.ok()) return close(CloseCode::version, secrets.error().message);
  if (!take_peer(tls.peer_certificate())) return;
  state_ = State::proven;
  expired_due_ = peer_.expires < loop_.clock.wall();
  const LinkParameters& peer = tls.peer_parameters();
  peer_reset_token_ = peer.reset_token;
  keys_ = std::make_unique<LinkKeys>(setup_.end, *secrets, now());
  const StreamLimits limits{peer.max_link_receive_octets, peer.max_stream_receive_octets, peer.max_streams};
  const Initiator self = setup_.end == End::client ? Initiator::connecting : Initiator::accepting;
  streams_ = std::make_unique<StreamSet>(self, *settings_, limits, setup_.receive_budget, loop_.clock, segment_overhead,
                                         static_cast<StreamSetHost&>(*this));
  recovery_.set_max_packet_octets(std::min<std::size_t>(settings_->max_packet_octets, peer.max_packet_octets), now());
  due_.ping = true;  // the first protected packet makes the link
}

void Connection::on_confirmed() {
  state_ = State::up;
  handshake_.reset();
  if (!path_.remote().carried()) on_udp_answers();
  path_.prove();
}

void Connection::receive_retry(const LongPacket& packet) {
  if (setup_.end == End::client && state_ == State::handshaking) handshake_->on_retry(packet.header.cookie);
}

void Connection::receive_version(const LongPacket& packet) {
  if (setup_.end != End::client || state_ != State::handshaking || !handshake_->silent()) return;
  std::vector<std::uint32_t> theirs = listed_versions(packet);
  if (contains(theirs, setup_.version)) return;  // it speaks ours: this is no answer to us
  const std::optional<std::uint32_t> common = best_common(theirs, settings_->versions);
  if (common) offered_version_ = *common;
  std::string text;
  for (const std::uint32_t version : theirs) text.append(text.empty() ? "" : ", ").append(std::to_string(version));
  end_at_once(common ? "the peer asks for version " + std::to_string(*common)
                     : "no common version: the peer speaks " + text);
}

void Connection::receive_reset() { end_at_once("the peer has forgotten the link (it was restarted)"); }

void Connection::receive_data(Datagram& datagram) {
  if (keys_ == nullptr) return;
  if (state_ == State::gone) return;
  const OpenedPacket packet = keys_->open(datagram.payload, replay_, now(), grace());
  if (packet.status != OpenStatus::opened) {
    ++counters_.packets_dropped;
    return;
  }
  ++counters_.packets_received;
  counters_.octets_received += datagram.payload.size();
  liveness_.on_heard(now());
  if (state_ == State::closing) {
    due_.close = true;  // one answer a batch at most
    return;
  }
  take_packet(packet, datagram);
}

void Connection::take_packet(const OpenedPacket& packet, const Datagram& datagram) {
  if (state_ == State::proven) on_confirmed();
  const bool direct = state_ == State::up && !datagram.remote.carried() && !path_.remote().carried();
  if (direct) fallback_.on_udp_heard();
  const bool owed = liveness_.unanswered_since() != kNever;
  const bool newest = packet.number + 1 == replay_.next();
  Meaning meaning;
  if (!take_frames(packet, datagram, meaning) || !take_repaired()) return;
  acks_.on_received(packet.number, meaning.elicits, datagram.ecn, now());
  if (direct && owed && liveness_.unanswered_since() == kNever) on_udp_answers();
  if (newest && !meaning.only_probes) notice_address(datagram.remote, datagram.payload.size());
}

bool Connection::take_frames(const OpenedPacket& packet, const Datagram& datagram, Meaning& meaning) {
  FrameReader reader(packet.frames);
  while (reader.next()) {
    if (elicits_ack(reader.type())) meaning.elicits = Elicits::ack;
    meaning.only_probes = meaning.only_probes && (proves_path(reader.type()) || reader.type() == FrameType::padding);
    if (reader.type() == FrameType::guarded) repair_receiver_.keep(packet.number, packet.frames);
    if (reader.type() == FrameType::repair) repair_receiver_.take(reader.repair());
    if (proves_path(reader.type())) take_path_frame(reader, datagram);
    if (!take_frame(reader, packet.number)) return false;
  }
  if (reader.malformed()) close(CloseCode::frame, std::string(reader.fault()));
  return !reader.malformed();
}

/// What a repair gave back counts as lost all the same: it is not acknowledged, and congestion control hears of it.
bool Connection::take_repaired() {
  for (RepairReceiver::Repaired one = repair_receiver_.next(); !one.frames.empty(); one = repair_receiver_.next()) {
    ++counters_.packets_repaired;
    FrameReader reader(one.frames);
    while (reader.next()) {
      if (!take_frame(reader, one.number)) return false;
    }
    if (reader.malformed()) {
      close(CloseCode::frame, "repaired: " + std::string(reader.fault()));
      return false;
    }
  }
  return true;
}

bool Connection::take_frame(const FrameReader& reader, std::uint64_t packet) {
  switch (reader.type()) {
    case FrameType::padding:
    case FrameType::ping:
    case FrameType::path_challenge:  // of the datagram, not of the packet
    case FrameType::path_response: return true;
    case FrameType::ack: return take_ack(reader);
    case FrameType::stream:
    case FrameType::stream_open:
    case FrameType::reset_stream:
    case FrameType::stop_sending:
    case FrameType::priority_update: return take_stream_frame(reader, packet);
    case FrameType::max_data:
    case FrameType::max_stream_data:
    case FrameType::max_streams:
    case FrameType::data_blocked:
    case FrameType::stream_data_blocked:
    case FrameType::streams_blocked: return take_limit_frame(reader);
    case FrameType::crypto: return take_crypto(reader.crypto());
    case FrameType::link_quality: peer_quality_ = reader.link_quality(); return true;
    case FrameType::immediate_ack: acks_.request_now(); return true;
    case FrameType::goaway: take_goaway(); return true;
    case FrameType::close: take_close(reader.close()); return false;
    // One path and one connection ID so far: these ask for nothing that is not so already.
    case FrameType::new_cookie:
    case FrameType::new_cid:
    case FrameType::retire_cid:
    case FrameType::path_status:
    case FrameType::ack_frequency:
    case FrameType::recovered:
    // Of packets as they come: see take_frames().
    case FrameType::repair:
    case FrameType::guarded: return true;
  }
  return true;
}

bool Connection::take_stream_frame(const FrameReader& reader, std::uint64_t packet) {
  StreamFault fault = StreamFault::none;
  note_activity();
  if (reader.type() == FrameType::stream) {
    const StreamFrame& frame = reader.stream();
    fault = streams_->on_stream(frame.id, frame.offset, frame.data, frame.fin);
  } else if (reader.type() == FrameType::stream_open) {
    const StreamOpenFrame& frame = reader.stream_open();
    fault = streams_->on_stream_open(frame.id, {frame.kind, frame.ring, frame.connection, std::string(frame.site)});
  } else if (reader.type() == FrameType::reset_stream) {
    const ResetStreamFrame& frame = reader.reset_stream();
    fault = streams_->on_reset_stream(frame.id, stream_code(frame.code), frame.final_size);
  } else if (reader.type() == FrameType::stop_sending) {
    fault = streams_->on_stop_sending(reader.stop_sending().id, stream_code(reader.stop_sending().code));
  } else {
    fault = streams_->on_priority_update(reader.priority_update().id, reader.priority_update().ring, packet);
  }
  if (fault != StreamFault::none) fail(fault);
  return fault == StreamFault::none;
}

bool Connection::take_limit_frame(const FrameReader& reader) {
  StreamFault fault = StreamFault::none;
  switch (reader.type()) {
    case FrameType::max_data: fault = streams_->on_max_data(reader.link_limit().limit); break;
    case FrameType::max_streams: fault = streams_->on_max_streams(reader.link_limit().limit); break;
    case FrameType::data_blocked: fault = streams_->on_data_blocked(reader.link_limit().limit); break;
    case FrameType::streams_blocked: fault = streams_->on_streams_blocked(reader.link_limit().limit); break;
    case FrameType::max_stream_data:
      fault = streams_->on_max_stream_data(reader.stream_limit().id, reader.stream_limit().limit);
      break;
    default: fault = streams_->on_stream_data_blocked(reader.stream_limit().id, reader.stream_limit().limit); break;
  }
  if (fault != StreamFault::none) fail(fault);
  return fault == StreamFault::none;
}

bool Connection::take_ack(const FrameReader& reader) {
  if (reader.ack().path != 0) return true;
  reader.ack_info(ack_scratch_);
  keys_->on_acked(ack_scratch_.largest());
  const Status status = recovery_.on_ack(ack_scratch_, now(), *this);
  if (!status.ok()) close(CloseCode::protocol, status.error().message);
  if (recovery_.acknowledged_more()) liveness_.on_answered();
  return status.ok();
}

bool Connection::take_crypto(const CryptoFrame& frame) {
  if (keys_->rehandshake() == nullptr && setup_.end == End::server && frame.epoch == keys_->next_epoch()) {
    keys_->begin_rehandshake(tls_settings());
  }
  Handshake* const handshake = keys_->rehandshake();
  if (handshake == nullptr || frame.epoch != handshake->epoch()) return true;  // of one that is over
  switch (handshake->on_crypto(frame)) {
    case Handshake::Progress::none: return true;
    case Handshake::Progress::done: return finish_rehandshake();
    case Handshake::Progress::failed: close(CloseCode::handshake, handshake->tls().error().message); return false;
    case Handshake::Progress::overflow: close(CloseCode::crypto_overflow, "too many octets of handshake"); return false;
  }
  return true;
}

bool Connection::finish_rehandshake() {
  const TlsPeer& tls = keys_->rehandshake()->tls();
  KeyBinding binding = binding_;
  binding.epoch = keys_->rehandshake()->epoch();
  const Result<LinkSecrets> secrets = tls.export_secrets(binding);
  if (!secrets.ok() || tls.peer().name != peer_name()) {
    close(CloseCode::handshake, secrets.ok() ? "the peer changed its name" : secrets.error().message);
    return false;
  }
  if (!take_peer(tls.peer_certificate())) return false;
  expired_due_ = peer_.expires < loop_.clock.wall();
  keys_->install(*secrets, now());
  return true;
}

void Connection::take_path_frame(const FrameReader& reader, const Datagram& datagram) {
  if (reader.type() == FrameType::path_challenge) {
    due_.path_response = {datagram.remote, datagram.payload.size(), reader.path_proof().data};
  } else if (validation_.active()) {
    const Route remote = validation_.path().remote();
    if (!validation_.on_response(reader.path_proof().data)) return;
    if (fallback_.phase() == Fallback::Phase::carried) return on_trial_answered(remote);
    travel_reason_ = "the peer came this way";
    go_by(remote);
  }
}

void Connection::notice_address(const Route& remote, std::size_t octets) {
  if (remote == path_.remote()) return;
  // Whether by UDP or by a carrier is the client's choice: it does not follow what is still under way from before.
  if (setup_.end == End::client && (remote.carried() || path_.remote().carried())) return;
  validation_.begin(remote, octets, loop_.random, now());
}

/// Packets go there from now on.
void Connection::go_by(const Route& remote) {
  const bool other_travel = remote.travel() != path_.remote().travel();
  // Another port alone is a NAT's doing: the route is the same (RFC 9000 §9.4).
  if (other_travel || remote.address.ip != path_.remote().address.ip) {
    recovery_.on_route_changed(remote.travel(), now());
    if (handshake_ != nullptr) handshake_->on_route_changed(remote.travel(), now());
  }
  if (keys_ != nullptr) {
    due_.ping = true;
    acks_.request_now();  // what left last may have gone to where nobody is
  }
  carrier_full_ = false;
  path_ = Path(remote, Path::Proof::proven);
}

void Connection::take_close(const CloseFrame& frame) { end_at_once(with_code(frame)); }

void Connection::take_goaway() { peer_draining_ = true; }

}  // namespace ringway::tmp

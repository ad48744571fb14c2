// Packets that leave. Everything is decided at the last moment: what waits in the streams is asked for when congestion
// control and the pacer let a packet go, and acknowledgements are decided after the batch that asked for them.

#include <algorithm>
#include <utility>

#include "tmp_protocol/connection.h"

namespace ringway::tmp {

namespace {

/// Less than this is not worth a packet.
constexpr std::size_t kLeastPacketOctets = 64;
/// What a challenge is padded to, so that the address is known to take full packets (RFC 9000 §8.2.1).
constexpr std::size_t kChallengeOctets = limits::kMinPacketOctets;

MutableBytes frames_room(MutableBytes packet) {
  return packet.subspan(kDataHeaderOctets, packet.size() - kDataOverheadOctets);
}

}  // namespace

Connection::Sent Connection::build(PacketSink& sink) {
  if (state_ == State::gone || carrier_full_) return Sent::all;
  if (state_ != State::closing) prepare_to_send();
  Built built = Built::packet;
  while (built == Built::packet) built = build_packet(sink);
  const bool idle = built == Built::nothing && keys_ != nullptr && !content_waits();
  if (idle && recovery_.gate(now()) == SendGate::open) recovery_.on_nothing_to_send();
  carrier_full_ = built == Built::carrier_full;
  if (carrier_full_) return Sent::carrier_full;
  return built == Built::batch_full ? Sent::batch_full : Sent::all;
}

Connection::Built Connection::full(const Route& remote) {
  return remote.carried() ? Built::carrier_full : Built::batch_full;
}

/// In a carrier there is nothing to mark.
Ecn Connection::ecn_towards(const Route& remote) const {
  return recovery_.marks() && !remote.carried() ? Ecn::capable : Ecn::not_capable;
}

void Connection::prepare_to_send() {
  if (keys_ == nullptr) return;
  keys_->renew(now());
  recovery_.set_hosted(streams_->hosted());
  streams_->set_packet_octets(recovery_.packet_octets() - kDataOverheadOctets);
  streams_->set_round_trip(recovery_.rtt().smoothed());
  acks_.set_pace(peer_quality_.window_packets, recovery_.rtt().smoothed());
  repair_sender_.see(repair_view());
}

RepairView Connection::repair_view() const {
  const Duration round_trip = recovery_.rtt().smoothed();
  // What little traffic was delivered says nothing of the path: the window does.
  const auto window = static_cast<double>(recovery_.window_octets());
  const double rate = std::max(recovery_.delivery_octets_per_s(), window / to_seconds(round_trip));
  return {now(), recovery_.losses().loss_30s(), recovery_.losses().mean_burst(), round_trip,
          rate,  streams_->queued_octets()};
}

Connection::Built Connection::build_packet(PacketSink& sink) {
  if (state_ == State::closing) return due_.close ? build_close(sink) : Built::nothing;
  if (handshake_ != nullptr) {
    const Built built = build_handshake(sink, nullptr);
    if (built != Built::nothing) return built;
  }
  if (keys_ == nullptr) return Built::nothing;
  if (due_.path_response) return build_response(sink);
  if (validation_.challenge_due(now())) {
    const Built built = build_challenge(sink);
    if (built != Built::nothing) return built;
  }
  const Built built = build_data(sink);
  return built == Built::nothing && state_ == State::up ? build_mtu_probe(sink) : built;
}

Connection::Built Connection::build_handshake(PacketSink& sink, const CloseFrame* close) {
  const MutableBytes room = sink.reserve(path_.remote(), limits::kMinPacketOctets);
  if (room.empty()) return full(path_.remote());
  const std::size_t octets = handshake_->build(room, path_.allowance(), close, now());
  if (octets == 0) return Built::nothing;
  sink.commit(path_.remote(), octets, Ecn::not_capable);
  path_.on_sent(octets);
  note_sent(octets);
  liveness_.on_asked(now());
  return Built::packet;
}

Connection::Built Connection::build_close(PacketSink& sink) {
  const CloseFrame close{close_code_, std::string_view(reason_).substr(0, kMaxCloseReasonOctets)};
  // The peer may not have the link's keys yet: then it can read the handshake's.
  if (handshake_ != nullptr && build_handshake(sink, &close) == full(path_.remote())) return full(path_.remote());
  if (keys_ != nullptr) {
    const MutableBytes room = sink.reserve(path_.remote(), limits::kMinPacketOctets);
    if (room.empty()) return full(path_.remote());
    FrameWriter writer(frames_room(room));
    writer.close(close);
    if (path_.allowance() >= writer.size() + kDataOverheadOctets) {
      commit(sink, room, writer.size(), PacketClass::ack_only);
    }
  }
  due_.close = false;
  return Built::nothing;
}

Connection::Built Connection::build_challenge(PacketSink& sink) {
  const std::size_t octets = std::min<std::uint64_t>(kChallengeOctets, validation_.path().allowance());
  const Route& remote = validation_.path().remote();
  // What is known of a carrier's time says nothing of UDP's.
  const bool trial = remote.travel() != path_.remote().travel();
  const Duration interval = trial ? limits::kUdpTrialInterval : recovery_.probe_timeout();
  if (octets < kLeastPacketOctets) {
    validation_.on_challenge(now(), interval);
    return Built::nothing;
  }
  const Built built = build_path_proof(sink, remote, FrameType::path_challenge, validation_.data(), octets);
  if (built != Built::packet) return built;
  validation_.path().on_sent(octets);
  validation_.on_challenge(now(), interval);
  return built;
}

Connection::Built Connection::build_response(PacketSink& sink) {
  const PathResponse response = *due_.path_response;
  const std::size_t octets = std::clamp(response.octets, kLeastPacketOctets, kChallengeOctets);
  // At once, whatever the window says: the peer may be sending to where nobody is (RFC 9000 §8.2.2).
  const Built built = build_path_proof(sink, response.remote, FrameType::path_response, response.data, octets);
  if (built == Built::packet) due_.path_response.reset();
  return built;
}

Connection::Built Connection::build_path_proof(PacketSink& sink, const Route& remote, FrameType type,
                                               const PathChallengeData& data, std::size_t octets) {
  const MutableBytes room = sink.reserve(remote, octets);
  // Of a full carrier nothing is learnt by waiting: it is asked again.
  if (room.empty()) return remote.carried() ? Built::packet : Built::batch_full;
  FrameWriter writer(frames_room(room));
  writer.path_proof(type, data);
  writer.padding(writer.room());
  keys_->seal(room.first(octets), setup_.peer, recovery_.next_number());
  sink.commit(remote, octets, ecn_towards(remote));
  recovery_.on_sent(octets, PacketClass::ack_only, now());
  note_sent(octets);
  return Built::packet;
}

bool Connection::content_waits() const {
  if (due_.ping || due_.goaway || streams_->has_output() || repair_sender_.due()) return true;
  const Handshake* const handshake = keys_->rehandshake();
  return handshake != nullptr && handshake->has_output();
}

Connection::Built Connection::build_data(PacketSink& sink) {
  const SendGate gate = recovery_.gate(now());
  const bool may_ask = gate == SendGate::probe || (gate == SendGate::open && content_waits());
  if (!may_ask && !acks_.due(now()) && !due_.quality) return Built::nothing;
  const std::size_t octets = std::min<std::uint64_t>(recovery_.packet_octets(), path_.allowance());
  if (octets < kLeastPacketOctets) return Built::nothing;
  const MutableBytes room = sink.reserve(path_.remote(), octets);
  if (room.empty()) return full(path_.remote());
  const bool guarded = gate == SendGate::open && wants_guard();
  FrameWriter writer(frames_room(room));
  if (guarded) writer.hold_back(repair_sender_.headroom());
  const PacketClass cls = write_packet(writer, gate);
  if (writer.empty()) {
    recovery_.unstage();
    return Built::nothing;
  }
  if (guarded && cls == PacketClass::data) guard(writer);
  commit(sink, room, writer.size(), cls);
  return Built::packet;
}

bool Connection::wants_guard() const {
  if (recovery_.carried()) return false;  // nothing is lost there
  return !repair_sender_.due() && streams_->has_segments() && streams_->ends_soon() &&
         repair_sender_.guards(streams_->queued_octets());
}

void Connection::guard(FrameWriter& writer) {
  writer.release_all();
  writer.guarded();
  repair_sender_.on_guarded(recovery_.next_number(), writer.written());
}

void Connection::write_repair(FrameWriter& writer) {
  if (!repair_sender_.due()) return;
  if (repair_sender_.write(writer)) {
    recovery_.stage({0, 0, 0, SentKind::repair, false});
    ++counters_.repairs_sent;
  } else if (writer.empty()) {
    repair_sender_.give_up();  // packets have become smaller
  }
}

PacketClass Connection::write_packet(FrameWriter& writer, SendGate gate) {
  if (acks_.pending()) write_ack(writer);
  if (due_.quality && writer.link_quality(recovery_.quality())) due_.quality = false;
  if (gate != SendGate::open && gate != SendGate::probe) return PacketClass::ack_only;
  const std::size_t before = writer.size();
  write_repair(writer);
  write_due_frames(writer);
  write_rehandshake(writer);
  write_controls(writer);
  write_segments(writer);
  const bool asks = writer.size() != before;
  if (!asks && (gate == SendGate::probe || (writer.size() != 0 && acks_.wants_ping(now())))) write_ping(writer);
  return writer.size() == before ? PacketClass::ack_only : PacketClass::data;
}

void Connection::write_ack(FrameWriter& writer) {
  acks_.fill(ack_scratch_, now());
  if (!writer.ack(0, ack_scratch_)) return;
  recovery_.stage({0, ack_scratch_.largest(), 0, SentKind::ack, false});
  acks_.on_sent();
}

void Connection::write_due_frames(FrameWriter& writer) {
  if (due_.goaway && writer.goaway({kMaxVarint})) {
    recovery_.stage({0, 0, 0, SentKind::goaway, false});
    due_.goaway = false;
  }
  if (due_.ping) write_ping(writer);
}

void Connection::write_ping(FrameWriter& writer) {
  if (!writer.ping()) return;
  recovery_.stage({0, 0, 0, SentKind::ping, false});
  acks_.on_ping(now());
  due_.ping = false;
}

void Connection::write_rehandshake(FrameWriter& writer) {
  Handshake* const handshake = keys_->rehandshake();
  SentItem item;
  while (handshake != nullptr && handshake->write(writer, item)) recovery_.stage(item);
}

void Connection::commit(PacketSink& sink, MutableBytes room, std::size_t frames_octets, PacketClass cls) {
  const std::size_t octets = frames_octets + kDataOverheadOctets;
  keys_->seal(room.first(octets), setup_.peer, recovery_.next_number());
  sink.commit(path_.remote(), octets, ecn_towards(path_.remote()));
  path_.on_sent(octets);
  recovery_.on_sent(octets, cls, now());
  if (cls != PacketClass::ack_only) liveness_.on_asked(now());
  note_sent(octets);
}

Connection::Built Connection::build_mtu_probe(PacketSink& sink) {
  const std::size_t octets = recovery_.mtu_probe(now());
  if (octets == 0) return Built::nothing;
  const MutableBytes room = sink.reserve(path_.remote(), octets);
  if (room.empty()) return full(path_.remote());
  FrameWriter writer(frames_room(room));
  writer.ping();
  writer.padding(writer.room());
  recovery_.stage({0, 0, static_cast<std::uint32_t>(octets), SentKind::mtu_probe, false});
  commit(sink, room, writer.size(), PacketClass::mtu_probe);
  return Built::packet;
}

void Connection::note_sent(std::size_t octets) {
  ++counters_.packets_sent;
  counters_.octets_sent += octets;
}

}  // namespace ringway::tmp

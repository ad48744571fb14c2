#include "tmp_protocol/handshake_space.h"

#include <algorithm>
#include <utility>

namespace ringway::tmp {

namespace {

/// Less than this is not worth a packet.
constexpr std::size_t kLeastPacketOctets = 128;

CongestionSettings one_flow() {
  CongestionSettings settings;
  settings.max_flows = 1;
  return settings;
}

}  // namespace

HandshakeSpace::HandshakeSpace(HandshakeSetup setup, std::shared_ptr<const AuthorityMac> mac, Random& random, Time now)
    : setup_(std::move(setup)),
      mac_(std::move(mac)),
      keys_(setup_.version, setup_.first_destination, setup_.end),
      handshake_(setup_.tls, 0),
      recovery_(one_flow(), limits::kMinPacketOctets, random),
      last_asked_(now) {
  if (setup_.end == End::client) handshake_.start();
}

HandshakeSpace::Event HandshakeSpace::receive(MutableBytes datagram, const LongPacket& packet, std::uint8_t ecn,
                                              Time now) {
  const std::optional<MutableBytes> frames = keys_.open(datagram, packet);
  if (!frames) return Event::dropped;
  const std::uint64_t number = expand_number(packet.header.number, replay_.next());
  if (!replay_.take(number)) return Event::dropped;
  if (setup_.end == End::client && !heard_) setup_.peer = packet.header.source;
  heard_ = true;
  return take_frames(*frames, number, ecn, now);
}

HandshakeSpace::Event HandshakeSpace::take_frames(Bytes frames, std::uint64_t number, std::uint8_t ecn, Time now) {
  Event event = Event::taken;
  Elicits elicits = Elicits::nothing;
  FrameReader reader(frames);
  while (event != Event::failed && event != Event::closed && reader.next()) {
    if (!allowed_in_handshake(reader.type())) return fail("a frame that a handshake cannot carry");
    if (elicits_ack(reader.type())) elicits = Elicits::ack;
    if (reader.type() == FrameType::crypto) {
      if (const Event progress = take_crypto(reader.crypto()); progress != Event::taken) event = progress;
    } else if (reader.type() == FrameType::ack) {
      AckInfo ack;
      reader.ack_info(ack);
      if (!recovery_.on_ack(ack, now, *this).ok()) return fail("acknowledged what was never sent");
    } else if (reader.type() == FrameType::close) {
      fault_ = reader.close().reason;
      return Event::closed;
    }
  }
  if (reader.malformed()) return fail(std::string(reader.fault()));
  acks_.on_received(number, elicits, ecn, now);
  acks_.request_now();
  return event;
}

HandshakeSpace::Event HandshakeSpace::take_crypto(const CryptoFrame& frame) {
  if (frame.epoch != 0) return Event::taken;
  switch (handshake_.on_crypto(frame)) {
    case Handshake::Progress::none: return Event::taken;
    case Handshake::Progress::done: return Event::done;
    case Handshake::Progress::failed: return fail(handshake_.tls().error().message);
    case Handshake::Progress::overflow: return fail("too many octets of handshake");
  }
  return Event::taken;
}

HandshakeSpace::Event HandshakeSpace::fail(std::string fault) {
  fault_ = std::move(fault);
  return Event::failed;
}

void HandshakeSpace::on_retry(Bytes cookie) {
  if (!cookie_.empty() || heard_) return;
  cookie_.assign(cookie.begin(), cookie.end());
  handshake_.resend();
}

void HandshakeSpace::on_route_changed(Travel travel, Time now) {
  recovery_.on_route_changed(travel, now);
  handshake_.resend();
}

void HandshakeSpace::on_content_acked(SentContent content) {
  for (const SentItem& item : content) {
    if (item.kind == SentKind::crypto) handshake_.on_acked(item);
  }
}

void HandshakeSpace::on_content_lost(SentContent content) {
  for (const SentItem& item : content) {
    if (item.kind == SentKind::crypto) handshake_.on_lost(item);
  }
}

bool HandshakeSpace::packet_due(Time now) const {
  const SendGate gate = recovery_.gate(now);
  if (gate == SendGate::probe || acks_.due(now)) return true;
  return gate == SendGate::open && (ping_due_ || handshake_.has_output());
}

LongHeader HandshakeSpace::header() const {
  LongHeader header;
  header.kind = silent() ? PacketKind::initial : PacketKind::handshake;
  header.version = setup_.version;
  header.destination = silent() ? setup_.first_destination : setup_.peer;
  header.source = setup_.local;
  if (silent()) header.cookie = cookie_;
  header.number = static_cast<std::uint32_t>(recovery_.next_number());
  return header;
}

std::size_t HandshakeSpace::build(MutableBytes room, std::uint64_t allowance, const CloseFrame* close, Time now) {
  if (close == nullptr && !packet_due(now)) return 0;
  const std::size_t most = std::min<std::uint64_t>({room.size(), allowance, limits::kMinPacketOctets});
  if (most < kLeastPacketOctets) return 0;
  const LongHeader long_header = header();
  const std::size_t header_octets = write_long_header(long_header, room);
  const std::size_t tail = kTagOctets + (long_header.kind == PacketKind::initial ? kMacOctets : 0);
  FrameWriter writer(room.subspan(header_octets, most - header_octets - tail));
  const PacketClass cls = write_frames(writer, close, now);
  // The client's packets are full, so that the server may answer three times as much.
  if (setup_.end == End::client) writer.padding(writer.room());
  const std::size_t octets = seal(room, header_octets, writer.size(), long_header);
  recovery_.on_sent(octets, cls, now);
  if (cls == PacketClass::data) last_asked_ = now;
  return octets;
}

PacketClass HandshakeSpace::write_frames(FrameWriter& writer, const CloseFrame* close, Time now) {
  if (acks_.received() > 0) {
    AckInfo ack;
    acks_.fill(ack, now);
    if (writer.ack(0, ack)) acks_.on_sent();
  }
  if (close != nullptr) writer.close(*close);
  const bool probe = recovery_.gate(now) == SendGate::probe;
  if (!probe && recovery_.gate(now) != SendGate::open) return PacketClass::ack_only;
  SentItem item;
  PacketClass cls = PacketClass::ack_only;
  while (handshake_.write(writer, item)) {
    recovery_.stage(item);
    cls = PacketClass::data;
  }
  if (cls == PacketClass::data || !(probe || ping_due_) || !writer.ping()) return cls;
  ping_due_ = false;
  recovery_.stage({0, 0, 0, SentKind::ping, false});
  return PacketClass::data;
}

std::size_t HandshakeSpace::seal(MutableBytes room, std::size_t header_octets, std::size_t frames_octets,
                                 const LongHeader& long_header) {
  const std::size_t sealed = header_octets + frames_octets + kTagOctets;
  keys_.seal(room.first(sealed), header_octets, long_header.number);
  if (long_header.kind != PacketKind::initial) return sealed;
  mac_->sign(room.first(sealed + kMacOctets));
  return sealed + kMacOctets;
}

void HandshakeSpace::on_timer(Time now) {
  if (recovery_.timeout() <= now) recovery_.on_timer(now, *this);
  const bool idle = recovery_.sent().packets_in_flight() == 0;
  if (setup_.end == End::client && idle && now - last_asked_ >= recovery_.probe_timeout()) ping_due_ = true;
}

Time HandshakeSpace::next_timeout(Time now) const {
  Time next = std::min(recovery_.timeout(), acks_.timeout());
  const bool idle = recovery_.sent().packets_in_flight() == 0;
  if (setup_.end == End::client && idle && !ping_due_) next = std::min(next, last_asked_ + recovery_.probe_timeout());
  const bool waiting = ping_due_ || handshake_.has_output();
  if (waiting && recovery_.gate(now) == SendGate::paced) next = std::min(next, recovery_.release_time());
  return next;
}

KeyBinding HandshakeSpace::key_binding() const {
  KeyBinding binding;
  binding.version = setup_.version;
  binding.first_destination = setup_.first_destination;
  binding.client = setup_.end == End::client ? setup_.local : setup_.peer;
  binding.server = setup_.end == End::client ? setup_.peer : setup_.local;
  return binding;
}

}  // namespace ringway::tmp

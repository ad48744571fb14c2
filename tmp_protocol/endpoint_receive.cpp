// Whose datagram is it, and what strangers get: nothing without the authority's MAC, a cookie to bring back where many
// knock, never more octets than three times what they sent, and no state before that.

#include <algorithm>

#include "tmp_protocol/endpoint_core.h"

namespace ringway::tmp {

namespace {

/// Answers to strangers in one turn; more are not given.
constexpr std::size_t kMaxAnswers = 64;

}  // namespace

void EndpointCore::receive(std::span<Datagram> batch) {
  inside_ = true;
  for (Datagram& datagram : batch) receive(datagram);
  settle_all();
}

void EndpointCore::receive(Datagram& datagram) {
  if (is_long(datagram.payload)) return receive_long(datagram);
  receive_data(datagram);
}

EndpointCore::Slot* EndpointCore::slot_of(ConnectionId id) {
  const ConnectionPlace place = ids_.read(id);
  if (place.worker != settings_->worker || place.slot >= slots_.size()) return nullptr;
  Slot& slot = *slots_[place.slot];
  return slot.connection != nullptr && slot.connection->local() == id ? &slot : nullptr;
}

void EndpointCore::receive_data(Datagram& datagram) {
  const std::optional<ConnectionId> id = data_destination(datagram.payload);
  if (!id) {
    ++dropped_;
    return;
  }
  Slot* const slot = slot_of(*id);
  if (slot == nullptr) return receive_stray(datagram, *id);
  slot->connection->receive_data(datagram);
  wake(*slot);
}

/// A data packet of no connection: the peer's stateless reset, or of a connection that this end has forgotten.
void EndpointCore::receive_stray(const Datagram& datagram, ConnectionId id) {
  ++dropped_;
  if (datagram.payload.size() <= kMaxResetOctets) {
    for (const auto& slot : slots_) {
      Connection* const connection = slot->connection.get();
      // By whichever way it comes: a link may be trying the other one.
      if (connection == nullptr || connection->remote().address != datagram.remote.address) continue;
      const std::optional<ResetToken>& token = connection->peer_reset_token();
      if (!token || !is_reset(datagram.payload, *token)) continue;
      connection->receive_reset();
      return wake(*slot);
    }
  }
  if (ids_.read(id).worker != settings_->worker) return;  // not ours to forget
  Answer* const answer = new_answer(datagram.remote);
  if (answer == nullptr) return;
  answer->octets = reset_tokens_.write(id, datagram.payload.size(), loop_.random, answer->datagram);
  if (answer->octets == 0) answers_.pop_back();
}

void EndpointCore::receive_long(Datagram& datagram) {
  const std::optional<LongPacket> packet = read_long_packet(datagram.payload, settings_->versions);
  if (!packet) {
    ++dropped_;
    return;
  }
  if (packet->header.kind == PacketKind::initial) return receive_initial(datagram, *packet);
  Slot* const slot = slot_of(packet->header.destination);
  if (slot == nullptr) {
    ++dropped_;
    return;
  }
  if (packet->header.kind == PacketKind::handshake) {
    slot->connection->receive_long(datagram, *packet);
  } else if (mac_->verify(datagram.payload)) {
    const bool retry = packet->header.kind == PacketKind::retry;
    retry ? slot->connection->receive_retry(*packet) : slot->connection->receive_version(*packet);
  } else {
    ++dropped_;
  }
  wake(*slot);
}

void EndpointCore::receive_initial(Datagram& datagram, const LongPacket& packet) {
  const auto known = by_first_destination_.find(packet.header.destination);
  if (known != by_first_destination_.end()) {
    Slot& slot = *slots_[known->second];
    slot.connection->receive_long(datagram, packet);
    return wake(slot);
  }
  if (settings_->accepted_peers.empty() || datagram.payload.size() < limits::kMinPacketOctets) {
    ++dropped_;
  } else if (!mac_->verify(datagram.payload)) {
    ++dropped_;
    handler_.on_peer_refused(datagram.remote.address, "it knows none of this gateway's authorities");
  } else if (!contains(settings_->versions, packet.header.version)) {
    answer_version(datagram, packet);
  } else {
    accept(datagram, packet);
  }
}

void EndpointCore::accept(Datagram& datagram, const LongPacket& packet) {
  const bool returned = !packet.header.cookie.empty() && cookies_.check(packet.header.cookie, datagram.remote.address,
                                                                        packet.header.destination, loop_.now());
  const bool proven = returned || datagram.remote.carried();
  if (!proven && accepting_ >= limits::kHandshakesWithoutCookie) return answer_retry(datagram, packet);
  if (accepting_ >= limits::kMaxHandshakes) {
    ++dropped_;
    return;
  }
  ConnectionSetup setup;
  setup.end = End::server;
  setup.remote = datagram.remote;
  setup.proof = proven ? Path::Proof::proven : Path::Proof::unproven;
  setup.version = packet.header.version;
  setup.first_destination = packet.header.destination;
  setup.peer = packet.header.source;
  Slot& slot = free_slot();
  ++accepting_;
  begin(slot, setup);
  by_first_destination_.emplace(setup.first_destination, slot.number);
  slot.connection->receive_long(datagram, packet);
}

EndpointCore::Answer* EndpointCore::new_answer(const Route& remote) {
  if (answers_.size() == kMaxAnswers) return nullptr;
  answers_.emplace_back();
  answers_.back().remote = remote;
  return &answers_.back();
}

void EndpointCore::answer_version(const Datagram& datagram, const LongPacket& packet) {
  Answer* const answer = new_answer(datagram.remote);
  if (answer == nullptr) return;
  answer->octets =
      write_version(packet.header.source, packet.header.destination, settings_->versions, answer->datagram);
  mac_->sign(MutableBytes(answer->datagram).first(answer->octets));
}

void EndpointCore::answer_retry(const Datagram& datagram, const LongPacket& packet) {
  Answer* const answer = new_answer(datagram.remote);
  if (answer == nullptr) return;
  const Cookie cookie = cookies_.make(datagram.remote.address, packet.header.destination, loop_.now());
  LongHeader header;
  header.kind = PacketKind::retry;
  header.version = packet.header.version;
  header.destination = packet.header.source;
  header.source = packet.header.destination;
  header.cookie = cookie;
  answer->octets = write_retry(header, answer->datagram);
  mac_->sign(MutableBytes(answer->datagram).first(answer->octets));
}

bool EndpointCore::send_answers(PacketSink& sink) {
  while (!answers_.empty()) {
    const Answer& answer = answers_.back();
    const MutableBytes room = sink.reserve(answer.remote, answer.octets);
    if (room.empty() && !answer.remote.carried()) return true;
    if (!room.empty()) {
      copy_bytes(Bytes(answer.datagram).first(answer.octets), room.data());
      sink.commit(answer.remote, answer.octets, Ecn::not_capable);
    }
    answers_.pop_back();
  }
  return false;
}

}  // namespace ringway::tmp

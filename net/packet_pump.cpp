#include "net/packet_pump.h"

#include <algorithm>

namespace ringway::net {

namespace {

/// One batch; the engine's pacer keeps it far below that on all but the quickest paths.
constexpr std::size_t kBatchOctets = std::size_t{128} * 1024;
/// Full batches of one turn before others get theirs.
constexpr int kBatchesPerTurn = 4;
/// While the kernel takes nothing, time-outs of the engine are looked at so often.
constexpr Duration kBlockedInterval = std::chrono::milliseconds(1);

}  // namespace

Result<std::unique_ptr<PacketPump>> PacketPump::open(Worker& worker, const UdpSettings& udp, PacketEngine& engine) {
  std::unique_ptr<PacketPump> pump(new PacketPump(worker, engine));
  Result<std::unique_ptr<UdpSocket>> socket = UdpSocket::open(worker, udp, *pump);
  if (!socket) return socket.error();
  pump->socket_ = std::move(*socket);
  worker.add(*pump);
  return pump;
}

PacketPump::PacketPump(Worker& worker, PacketEngine& engine)
    : worker_(worker), engine_(engine), buffer_(new std::uint8_t[kBatchOctets]) {}

PacketPump::~PacketPump() { worker_.remove(*this); }

void PacketPump::on_datagrams(std::span<tmp::Datagram> batch) { engine_.receive(batch); }

void PacketPump::on_sendable() { submit(); }

void PacketPump::end_turn() {
  if (engine_.next_timeout() <= worker_.now()) engine_.advance();
  flush();
}

void PacketPump::flush() {
  more_ = false;
  for (int i = 0; i < kBatchesPerTurn && trains_.empty(); ++i) {
    more_ = engine_.build(*this);
    submit();
    if (!more_) return;
  }
}

Time PacketPump::next_deadline() const {
  if (!trains_.empty()) return std::max(engine_.next_timeout(), worker_.now() + kBlockedInterval);
  return more_ ? worker_.now() : engine_.next_timeout();
}

MutableBytes PacketPump::reserve(const tmp::Route& /*remote*/, std::size_t octets) {
  if (octets > kBatchOctets - used_) return {};
  return {buffer_.get() + used_, octets};
}

void PacketPump::commit(const tmp::Route& route, std::size_t octets, tmp::Ecn ecn) {
  if (octets == 0) return;
  const SocketAddress& remote = route.address;
  const Bytes packet(buffer_.get() + used_, octets);
  used_ += octets;
  const auto marks = static_cast<std::uint8_t>(ecn);
  if (joins_last_train(remote, octets, marks)) {
    Train& train = trains_.back();
    train.payload = Bytes(train.payload.data(), train.payload.size() + octets);
  } else {
    trains_.push_back({remote, marks, octets, packet});
  }
}

/// A shorter packet may only be a train's last (UDP_SEGMENT).
bool PacketPump::joins_last_train(const SocketAddress& remote, std::size_t octets, std::uint8_t ecn) const {
  if (trains_.empty()) return false;
  const Train& train = trains_.back();
  return octets <= train.datagram_octets && train.payload.size() % train.datagram_octets == 0 &&
         train.payload.size() / train.datagram_octets < kMaxTrainDatagrams &&
         train.payload.size() + octets <= kMaxTrainOctets && train.remote == remote && train.ecn == ecn;
}

void PacketPump::submit() {
  submitted_ += socket_->send(std::span(trains_).subspan(submitted_));
  if (submitted_ < trains_.size()) return;
  trains_.clear();
  submitted_ = 0;
  used_ = 0;
}

}  // namespace ringway::net

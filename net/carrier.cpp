#include "net/carrier.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"

namespace ringway::net {

Carrier::Carrier(CarrierOwner& owner, Worker& worker, const tmp::Route& route)
    : owner_(owner), worker_(worker), route_(route), heard_(worker.now()) {}

void Carrier::take_open(std::unique_ptr<ByteStream> stream) {
  take_opening(std::move(stream));
  open_ = true;
}

void Carrier::take_opening(std::unique_ptr<ByteStream> stream) {
  stream_ = std::move(stream);
  stream_->set_handler(this);
}

// --- Out. A datagram is built behind its header in the worker's scratch memory.

MutableBytes Carrier::reserve(std::size_t octets) {
  const bool fits = built_.size() + octets <= limits::kCarrierUnsentOctets;
  const bool room = open_ && stream_ != nullptr && (!limited_ || (fits && stream_->writable() > 0));
  awaited_ = awaited_ || !room;
  return room ? worker_.scratch().subspan(tmp::kCarrierHeaderOctets, octets) : MutableBytes();
}

void Carrier::commit(std::size_t octets) {
  const MutableBytes framed = worker_.scratch().first(tmp::kCarrierHeaderOctets + octets);
  store_u16(framed.data(), static_cast<std::uint16_t>(octets));
  built_.append(framed);
}

void Carrier::flush() {
  if (stream_ != nullptr && !built_.empty()) stream_->write(built_);
}

void Carrier::close() {
  if (stream_ == nullptr) return;
  stream_->set_handler(nullptr);
  if (open_) stream_->finish();
  stream_.reset();
  built_.clear();
}

// --- In

void Carrier::on_open() {
  open_ = true;
  owner_.on_carrier_open(*this);
}

void Carrier::on_data(Slice data) {
  stream_->consumed(data.size());
  // Packets are opened in place, and a slice is others' as well.
  std::vector<std::uint8_t> octets(data.data(), data.data() + data.size());
  std::vector<tmp::Datagram> batch;
  reader_.feed(octets);
  for (MutableBytes datagram = reader_.next(); !datagram.empty(); datagram = reader_.next()) {
    batch.push_back({route_, 0, datagram});
  }
  if (!batch.empty()) {
    heard_ = worker_.now();
    owner_.on_carrier_datagrams(*this, batch);
  }
  if (reader_.broken()) {
    lose(CarrierOwner::Fault::nonsense,
         fmt::format("a datagram of {} octets was announced", reader_.announced_octets()));
  }
}

void Carrier::on_end() {
  if (reader_.between_datagrams()) return lose(CarrierOwner::Fault::none, "closed by the peer");
  lose(CarrierOwner::Fault::nonsense, "it ended in the middle of a datagram");
}

void Carrier::on_writable() {
  if (std::exchange(awaited_, false)) owner_.on_carrier_room(*this);
}

void Carrier::on_abort(const StreamEnd& end) {
  open_ = false;
  lose(CarrierOwner::Fault::none, end.message);
}

void Carrier::lose(CarrierOwner::Fault fault, const std::string& reason) {
  if (stream_ == nullptr) return;
  close();
  owner_.on_carrier_lost(*this, fault, reason);
}

}  // namespace ringway::net

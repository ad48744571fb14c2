#include "tmp_protocol/handshake.h"

#include <algorithm>

namespace ringway::tmp {

Handshake::Handshake(TlsPeerSettings settings, std::uint64_t epoch) : epoch_(epoch), tls_(std::move(settings)) {}

void Handshake::start() {
  tls_.start();
  queue_output();
}

Handshake::Progress Handshake::on_crypto(const CryptoFrame& frame) {
  if (frame.offset + frame.data.size() > kMaxHandshakeOctets) return Progress::overflow;
  ByteQueue ordered;
  // Without FIN there is no final size to contradict.
  static_cast<void>(in_.insert(frame.offset, frame.data, Fin::absent, ordered));
  const TlsPeer::State before = tls_.state();
  while (!ordered.empty()) tls_.feed(ordered.pop_front().bytes());
  queue_output();
  if (tls_.state() == before) return Progress::none;
  return done() ? Progress::done : Progress::failed;
}

void Handshake::queue_output() {
  const std::vector<std::uint8_t> output = tls_.take_output();
  for (std::size_t at = 0; at < output.size(); at += kChunkOctets) {
    const std::size_t size = std::min(output.size() - at, kChunkOctets);
    Chunk* const chunk = Chunk::make();
    copy_bytes(Bytes(output).subspan(at, size), chunk->data());
    out_.write(Slice(chunk, 0, static_cast<std::uint32_t>(size)));
  }
}

bool Handshake::write(FrameWriter& writer, SentItem& item) {
  constexpr std::size_t kHeaderOctets = 1 + 8 + 8 + 4;  // at most
  if (!has_output() || writer.room() <= kHeaderOctets) return false;
  const SendRange range = out_.take(writer.room() - kHeaderOctets, kMaxHandshakeOctets);
  std::array<std::uint8_t, limits::kMaxPacketOctets> octets;
  const MutableBytes data = MutableBytes(octets).first(range.octets);
  out_.copy_out(range.offset, data);
  item = {epoch_, range.offset, range.octets, SentKind::crypto, false};
  return writer.crypto({epoch_, range.offset, data});
}

}  // namespace ringway::tmp

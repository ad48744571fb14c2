#pragma once
// One TLS handshake carried by CRYPTO frames: that of epoch 0 in INITIAL and HANDSHAKE packets, those of later epochs
// inside the link. Puts the peer's octets in order and keeps ours until they are acknowledged.

#include <cstdint>

#include "base/byte_queue.h"
#include "tmp_protocol/frame_writer.h"
#include "tmp_protocol/reassembly.h"
#include "tmp_protocol/send_buffer.h"
#include "tmp_protocol/sent_packets.h"
#include "tmp_protocol/tls_peer.h"

namespace ringway::tmp {

class Handshake {
 public:
  Handshake(TlsPeerSettings settings, std::uint64_t epoch);

  /// The first flight of the end that begins.
  void start();
  /// What a frame of the peer did.
  enum class Progress : std::uint8_t { none, done, failed, overflow };
  /// The frame is of this epoch.
  Progress on_crypto(const CryptoFrame& frame);

  [[nodiscard]] bool has_output() const { return out_.has_range(kMaxHandshakeOctets); }
  /// Writes one CRYPTO frame of what waits. False where there is none, or no room.
  bool write(FrameWriter& writer, SentItem& item);
  void on_acked(const SentItem& item) { out_.on_acked(range_of(item)); }
  void on_lost(const SentItem& item) { out_.on_lost(range_of(item)); }
  /// Everything goes again (RETRY).
  void resend() { out_.on_lost({0, static_cast<std::uint32_t>(out_.sent()), Fin::absent}); }

  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] const TlsPeer& tls() const { return tls_; }
  [[nodiscard]] bool done() const { return tls_.state() == TlsPeer::State::done; }

 private:
  static SendRange range_of(const SentItem& item) { return {item.offset, item.length, Fin::absent}; }
  void queue_output();

  std::uint64_t epoch_;
  TlsPeer tls_;
  Reassembly in_;
  SendBuffer out_;
};

}  // namespace ringway::tmp

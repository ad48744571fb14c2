#pragma once
// INITIAL and HANDSHAKE packets of one connection, both ways: their keys, numbers, acknowledgements and recovery,
// around the handshake of epoch 0. Goes away when the first protected packet has come in.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tmp_protocol/ack_tracker.h"
#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/handshake.h"
#include "tmp_protocol/packet.h"
#include "tmp_protocol/packet_protection.h"
#include "tmp_protocol/recovery.h"

namespace ringway::tmp {

struct HandshakeSetup {
  End end = End::client;
  std::uint32_t version = kVersion1;
  ConnectionId first_destination;  // of the client's first INITIAL
  ConnectionId local;
  ConnectionId peer;  // the server knows it from the INITIAL
  TlsPeerSettings tls;
};

class HandshakeSpace final : private SentContentHandler {
 public:
  /// `mac` signs the client's INITIALs; `random` outlives this.
  HandshakeSpace(HandshakeSetup setup, std::shared_ptr<const AuthorityMac> mac, Random& random, Time now);

  enum class Event : std::uint8_t {
    dropped,  // not authentic, or old
    taken,
    done,    // the peer is proven
    failed,  // the handshake failed here, see fault()
    closed,  // the peer closed, see fault()
  };
  /// One INITIAL or HANDSHAKE packet, decrypted in place.
  Event receive(MutableBytes datagram, const LongPacket& packet, std::uint8_t ecn, Time now);
  /// The server wants proof of the address first. Taken once.
  void on_retry(Bytes cookie);
  /// What the first packets go by, where that is not UDP.
  void set_travel(Travel travel) { recovery_.set_travel(travel); }
  /// What left went another way, where nobody may be: all of it goes again.
  void on_route_changed(Travel travel, Time now);
  [[nodiscard]] const std::string& fault() const { return fault_; }

  /// Writes the next packet that is due into `room`, at most `allowance` octets; 0 where none is.
  /// `close` is added to it where not null.
  std::size_t build(MutableBytes room, std::uint64_t allowance, const CloseFrame* close, Time now);
  void on_timer(Time now);
  [[nodiscard]] Time next_timeout(Time now) const;

  [[nodiscard]] const Handshake& handshake() const { return handshake_; }
  [[nodiscard]] ConnectionId local() const { return setup_.local; }
  [[nodiscard]] ConnectionId peer() const { return setup_.peer; }
  [[nodiscard]] ConnectionId first_destination() const { return setup_.first_destination; }
  [[nodiscard]] std::uint32_t version() const { return setup_.version; }
  /// The client has heard nothing authentic yet.
  [[nodiscard]] bool silent() const { return setup_.end == End::client && !heard_; }
  [[nodiscard]] KeyBinding key_binding() const;

 private:
  void on_content_acked(SentContent content) override;
  void on_content_lost(SentContent content) override;
  Event take_frames(Bytes frames, std::uint64_t number, std::uint8_t ecn, Time now);
  Event take_crypto(const CryptoFrame& frame);
  Event fail(std::string fault);
  [[nodiscard]] LongHeader header() const;
  [[nodiscard]] bool packet_due(Time now) const;
  PacketClass write_frames(FrameWriter& writer, const CloseFrame* close, Time now);
  std::size_t seal(MutableBytes room, std::size_t header_octets, std::size_t frames_octets, const LongHeader& header);

  HandshakeSetup setup_;
  std::shared_ptr<const AuthorityMac> mac_;
  HandshakeKeys keys_;
  Handshake handshake_;
  Recovery recovery_;
  AckTracker acks_;
  ReplayWindow replay_;
  std::vector<std::uint8_t> cookie_;
  std::string fault_;
  bool heard_ = false;
  bool ping_due_ = false;
  Time last_asked_;  // the client asks again although nothing is outstanding: the server may wait for octets to answer
};

}  // namespace ringway::tmp

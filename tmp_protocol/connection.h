#pragma once
// One TMP connection: from the first INITIAL to CLOSE, with one peer. Sans-IO: datagrams and time in, datagrams out.
//
//               TLS done, peer proven            first protected packet
//   handshaking ---------------------> proven --------------------------> up
//        |                               |                                 | close(), a fault, silence,
//        |                               |                                 | the peer's CLOSE
//        +-------------------------------+---------------------------------+--> closing (CLOSE leaves, again on demand)
//                                                                          |       | three PTO
//                                                                          +--> gone: the owner destroys it
//
//   connection.cpp           life, and what the owner sees     connection_receive.cpp   packets and frames in
//   connection_streams.cpp   between streams and packets       connection_send.cpp      packets out
//   connection_timers.cpp    what time brings                connection_fallback.cpp  UDP, or a carrier
//
// Handlers are called from settle() alone. The data path allocates nothing once its buffers have grown.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/loop.h"
#include "tmp_protocol/ack_tracker.h"
#include "tmp_protocol/endpoint.h"
#include "tmp_protocol/fallback.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/handshake_space.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/link_keys.h"
#include "tmp_protocol/liveness.h"
#include "tmp_protocol/path.h"
#include "tmp_protocol/recovery.h"
#include "tmp_protocol/repair_receiver.h"
#include "tmp_protocol/repair_sender.h"
#include "tmp_protocol/settings.h"
#include "tmp_protocol/stream_set.h"

namespace ringway::tmp {

class Connection;

/// What the owner of connections hears. All but on_connection_wakes() come out of settle().
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  /// settle() and build() have something to do, and the owner is not inside of this connection.
  virtual void on_connection_wakes(Connection& connection) = 0;
  virtual void on_connection_up(Connection& connection) = 0;
  /// Once for each connection, whatever state it reached.
  virtual void on_connection_down(Connection& connection, const std::string& reason) = 0;
  virtual void on_connection_draining(Connection& connection) = 0;
  /// A handshake took the peer's certificate although it has expired.
  virtual void on_connection_peer_expired(Connection& connection) = 0;
  virtual void on_connection_stream(Connection& connection, std::unique_ptr<LinkStream> stream,
                                    const StreamOpening& opening) = 0;
  /// It is up, and goes by UDP or by a carrier from now on.
  virtual void on_connection_travel(Connection& connection, Travel travel, const std::string& reason) = 0;
  /// As CarrierDialer; not out of settle(), and the connection is not called meanwhile.
  virtual CarrierId on_connection_dials(Connection& connection) = 0;
  virtual void on_connection_hangs_up(CarrierId carrier) = 0;
};

/// What a connection begins with.
struct ConnectionSetup {
  End end = End::client;
  Route remote;
  Path::Proof proof = Path::Proof::proven;  // of the remote's address
  std::uint32_t slot = 0;                   // the owner's number for it
  std::uint32_t version = kVersion1;
  ConnectionId first_destination;
  ConnectionId local;
  ConnectionId peer;                       // the server knows it from the INITIAL
  std::set<std::string> names;             // whom the peer may be, where this end is the client
  ResetToken reset_token{};                // of `local`
  MemoryBudget* receive_budget = nullptr;  // of all links together; outlives the connection
};

class Connection final : private StreamSetHost, private SentContentHandler {
 public:
  enum class State : std::uint8_t { handshaking, proven, up, closing, gone };

  /// References outlive it.
  Connection(const ConnectionSetup& setup, std::shared_ptr<const EndpointSettings> settings, Loop loop,
             std::shared_ptr<const AuthorityMac> mac, ConnectionHost& host);
  ~Connection() override = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What the link hands on.
  std::unique_ptr<LinkStream> open(const StreamOpening& opening, ByteStreamHandler& handler);
  [[nodiscard]] std::size_t streams() const { return streams_ == nullptr ? 0 : streams_->streams(); }
  [[nodiscard]] LinkQuality quality() const;
  [[nodiscard]] LinkCounters counters() const;
  void drain();
  void close(CloseCode code, const std::string& reason);
  void update(std::shared_ptr<const EndpointSettings> settings);

  // Datagrams in; after a batch, settle().
  void receive_long(Datagram& datagram, const LongPacket& packet);
  void receive_data(Datagram& datagram);
  void receive_retry(const LongPacket& packet);
  void receive_version(const LongPacket& packet);
  /// The peer has forgotten this connection.
  void receive_reset();
  [[nodiscard]] bool needs_settle() const;
  /// Calls handlers. The connection may be destroyed afterwards where it is gone.
  void settle();
  /// Writes what may leave.
  enum class Sent : std::uint8_t { all, batch_full, carrier_full };
  Sent build(PacketSink& sink);
  void advance();
  // connection_fallback.cpp
  void on_carrier_up(CarrierId carrier);
  void on_carrier_writable() { carrier_full_ = false; }
  void on_carrier_down(CarrierId carrier, const std::string& reason);
  /// What it dialled and has not hung up; kNoCarrier where there is nothing.
  [[nodiscard]] CarrierId carrier() const { return fallback_.carrier(); }
  /// When advance() or build() has something to do.
  [[nodiscard]] Time next_timeout() const;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool gone() const { return state_ == State::gone; }
  [[nodiscard]] bool was_up() const { return up_told_; }
  /// One of the ends did not take the other.
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] End end() const { return setup_.end; }
  [[nodiscard]] std::uint32_t slot() const { return setup_.slot; }
  [[nodiscard]] ConnectionId local() const { return setup_.local; }
  [[nodiscard]] ConnectionId first_destination() const { return setup_.first_destination; }
  [[nodiscard]] const Route& remote() const { return path_.remote(); }
  /// Proven name; from State::proven on.
  [[nodiscard]] const std::string& peer_name() const { return peer_.identity.name; }
  /// As of the last handshake; from State::proven on.
  [[nodiscard]] const PeerCertificate& peer() const { return peer_; }
  [[nodiscard]] const std::optional<ResetToken>& peer_reset_token() const { return peer_reset_token_; }
  /// A version that the peer said it speaks, for the next attempt.
  [[nodiscard]] std::uint32_t offered_version() const { return offered_version_; }

 private:
  enum class Built : std::uint8_t { packet, nothing, batch_full, carrier_full };
  /// What the peer's challenge is answered with: on the way that it came, as long as it was (RFC 9000 §8.2.2).
  struct PathResponse {
    Route remote;
    std::size_t octets = 0;
    PathChallengeData data{};
  };
  /// What a packet that came in was about.
  struct Meaning {
    Elicits elicits = Elicits::nothing;
    bool only_probes = true;  // ways are tried with it: it does not move the peer (RFC 9000 §9.1)
  };
  /// Which ones are due; each stays until it left, and comes back when lost.
  struct DueFrames {
    bool ping = false;
    bool goaway = false;
    bool quality = false;
    bool close = false;
    std::optional<PathResponse> path_response;
  };

  static std::size_t segment_overhead(const Stream& stream, const Segment& segment);
  [[nodiscard]] Time now() const { return loop_.now(); }
  [[nodiscard]] TlsPeerSettings tls_settings() const;
  [[nodiscard]] LinkParameters parameters() const;
  void end_at_once(const std::string& reason);
  void fail(StreamFault fault);
  /// False where the certificate has been revoked meanwhile: the connection closes.
  bool take_peer(const PeerCertificate& certificate);

  // connection_receive.cpp
  void on_proven();
  void on_confirmed();
  void take_event(HandshakeSpace::Event event);
  void take_packet(const OpenedPacket& packet, const Datagram& datagram);
  /// False where the connection must be closed; the frame was read already.
  bool take_frames(const OpenedPacket& packet, const Datagram& datagram, Meaning& meaning);
  bool take_frame(const FrameReader& reader, std::uint64_t packet);
  bool take_repaired();
  bool take_stream_frame(const FrameReader& reader, std::uint64_t packet);
  bool take_limit_frame(const FrameReader& reader);
  bool take_ack(const FrameReader& reader);
  bool take_crypto(const CryptoFrame& frame);
  void take_path_frame(const FrameReader& reader, const Datagram& datagram);
  void take_close(const CloseFrame& frame);
  [[nodiscard]] bool speaks_from(const Route& remote) const;
  void take_goaway();
  bool finish_rehandshake();
  void notice_address(const Route& remote, std::size_t octets);
  void go_by(const Route& remote);

  // connection_streams.cpp
  void on_streams_wake() override;
  void on_stream_accepted(std::unique_ptr<LinkStream> stream, const StreamOpening& opening) override;
  void on_content_acked(SentContent content) override;
  void on_content_lost(SentContent content) override;
  void on_item_acked(const SentItem& item);
  void on_item_lost(const SentItem& item);
  void write_controls(FrameWriter& writer);
  void write_segments(FrameWriter& writer);

  // connection_fallback.cpp
  void advance_fallback();
  void advance_validation();
  [[nodiscard]] Time fallback_timeout() const;
  [[nodiscard]] Duration patience() const;
  void on_udp_answers();
  void leave_udp();
  void carry(CarrierId carrier);
  void on_trial_answered(const Route& remote);
  void hang_up(CarrierId carrier);
  void tell_travel();

  // connection_send.cpp
  Built build_packet(PacketSink& sink);
  Built build_close(PacketSink& sink);
  Built build_handshake(PacketSink& sink, const CloseFrame* close);
  void prepare_to_send();
  void note_sent(std::size_t octets);
  [[nodiscard]] static Built full(const Route& remote);
  [[nodiscard]] Ecn ecn_towards(const Route& remote) const;
  Built build_challenge(PacketSink& sink);
  Built build_response(PacketSink& sink);
  Built build_path_proof(PacketSink& sink, const Route& remote, FrameType type, const PathChallengeData& data,
                         std::size_t octets);
  Built build_data(PacketSink& sink);
  Built build_mtu_probe(PacketSink& sink);
  [[nodiscard]] bool content_waits() const;
  PacketClass write_packet(FrameWriter& writer, SendGate gate);
  void write_ack(FrameWriter& writer);
  void write_due_frames(FrameWriter& writer);
  void write_rehandshake(FrameWriter& writer);
  void write_ping(FrameWriter& writer);
  void write_repair(FrameWriter& writer);
  [[nodiscard]] RepairView repair_view() const;
  [[nodiscard]] bool wants_guard() const;
  void guard(FrameWriter& writer);
  void commit(PacketSink& sink, MutableBytes room, std::size_t frames_octets, PacketClass cls);

  // connection_timers.cpp
  void advance_up();
  void note_activity();
  [[nodiscard]] std::string describe_silence() const;
  void advance_quality();
  [[nodiscard]] Time send_timeout() const;
  [[nodiscard]] Time quality_at() const;
  [[nodiscard]] Time handshake_dead_at() const;
  [[nodiscard]] Duration keepalive_interval() const;
  [[nodiscard]] Duration grace() const { return 3 * recovery_.probe_timeout(); }

  ConnectionSetup setup_;
  std::shared_ptr<const EndpointSettings> settings_;
  Loop loop_;
  ConnectionHost& host_;
  State state_ = State::handshaking;

  Path path_;
  PathValidation validation_;
  Fallback fallback_;                          // of use at the end that made the link
  std::unique_ptr<HandshakeSpace> handshake_;  // until the first protected packet came
  std::unique_ptr<LinkKeys> keys_;             // from State::proven on
  ReplayWindow replay_;
  AckTracker acks_;
  Recovery recovery_;
  RepairSender repair_sender_;
  RepairReceiver repair_receiver_;
  std::unique_ptr<StreamSet> streams_;  // from State::proven on
  Liveness liveness_;
  DueFrames due_;
  AckInfo ack_scratch_;

  PeerCertificate peer_;
  KeyBinding binding_;  // of epoch 0
  std::optional<ResetToken> peer_reset_token_;
  std::uint32_t offered_version_ = 0;

  // What settle() tells.
  bool up_told_ = false;
  bool down_told_ = false;
  bool draining_told_ = false;
  bool expired_due_ = false;  // the last handshake took a certificate that has expired
  bool refused_ = false;
  Travel travel_told_ = Travel::udp;
  std::string reason_;
  std::string travel_reason_;   // why it goes by what it goes by
  std::string carrier_reason_;  // why there is no carrier

  bool draining_ = false;       // GOAWAY was asked for here
  bool peer_draining_ = false;  // and by the peer
  bool carrier_full_ = false;   // until on_carrier_writable()
  CloseCode close_code_ = CloseCode::none;
  Time close_until_ = kNever;  // state closing: when it is gone

  DirectionQuality peer_quality_;
  bool active_ = false;  // stream octets moved since the last LINK_QUALITY
  Time quality_told_{};  // or, after a pause, when that ended
  Time begun_;
  Time streams_checked_{};
  LinkCounters counters_;
};

}  // namespace ringway::tmp

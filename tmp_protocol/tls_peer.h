#pragma once
// One TLS 1.3 handshake with both certificates, without a socket: octets in, octets out. It ends with the peer proven
// to be the configured one and a secret that both ends share. No tickets, no early data. Cheap: a link makes one every
// hour.
//
//   handshaking ──▶ done (peer verified; secrets may be exported) ──▶ failed (the peer refused us afterwards)
//        └────────▶ failed (see error())

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tmp_protocol/connection_id.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/link_parameters.h"
#include "tmp_protocol/packet.h"
#include "tmp_protocol/packet_protection.h"
#include "tmp_protocol/peer_judge.h"

namespace ringway::tmp {

/// Octets of one handshake that one end takes in all; certificates are about 600 octets.
inline constexpr std::size_t kMaxHandshakeOctets = 32768;

struct TlsPeerSettings {
  End end = End::client;
  std::shared_ptr<const Identity> identity;
  WantedPeer wanted;
  LinkParameters parameters;                  // for the other end
  std::chrono::system_clock::time_point now;  // certificates are judged by it
};

/// What keys are bound to besides the handshake itself; the same at both ends.
struct KeyBinding {
  std::uint32_t version = kVersion1;
  std::uint64_t epoch = 0;
  ConnectionId first_destination;  // of the link's first INITIAL
  ConnectionId client;             // the client's own connection ID in the handshake
  ConnectionId server;
};

/// The exporter's context: a digest of `binding` and of what both ends said in SETTINGS (docs/tmp.md, "Keys").
[[nodiscard]] Digest key_context(const KeyBinding& binding, Bytes client_settings, Bytes server_settings);

class TlsPeer {
 public:
  enum class State : std::uint8_t { handshaking, done, failed };

  explicit TlsPeer(TlsPeerSettings settings);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  /// The client's first flight. Once, before anything else; a server has none.
  void start();
  /// Takes what the peer sent, in order. May bring on done or failed.
  void feed(Bytes octets);
  /// Takes what is to be sent; also after a failure, since it may be the alert that tells the peer.
  [[nodiscard]] std::vector<std::uint8_t> take_output();

  [[nodiscard]] State state() const { return state_; }
  /// Why it failed, in words for the log.
  [[nodiscard]] const Error& error() const { return error_; }

  // When done:
  [[nodiscard]] const PeerIdentity& peer() const { return judge_.peer(); }
  [[nodiscard]] const PeerCertificate& peer_certificate() const { return judge_.certificate(); }
  [[nodiscard]] const LinkParameters& peer_parameters() const { return peer_parameters_; }
  [[nodiscard]] Suite suite() const;
  /// Both ends' secrets of `binding.epoch`. An error where not done, or where the version in use is not the best that
  /// both ends speak (RFC 9368 §4).
  [[nodiscard]] Result<LinkSecrets> export_secrets(const KeyBinding& binding) const;

  /// Makes `context` fit for this class; Identity does so with its own.
  static void prepare(SSL_CTX* context);

 private:
  class Callbacks;  // OpenSSL's way back in
  friend class Callbacks;

  void advance();
  void finish();
  void read_alerts();
  void fail(std::string message);

  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  TlsPeerSettings settings_;
  std::vector<std::uint8_t> sent_parameters_;
  std::vector<std::uint8_t> received_parameters_;
  std::unique_ptr<SSL, SslFree> ssl_;
  BIO* input_ = nullptr;   // owned by ssl_
  BIO* output_ = nullptr;  // owned by ssl_
  std::size_t fed_octets_ = 0;
  State state_ = State::handshaking;
  Error error_;
  PeerJudge judge_;  // of the peer's certificate and SETTINGS
  LinkParameters peer_parameters_;
};

}  // namespace ringway::tmp

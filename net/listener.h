#pragma once
// Accepts TCP connections, makes TLS of them where it is told to, and hands them out ready to use.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/byte_stream.h"
#include "base/limits.h"
#include "net/descriptor.h"
#include "net/tls_context.h"
#include "net/tls_stream.h"
#include "net/worker.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::net {

/// What is known of a connection when it is handed out.
struct AcceptedInfo {
  SocketAddress local;
  SocketAddress remote;
  Duration round_trip{};  // as the kernel saw it while it was made; zero where it did not
  bool tls = false;
  std::string server_name;                          // what the client asked for by SNI; empty where it did not
  std::string peer;                                 // as whom it has proven itself; empty where it had not to
  std::optional<tmp::PeerCertificate> certificate;  // by which it has, where that is of a gateways' authority
};

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  /// The stream is open, after the TLS handshake where there is one; set its handler before returning, or let it
  /// be destroyed. The listener is not destroyed in this call.
  virtual void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& info) = 0;
  /// A TLS handshake came to nothing; `reason` names the address.
  virtual void on_handshake_failed(const SocketAddress& remote, const std::string& reason) {
    static_cast<void>(remote);
    static_cast<void>(reason);
  }
};

struct ListenSettings {
  SocketAddress address;
  PortUse use = PortUse::exclusive;
  std::shared_ptr<const TlsServerContext> tls;  // null: plain TCP
  /// In place of `tls`: makes a connection that has its handshake before it.
  std::function<std::unique_ptr<TlsConnection>(Worker&, Descriptor, const SocketAddress& remote)> make_tls;
  /// Accepted and not yet closed, handshakes included. Above it the kernel's queue holds the others.
  std::size_t max_connections = limits::kMaxConnectionsPerListener;
  Duration handshake_limit = limits::kTlsHandshakeLimit;
  /// TLS handshakes under way, in all and from one address. Who comes above is hung up on.
  std::size_t max_handshakes = limits::kMaxConnectionsPerListener;
  std::size_t max_handshakes_per_address = limits::kMaxConnectionsPerListener;
};

/// Counters since the listener was made.
struct ListenerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t failed_handshakes = 0;
  std::uint64_t hung_up = 0;  // for max_handshakes
  std::uint64_t paused = 0;   // times that accepting stopped, for max_connections or for want of descriptors
};

class Listener {
 public:
  /// Listens at once. The worker and the handler outlive it.
  static Result<std::unique_ptr<Listener>> open(Worker& worker, const ListenSettings& settings, AcceptHandler& handler);
  /// Of a socket that is bound already, in place of the settings' address; it may be accepted from elsewhere as well.
  static Result<std::unique_ptr<Listener>> adopt(Worker& worker, Descriptor bound, const ListenSettings& settings,
                                                 AcceptHandler& handler);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// Connections that were handed out live on; handshakes under way are dropped.
  ~Listener();

  /// With the port that the kernel chose where the settings had 0.
  [[nodiscard]] SocketAddress address() const;
  /// Accepted and not yet closed.
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] const ListenerCounters& counters() const;
  /// A new certificate for connections that are accepted from now on.
  void set_tls(std::shared_ptr<const TlsServerContext> tls);

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net

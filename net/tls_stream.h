#pragma once
// TLS over a TCP connection, as a ByteStream. OpenSSL reads straight from the socket into its own buffer, which
// it has only while a record is under way; what it seals goes into chunks, and a turn's records leave in one
// system call.

#include <memory>
#include <optional>
#include <string>

#include "net/tcp_stream.h"
#include "net/tls_context.h"
#include "tmp_protocol/peer_trust.h"

struct bio_st;
struct bio_method_st;
struct ssl_st;

namespace ringway::net {

class TlsConnection : public TcpConnection {
 public:
  /// The server's side of an accepted connection. on_open() comes after the handshake.
  TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote,
                std::shared_ptr<const TlsServerContext> context);
  /// The client's side of a connection that is being made.
  TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote,
                std::shared_ptr<const TlsClientContext> context);
  ~TlsConnection() override;

  /// What the client asked for by SNI; empty where it did not.
  [[nodiscard]] std::string server_name() const;
  /// As whom the peer has proven itself; empty where it had not to.
  [[nodiscard]] virtual std::string peer_name() const { return {}; }
  /// By which; nothing where it showed none, or none of a gateways' authority.
  [[nodiscard]] virtual std::optional<tmp::PeerCertificate> peer_certificate() const { return std::nullopt; }
  /// "TLSv1.3".
  [[nodiscard]] std::string_view version() const;

 protected:
  enum class Side : std::uint8_t { accepted, dialled };
  /// With another's context, and what a subclass sets up in ssl().
  TlsConnection(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, struct ssl_ctx_st* context);
  [[nodiscard]] ssl_st* ssl() const { return ssl_; }
  /// Why the peer's certificate was not taken; empty where OpenSSL's reason is to be told.
  [[nodiscard]] virtual std::string refusal() const { return {}; }

  Handshake handshake() override;
  void receive() override;
  [[nodiscard]] bool holds_received() const override;
  void transmit() override;
  [[nodiscard]] std::size_t unsent() const override { return unsent_.size() + sealed_.size(); }

 private:
  struct SocketBio;

  void set_up(struct ssl_ctx_st* context);
  /// Seals what is unsent, as far as the bound of sealed octets goes.
  void seal();
  /// One record of many small slices, or of one large one.
  bool seal_record();
  /// After a failed call: the reason, as well as it can be told.
  void fail_tls(std::string_view action);

  std::shared_ptr<const TlsServerContext> server_;
  std::shared_ptr<const TlsClientContext> client_;
  ssl_st* ssl_ = nullptr;
  ByteQueue sealed_;       // records that the kernel has not taken
  bool notified_ = false;  // our close_notify is sealed
  Received last_read_;     // of the socket: OpenSSL keeps no reason
};

}  // namespace ringway::net

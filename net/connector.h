#pragma once
// Makes TCP connections, and TLS ones that verify the server, for rooms that own no socket (base/connector.h).

#include <map>
#include <memory>
#include <optional>

#include "base/connector.h"
#include "base/limits.h"
#include "net/descriptor.h"
#include "net/tls_context.h"
#include "net/worker.h"

namespace ringway::net {

/// A socket that is being connected, from `local` where that is set; the error is as TcpConnector's.
Result<Descriptor> begin_connect(const SocketAddress& address, const std::optional<IpAddress>& local = std::nullopt);

struct ConnectSettings {
  /// From the first packet to on_open(), the TLS handshake included.
  Duration limit = limits::kConnectLimit;
  std::optional<IpAddress> local = {};  // from which address; none: the kernel's choice
};

/// Errors come as on_abort() with `connection_failed` and a message such as
/// "connect to 192.0.2.1:80: Connection refused".
class TcpConnector final : public Connector {
 public:
  explicit TcpConnector(Worker& worker, const ConnectSettings& settings = {});
  ~TcpConnector() override;

  std::unique_ptr<ByteStream> connect(const SocketAddress& address, const TlsClientSettings* tls,
                                      ByteStreamHandler& handler) override;
  /// Reads certificate files again at the next connection.
  void forget_contexts() { contexts_.clear(); }

 private:
  Result<std::shared_ptr<const TlsClientContext>> context(const TlsClientSettings& settings);

  Worker& worker_;
  ConnectSettings settings_;
  std::map<TlsClientSettings, std::shared_ptr<const TlsClientContext>> contexts_;
};

}  // namespace ringway::net

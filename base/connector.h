#pragma once
// How a room asks for a connection to somewhere without owning a socket.

#include <memory>
#include <string>

#include "base/address.h"
#include "base/byte_stream.h"

namespace ringway {

/// How to speak TLS to a server. Empty strings mean "not set".
struct TlsClientSettings {
  std::string server_name;       // SNI and the name the certificate is verified for
  std::string authority_file;    // PEM; empty: the system's authorities
  std::string certificate_file;  // PEM, for servers that ask for one
  std::string key_file;
  auto operator<=>(const TlsClientSettings&) const = default;
};

class Connector {
 public:
  virtual ~Connector() = default;
  /// Begins to connect; `handler` hears on_open() or on_abort(). `tls` is null for plain TCP, and outlives
  /// the stream otherwise. Writing before on_open() is allowed.
  virtual std::unique_ptr<ByteStream> connect(const SocketAddress& address, const TlsClientSettings* tls,
                                              ByteStreamHandler& handler) = 0;
};

}  // namespace ringway

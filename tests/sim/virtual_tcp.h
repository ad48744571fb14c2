#pragma once
// TCP connections on virtual time, as the gateways see them: reliable, in order, with windows, half-close and resets.

#include <functional>
#include <map>
#include <memory>

#include "base/connector.h"
#include "tests/sim/network.h"

namespace ringway::sim {

/// Octets that one side may have sent and the other not yet consumed.
inline constexpr std::size_t kPipeWindowOctets = 64 * 1024;

struct Pipe {
  std::unique_ptr<ByteStream> near;
  std::unique_ptr<ByteStream> far;
};

/// A connection between two nodes that is already made; `delay` each way.
Pipe make_pipe(Node& near, Node& far, Duration delay);

/// What listens at virtual addresses.
class VirtualServers {
 public:
  using Accept = std::function<void(std::unique_ptr<ByteStream>)>;
  /// Null refuses.
  void listen(const SocketAddress& address, Node& node, Accept accept) {
    servers_[address] = {&node, std::move(accept)};
  }
  void close(const SocketAddress& address) { servers_.erase(address); }

 private:
  friend class VirtualConnector;
  struct Server {
    Node* node;
    Accept accept;
  };
  std::map<SocketAddress, Server> servers_;
};

/// Connects from `node`; refused where nobody listens.
class VirtualConnector final : public Connector {
 public:
  VirtualConnector(Node& node, VirtualServers& servers, Duration delay)
      : node_(node), servers_(servers), delay_(delay) {}
  std::unique_ptr<ByteStream> connect(const SocketAddress& address, const TlsClientSettings* tls,
                                      ByteStreamHandler& handler) override;

 private:
  Node& node_;
  VirtualServers& servers_;
  Duration delay_;
};

}  // namespace ringway::sim

#pragma once
// Drives a TMP endpoint over a UDP socket: batches in, trains out at the end of every turn, time-outs between; and over
// carriers, where settings say so: then a back-end listens for them at the same address and port.

#include <memory>

#include "net/udp_socket.h"
#include "net/worker.h"
#include "tmp_protocol/endpoint.h"

namespace ringway::net {

class TmpDriver {
 public:
  /// The worker and the handler outlive it.
  static Result<std::unique_ptr<TmpDriver>> open(Worker& worker, const UdpSettings& udp,
                                                 std::shared_ptr<const tmp::EndpointSettings> settings,
                                                 tmp::LinkHandler& handler);
  TmpDriver(const TmpDriver&) = delete;
  TmpDriver& operator=(const TmpDriver&) = delete;
  ~TmpDriver();

  /// New identity, rings or peers for what comes; nothing in flight breaks.
  void update(std::shared_ptr<const tmp::EndpointSettings> settings);
  /// Closes every link with a CLOSE that the peer can read; nothing follows.
  void close(const std::string& reason);

  [[nodiscard]] tmp::Endpoint& endpoint();
  [[nodiscard]] SocketAddress address() const;
  [[nodiscard]] const UdpSocket& socket() const;

 private:
  class Impl;
  explicit TmpDriver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net

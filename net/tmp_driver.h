#pragma once
// Drives a TMP endpoint over a UDP socket: batches in, trains out at the end of every turn, time-outs between.

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

  [[nodiscard]] tmp::Endpoint& endpoint();
  [[nodiscard]] SocketAddress address() const;
  [[nodiscard]] const UdpSocket& socket() const;
  /// Sends what the endpoint has ready now, as after Endpoint::close() when no turn will follow.
  void flush();

 private:
  class Impl;
  explicit TmpDriver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::net

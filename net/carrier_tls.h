#pragma once
// TLS between two gateways, each with its identity: what a carrier runs over (docs/tmp.md, "Carriers").

#include <memory>

#include "net/judged_tls.h"

namespace ringway::net {

class CarrierTls final : public JudgedTls {
 public:
  /// Of a connection that was accepted, or that is being made; the peer must prove to be one who is `wanted`.
  static std::unique_ptr<CarrierTls> accepted(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                              const tmp::Identity& identity, tmp::WantedPeer wanted);
  static std::unique_ptr<CarrierTls> dialled(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                             const tmp::Identity& identity, tmp::WantedPeer wanted);

 private:
  CarrierTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, const tmp::Identity& identity,
             tmp::WantedPeer wanted);
};

}  // namespace ringway::net

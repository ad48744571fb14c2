#pragma once
// TLS between two gateways, each with its identity: what a carrier runs over (docs/tmp.md, "Carriers").

#include <memory>
#include <string>

#include "net/tls_stream.h"
#include "tmp_protocol/peer_judge.h"

namespace ringway::net {

class CarrierTls final : public TlsConnection {
 public:
  /// Of a connection that was accepted, or that is being made; the peer must prove to be one who is `wanted`.
  static std::unique_ptr<CarrierTls> accepted(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                              const tmp::Identity& identity, tmp::WantedPeer wanted);
  static std::unique_ptr<CarrierTls> dialled(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                             const tmp::Identity& identity, tmp::WantedPeer wanted);

  [[nodiscard]] std::string peer_name() const override { return judge_.peer().name; }

 protected:
  [[nodiscard]] std::string refusal() const override { return judge_.refusal(); }

 private:
  CarrierTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, const tmp::Identity& identity,
             tmp::WantedPeer wanted);
  struct Callbacks;  // OpenSSL's way back in

  const Clock& clock_;
  tmp::WantedPeer wanted_;
  tmp::PeerJudge judge_;
};

}  // namespace ringway::net

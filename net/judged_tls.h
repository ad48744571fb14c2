#pragma once
// TLS with a peer whom the gateways' authority knows: its certificate is judged as it comes
// (tmp_protocol/peer_judge.h).

#include <memory>
#include <optional>
#include <string>

#include "net/tls_stream.h"
#include "tmp_protocol/peer_judge.h"

namespace ringway::net {

/// Whether a peer that shows no certificate is let in, as nobody.
enum class Proof : std::uint8_t { required, wished };

class JudgedTls : public TlsConnection {
 public:
  [[nodiscard]] std::string peer_name() const override { return judge_.peer().name; }
  [[nodiscard]] std::optional<tmp::PeerCertificate> peer_certificate() const override;

 protected:
  JudgedTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, struct ssl_ctx_st* context,
            tmp::WantedPeer wanted, Proof proof);
  JudgedTls(Worker& worker, Descriptor fd, const SocketAddress& remote, std::shared_ptr<const TlsServerContext> context,
            tmp::WantedPeer wanted, Proof proof);
  [[nodiscard]] std::string refusal() const override { return judge_.refusal(); }

 private:
  struct Callbacks;  // OpenSSL's way back in
  void begin_judging(Proof proof);

  const Clock& clock_;
  tmp::WantedPeer wanted_;
  tmp::PeerJudge judge_;
};

}  // namespace ringway::net

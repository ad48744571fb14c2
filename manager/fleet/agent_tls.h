#pragma once
// TLS of a connection that an agent makes to the manager. The agent proves who it is by a certificate of the manager's
// authority, or shows none: then it can only enrol. An expired one is good for its renewal (agent_session.h). The
// manager sends its authority's certificate behind its own: by that a new gateway knows it (manager_proof.h).

#include <memory>
#include <string>

#include "net/tls_stream.h"
#include "tmp_protocol/openssl_handles.h"
#include "tmp_protocol/peer_judge.h"

namespace ringway::manager {

/// Who the manager is to agents. Immutable.
struct ManagerIdentity {
  std::shared_ptr<const tmp::Identity> identity;
  tmp::CertificateHandle authority;
};

class AgentTls final : public net::TlsConnection {
 public:
  static std::unique_ptr<AgentTls> accepted(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                                            std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust);

  [[nodiscard]] std::string peer_name() const override { return judge_.peer().name; }
  [[nodiscard]] std::optional<tmp::PeerCertificate> peer_certificate() const override;

 protected:
  [[nodiscard]] std::string refusal() const override { return judge_.refusal(); }

 private:
  AgentTls(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
           std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust);
  struct Callbacks;  // OpenSSL's way back in

  std::shared_ptr<const ManagerIdentity> manager_;
  const Clock& clock_;
  tmp::WantedPeer wanted_;
  tmp::PeerJudge judge_;
};

}  // namespace ringway::manager

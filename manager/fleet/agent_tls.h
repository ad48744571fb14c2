#pragma once
// TLS of a connection that an agent makes to the manager. The agent proves who it is by a certificate of the manager's
// authority, or shows none: then it can only enrol. An expired one is good for its renewal (agent_session.h). The
// manager sends its authority's certificate behind its own: by that a new gateway knows it (manager_proof.h).

#include <memory>

#include "net/judged_tls.h"
#include "tmp_protocol/openssl_handles.h"

namespace ringway::manager {

/// Who the manager is to agents. Immutable.
struct ManagerIdentity {
  std::shared_ptr<const tmp::Identity> identity;
  tmp::CertificateHandle authority;
};

class AgentTls final : public net::JudgedTls {
 public:
  static std::unique_ptr<AgentTls> accepted(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                                            std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust);

 private:
  AgentTls(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
           std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust);

  std::shared_ptr<const ManagerIdentity> manager_;
};

}  // namespace ringway::manager

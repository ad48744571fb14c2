#include "manager/fleet/agent_tls.h"

#include <openssl/ssl.h>

#include <utility>

namespace ringway::manager {

struct AgentTls::Callbacks {
  static int verify(int trusted, X509_STORE_CTX* store) {
    const auto* const ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<AgentTls*>(SSL_get_app_data(ssl));
    return self.judge_.judge(store, trusted, self.wanted_, self.clock_.wall());
  }
};

AgentTls::AgentTls(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                   std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust)
    : TlsConnection(worker, std::move(fd), remote, Side::accepted, manager->identity->carrier_context()),
      manager_(std::move(manager)),
      clock_(worker.loop().clock) {
  wanted_.trust = std::move(trust);
  wanted_.name = tmp::WantedName::any_role;
  if (ssl() == nullptr) return;
  SSL_set_app_data(ssl(), this);
  SSL_add1_chain_cert(ssl(), manager_->authority.get());
  SSL_set_verify(ssl(), SSL_VERIFY_PEER, Callbacks::verify);
}

std::unique_ptr<AgentTls> AgentTls::accepted(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                                             std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust) {
  return std::unique_ptr<AgentTls>(new AgentTls(worker, std::move(fd), remote, std::move(manager), std::move(trust)));
}

std::optional<tmp::PeerCertificate> AgentTls::peer_certificate() const {
  if (judge_.peer().name.empty()) return std::nullopt;
  return judge_.certificate();
}

}  // namespace ringway::manager

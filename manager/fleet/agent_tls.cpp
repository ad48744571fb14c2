#include "manager/fleet/agent_tls.h"

#include <openssl/ssl.h>

#include <utility>

namespace ringway::manager {

namespace {

tmp::WantedPeer whoever_is_known(tmp::PeerTrust trust) {
  tmp::WantedPeer wanted;
  wanted.trust = std::move(trust);
  wanted.name = tmp::WantedName::any_role;
  return wanted;
}

}  // namespace

AgentTls::AgentTls(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                   std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust)
    : JudgedTls(worker, std::move(fd), remote, Side::accepted, manager->identity->carrier_context(),
                whoever_is_known(std::move(trust)), net::Proof::wished),
      manager_(std::move(manager)) {
  if (ssl() != nullptr) SSL_add1_chain_cert(ssl(), manager_->authority.get());
}

std::unique_ptr<AgentTls> AgentTls::accepted(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote,
                                             std::shared_ptr<const ManagerIdentity> manager, tmp::PeerTrust trust) {
  return std::unique_ptr<AgentTls>(new AgentTls(worker, std::move(fd), remote, std::move(manager), std::move(trust)));
}

}  // namespace ringway::manager

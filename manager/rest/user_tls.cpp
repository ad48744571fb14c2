#include "manager/rest/user_tls.h"

#include <openssl/ssl.h>

#include <utility>

namespace ringway::manager {

namespace {

tmp::WantedPeer any_user() {
  tmp::WantedPeer wanted;
  wanted.role = tmp::Role::user;
  wanted.name = tmp::WantedName::any;
  return wanted;
}

}  // namespace

class UserDoor::Connection final : public net::JudgedTls {
 public:
  Connection(net::Worker& worker, net::Descriptor fd, const SocketAddress& remote, const UserDoor& door)
      : JudgedTls(worker, std::move(fd), remote, door.shown_, any_user(), net::Proof::wished) {
    if (ssl() == nullptr) return;
    SSL_set1_verify_cert_store(ssl(), door.trusted_.get());
    SSL_add_client_CA(ssl(), door.authority_.get());
    // Each connection proves who it is anew: nobody comes in by a ticket after a revocation.
    SSL_set_options(ssl(), SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl(), 0);
  }
};

Result<std::shared_ptr<const UserDoor>> UserDoor::open(std::shared_ptr<const net::TlsServerContext> shown,
                                                       const tmp::Authority& authority) {
  std::vector<tmp::CertificateHandle> certificates = tmp::read_certificates(authority.certificate);
  const std::shared_ptr<UserDoor> door(new UserDoor);
  door->shown_ = std::move(shown);
  door->trusted_.reset(X509_STORE_new());
  if (certificates.empty() || door->trusted_ == nullptr ||
      X509_STORE_add_cert(door->trusted_.get(), certificates.front().get()) != 1) {
    return internal_error("the authority's certificate cannot be used: " + net::take_tls_reason());
  }
  door->authority_ = std::move(certificates.front());
  return std::shared_ptr<const UserDoor>(door);
}

std::unique_ptr<net::TlsConnection> UserDoor::accepted(net::Worker& worker, net::Descriptor fd,
                                                       const SocketAddress& remote) const {
  return std::make_unique<Connection>(worker, std::move(fd), remote, *this);
}

}  // namespace ringway::manager

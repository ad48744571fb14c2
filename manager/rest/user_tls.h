#pragma once
// TLS of a connection to the API: the manager shows the certificate that its file names, and a client may prove by one
// of the gateways' authority which user it is (manager/access/authenticator.h judges what that user may do). Browsers
// are asked only where they have such a certificate.

#include <openssl/x509.h>

#include <memory>

#include "net/judged_tls.h"
#include "tmp_protocol/identity_maker.h"
#include "tmp_protocol/openssl_handles.h"

namespace ringway::manager {

/// What the API's connections have in common. Immutable.
class UserDoor {
 public:
  static Result<std::shared_ptr<const UserDoor>> open(std::shared_ptr<const net::TlsServerContext> shown,
                                                      const tmp::Authority& authority);
  /// Outlived by the connection. Whether its certificate is revoked is asked with each request, not here.
  [[nodiscard]] std::unique_ptr<net::TlsConnection> accepted(net::Worker& worker, net::Descriptor fd,
                                                             const SocketAddress& remote) const;

 private:
  UserDoor() = default;
  class Connection;

  std::shared_ptr<const net::TlsServerContext> shown_;
  tmp::CertificateHandle authority_;
  std::unique_ptr<X509_STORE, tmp::OpensslFree<X509_STORE_free>> trusted_;  // `authority_` alone
};

}  // namespace ringway::manager

#include "net/carrier_tls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <utility>

#include "base/limits.h"

namespace ringway::net {

namespace {

/// The rings decide late only where little has been decided already.
Descriptor with_little_unsent(Descriptor fd) {
  set_tcp_options(fd.get());
  set_option(fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(limits::kCarrierUnsentOctets));
  return fd;
}

}  // namespace

struct CarrierTls::Callbacks {
  static int verify(int trusted, X509_STORE_CTX* store) {
    const auto* const ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<CarrierTls*>(SSL_get_app_data(ssl));
    return self.judge_.judge(store, trusted, self.wanted_, self.clock_.wall());
  }
};

CarrierTls::CarrierTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side,
                       const tmp::Identity& identity, tmp::WantedPeer wanted)
    : TlsConnection(worker, with_little_unsent(std::move(fd)), remote, side, identity.carrier_context()),
      clock_(worker.loop().clock),
      wanted_(std::move(wanted)) {
  set_unsent_limit(1);  // it is writable when nothing waits
  if (ssl() == nullptr) return;
  SSL_set_app_data(ssl(), this);
  SSL_set_verify(ssl(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Callbacks::verify);
}

std::unique_ptr<CarrierTls> CarrierTls::accepted(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                                 const tmp::Identity& identity, tmp::WantedPeer wanted) {
  return std::unique_ptr<CarrierTls>(
      new CarrierTls(worker, std::move(fd), remote, Side::accepted, identity, std::move(wanted)));
}

std::unique_ptr<CarrierTls> CarrierTls::dialled(Worker& worker, Descriptor fd, const SocketAddress& remote,
                                                const tmp::Identity& identity, tmp::WantedPeer wanted) {
  return std::unique_ptr<CarrierTls>(
      new CarrierTls(worker, std::move(fd), remote, Side::dialled, identity, std::move(wanted)));
}

}  // namespace ringway::net

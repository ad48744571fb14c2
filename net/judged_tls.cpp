#include "net/judged_tls.h"

#include <openssl/ssl.h>

#include <utility>

namespace ringway::net {

struct JudgedTls::Callbacks {
  static int verify(int trusted, X509_STORE_CTX* store) {
    const auto* const ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<JudgedTls*>(SSL_get_app_data(ssl));
    return self.judge_.judge(store, trusted, self.wanted_, self.clock_.wall());
  }
};

JudgedTls::JudgedTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side, ssl_ctx_st* context,
                     tmp::WantedPeer wanted, Proof proof)
    : TlsConnection(worker, std::move(fd), remote, side, context),
      clock_(worker.loop().clock),
      wanted_(std::move(wanted)) {
  begin_judging(proof);
}

JudgedTls::JudgedTls(Worker& worker, Descriptor fd, const SocketAddress& remote,
                     std::shared_ptr<const TlsServerContext> context, tmp::WantedPeer wanted, Proof proof)
    : TlsConnection(worker, std::move(fd), remote, std::move(context)),
      clock_(worker.loop().clock),
      wanted_(std::move(wanted)) {
  begin_judging(proof);
}

void JudgedTls::begin_judging(Proof proof) {
  if (ssl() == nullptr) return;
  SSL_set_app_data(ssl(), this);
  const int required = proof == Proof::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_set_verify(ssl(), SSL_VERIFY_PEER | required, Callbacks::verify);
}

std::optional<tmp::PeerCertificate> JudgedTls::peer_certificate() const {
  if (judge_.peer().name.empty()) return std::nullopt;
  return judge_.certificate();
}

}  // namespace ringway::net

#include "net/manager_dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <utility>

#include "base/limits.h"
#include "net/carrier_tls.h"
#include "net/connector.h"

namespace ringway::net {

namespace {

/// Begins what `make` makes of the socket.
template <class Make>
std::unique_ptr<ByteStream> dial(const SocketAddress& address, ByteStreamHandler& handler, Make make) {
  Result<Descriptor> fd = begin_connect(address);
  if (fd) {
    using std::chrono::milliseconds;
    set_option(fd->get(), IPPROTO_TCP, TCP_USER_TIMEOUT,
               static_cast<int>(milliseconds(limits::kManagerSilence).count()));
  }
  std::unique_ptr<TcpConnection> connection = make(fd ? std::move(*fd) : Descriptor());
  connection->set_handler(&handler);
  if (fd) {
    connection->begin(limits::kConnectLimit);
  } else {
    connection->begin_failed(fd.error().message);
  }
  return std::make_unique<TcpStream>(std::move(connection));
}

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;

/// Its peer's chain is judged by prove_manager() alone.
class UnknownManagerTls final : public TlsConnection {
 public:
  UnknownManagerTls(Worker& worker, Descriptor fd, const SocketAddress& remote, SSL_CTX* context,
                    const tmp::Digest& authority, tmp::ProvenManager& proven)
      : TlsConnection(worker, std::move(fd), remote, Side::dialled, context),
        clock_(worker.loop().clock),
        authority_(authority),
        proven_(proven) {
    if (ssl() != nullptr) SSL_set_app_data(ssl(), this);
  }

  static Context make_context() {
    Context context(SSL_CTX_new(TLS_client_method()));
    if (context == nullptr) return context;
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), judge, nullptr);
    return context;
  }

 protected:
  [[nodiscard]] std::string refusal() const override { return refusal_; }

 private:
  static int judge(X509_STORE_CTX* store, void* /*argument*/) {
    const auto* const ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<UnknownManagerTls*>(SSL_get_app_data(ssl));
    auto proven = tmp::prove_manager(X509_STORE_CTX_get0_untrusted(store), self.authority_, self.clock_.wall());
    if (proven) {
      self.proven_ = std::move(*proven);
      return 1;
    }
    self.refusal_ = proven.error().message;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }

  const Clock& clock_;
  tmp::Digest authority_;
  tmp::ProvenManager& proven_;
  std::string refusal_;
};

}  // namespace

std::unique_ptr<ByteStream> dial_manager(Worker& worker, const SocketAddress& address, const tmp::Identity& identity,
                                         const tmp::PeerTrust& trust, ByteStreamHandler& handler) {
  return dial(address, handler, [&](Descriptor fd) {
    return CarrierTls::dialled(worker, std::move(fd), address, identity,
                               {tmp::Role::manager, {}, trust, tmp::WantedName::any});
  });
}

std::unique_ptr<ByteStream> dial_unknown_manager(Worker& worker, const SocketAddress& address,
                                                 const tmp::Digest& authority, tmp::ProvenManager& proven,
                                                 ByteStreamHandler& handler) {
  const Context context = UnknownManagerTls::make_context();
  return dial(address, handler, [&](Descriptor fd) {
    return std::make_unique<UnknownManagerTls>(worker, std::move(fd), address, context.get(), authority, proven);
  });
}

}  // namespace ringway::net

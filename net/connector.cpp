#include "net/connector.h"

#include <netinet/in.h>

#include <cerrno>

#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace ringway::net {

Result<Descriptor> begin_connect(const SocketAddress& address, const std::optional<IpAddress>& local) {
  const NativeAddress native(address);
  Descriptor fd(::socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return origin_error(describe_failure("connect to", address, errno));
  set_tcp_options(fd.get());
  const NativeAddress from(SocketAddress{local.value_or(IpAddress()), 0});
  if (local && ::bind(fd.get(), from.get(), from.size) != 0) {
    return origin_error(describe_failure("connect to", address, errno));
  }
  if (::connect(fd.get(), native.get(), native.size) != 0 && errno != EINPROGRESS) {
    return origin_error(describe_failure("connect to", address, errno));
  }
  return fd;
}

TcpConnector::TcpConnector(Worker& worker, const ConnectSettings& settings) : worker_(worker), settings_(settings) {}

TcpConnector::~TcpConnector() = default;

std::unique_ptr<ByteStream> TcpConnector::connect(const SocketAddress& address, const TlsClientSettings* tls,
                                                  ByteStreamHandler& handler) {
  std::string failure;
  Descriptor fd;
  std::shared_ptr<const TlsClientContext> tls_context;
  if (tls != nullptr) {
    Result<std::shared_ptr<const TlsClientContext>> found = context(*tls);
    if (found) {
      tls_context = *found;
    } else {
      failure = found.error().message;
    }
  }
  if (failure.empty()) {
    Result<Descriptor> begun = begin_connect(address, settings_.local);
    if (begun) {
      fd = std::move(*begun);
    } else {
      failure = begun.error().message;
    }
  }
  std::unique_ptr<TcpConnection> connection;
  if (tls_context != nullptr) {
    connection = std::make_unique<TlsConnection>(worker_, std::move(fd), address, std::move(tls_context));
  } else {
    connection = std::make_unique<TcpConnection>(worker_, std::move(fd), address, TcpConnection::Phase::connecting);
  }
  connection->set_handler(&handler);
  if (failure.empty()) {
    connection->begin(settings_.limit);
  } else {
    connection->begin_failed(std::move(failure));
  }
  return std::make_unique<TcpStream>(std::move(connection));
}

Result<std::shared_ptr<const TlsClientContext>> TcpConnector::context(const TlsClientSettings& settings) {
  const auto found = contexts_.find(settings);
  if (found != contexts_.end()) return found->second;
  Result<std::shared_ptr<const TlsClientContext>> loaded = TlsClientContext::load(settings);
  if (loaded) contexts_.emplace(settings, *loaded);
  return loaded;
}

}  // namespace ringway::net

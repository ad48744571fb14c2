#include "net/carrier_tls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

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

CarrierTls::CarrierTls(Worker& worker, Descriptor fd, const SocketAddress& remote, Side side,
                       const tmp::Identity& identity, tmp::WantedPeer wanted)
    : JudgedTls(worker, with_little_unsent(std::move(fd)), remote, side, identity.carrier_context(), std::move(wanted),
                Proof::required) {
  set_unsent_limit(1);  // it is writable when nothing waits
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

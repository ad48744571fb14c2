#include "cli/dns/udp_service.h"

#include <utility>

namespace ringway::cli {

Result<std::unique_ptr<UdpService>> UdpService::open(net::Worker& worker, net::Descriptor bound, Answerer& answerer) {
  std::unique_ptr<UdpService> service(new UdpService(answerer));
  net::UdpSettings settings;
  settings.traffic = net::Traffic::single;
  auto socket = net::UdpSocket::adopt(worker, std::move(bound), settings, *service);
  if (!socket) return socket.error();
  service->socket_ = std::move(*socket);
  return service;
}

void UdpService::on_datagrams(std::span<tmp::Datagram> batch) {
  for (const tmp::Datagram& datagram : batch) {
    const SocketAddress& remote = datagram.remote.address;
    auto& out = answers_[trains_.size()];
    const dns::Reply reply = answerer_.answer({remote.ip, dns::Transport::udp}, datagram.payload, out);
    if (reply.octets == 0) continue;
    trains_.push_back({remote, net::kEcnNotCapable, reply.octets, Bytes(out).first(reply.octets)});
    if (trains_.size() == kBatch) flush();
  }
  flush();
}

void UdpService::flush() {
  if (trains_.empty()) return;
  unsent_ += trains_.size() - socket_->send(trains_);
  trains_.clear();
}

}  // namespace ringway::cli

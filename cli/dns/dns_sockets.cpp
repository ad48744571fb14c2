#include "cli/dns/dns_sockets.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace ringway::cli {

namespace {

Status open_group(int type, const SocketAddress& address, std::size_t workers, std::vector<DnsSocket>& out) {
  const net::PortUse use = workers > 1 ? net::PortUse::shared : net::PortUse::exclusive;
  const Status free = net::check_port_is_free(type, address);
  if (!free) return free;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    auto descriptor = net::open_bound_socket(type, address, use);
    if (!descriptor) return descriptor.error();
    out.push_back({type, address, std::move(*descriptor)});
  }
  return {};
}

bool same_group(const DnsSocket& a, const DnsSocket& b) { return a.type == b.type && a.address == b.address; }

}  // namespace

std::string socket_text(int type, const SocketAddress& address) {
  return (type == SOCK_DGRAM ? "udp " : "tcp ") + address.text();
}

Result<DnsSockets> DnsSockets::open(const std::vector<SocketAddress>& addresses, std::size_t workers,
                                    std::vector<DnsSocket> inherited) {
  DnsSockets opened;
  opened.workers_ = workers;
  for (const SocketAddress& address : addresses) {
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      const std::size_t before = opened.sockets_.size();
      for (DnsSocket& socket : inherited) {
        if (socket.type == type && socket.address == address) opened.sockets_.push_back(std::move(socket));
      }
      if (opened.sockets_.size() > before) continue;
      const Status own = open_group(type, address, workers, opened.sockets_);
      if (!own) return own.error();
    }
  }
  return opened;
}

std::vector<DnsSockets::Group> DnsSockets::groups() const {
  std::vector<Group> groups;
  for (auto first = sockets_.begin(); first != sockets_.end();) {
    const auto end = std::find_if_not(first, sockets_.end(), [&](const DnsSocket& s) { return same_group(*first, s); });
    groups.emplace_back(first, end);
    first = end;
  }
  return groups;
}

Result<std::vector<DnsSocket>> DnsSockets::of(std::size_t worker) const {
  std::vector<DnsSocket> its;
  for (const Group& group : groups()) {
    for (std::size_t i = worker % group.size(); i < group.size(); i += workers_) {
      auto descriptor = group[i].descriptor.duplicate();
      if (!descriptor) return descriptor.error();
      its.push_back({group[i].type, group[i].address, std::move(*descriptor)});
    }
  }
  return its;
}

double DnsSockets::part_of(std::size_t worker) const {
  double most = 0;
  for (const Group& group : groups()) {
    const std::size_t after = group.size() - worker % group.size();
    const std::size_t its = (after + workers_ - 1) / workers_;
    most = std::max(most, static_cast<double>(its) / static_cast<double>(group.size()));
  }
  return most;
}

}  // namespace ringway::cli

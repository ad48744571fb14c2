#pragma once
// One worker's part of a redirector: sockets of its own on every address, and what answers behind them.

#include <memory>
#include <vector>

#include "base/metrics.h"
#include "cli/dns/tcp_service.h"
#include "cli/dns/udp_service.h"
#include "redirector_dns/settings.h"

namespace ringway::cli {

/// What all workers answer from; each part may be swapped on its own.
struct DnsContent {
  std::shared_ptr<const dns::ZoneSet> zones;
  std::optional<dns::CookieSecrets> cookies;
  dns::steering::SharedTable table;  // null: nothing is steered
};

class DnsShare {
 public:
  /// Listens when it is told to serve. `workers` that share an address have a socket each.
  DnsShare(net::Worker& worker, const dns::ResponderSettings& settings);

  Status listen(const std::vector<SocketAddress>& addresses, net::PortUse use);
  void take(const DnsContent& content);
  void set_table(dns::steering::SharedTable table) { answerer_.set_table(std::move(table)); }
  void collect(Metrics& metrics) const;

 private:
  net::Worker& worker_;
  Answerer answerer_;
  std::vector<std::unique_ptr<UdpService>> udp_;
  std::vector<std::unique_ptr<TcpService>> tcp_;
};

}  // namespace ringway::cli

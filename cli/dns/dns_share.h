#pragma once
// One worker's part of a redirector: sockets of its own on every address, what answers behind them, and its counts.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "cli/dns/dns_sockets.h"
#include "cli/dns/tcp_service.h"
#include "cli/dns/udp_service.h"
#include "redirector_dns/settings.h"

namespace ringway::cli {

/// What all workers answer from; each part may be swapped on its own.
struct DnsContent {
  std::shared_ptr<const dns::ZoneSet> zones;
  std::optional<dns::CookieSecrets> cookies;
  dns::steering::SharedTable table;  // null: nothing is steered
  double sample = 0;                 // of queries that are logged
};

/// Since the worker began, where nothing else is said.
struct DnsCount {
  std::uint64_t queries = 0;
  std::uint32_t connections = 0;  // TCP, now
  std::map<std::string, std::uint64_t> pops;
  std::vector<ResolverCount> resolvers;  // since the last count
};

class DnsShare {
 public:
  DnsShare(net::Worker& worker, const dns::ResponderSettings& settings);

  /// Answers what comes there.
  Status listen(std::vector<DnsSocket> sockets);
  /// Answers no more but what TCP connections ask that are there.
  void leave();
  void take(const DnsContent& content);
  void set_table(dns::steering::SharedTable table) { answerer_.set_table(std::move(table)); }
  [[nodiscard]] std::size_t connections() const;
  void collect(Metrics& metrics) const;
  [[nodiscard]] DnsCount count();
  /// Of the query log, since the last call.
  [[nodiscard]] std::string take_lines() { return answerer_.log().take(); }

 private:
  net::Worker& worker_;
  Answerer answerer_;
  std::vector<std::unique_ptr<UdpService>> udp_;
  std::vector<std::unique_ptr<TcpService>> tcp_;
};

}  // namespace ringway::cli

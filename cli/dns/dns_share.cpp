#include "cli/dns/dns_share.h"

#include <utility>

namespace ringway::cli {

namespace {

void collect_outcomes(Metrics& metrics, const std::string& zone, const dns::OutcomeCounts& counts) {
  for (std::size_t i = 0; i < dns::kOutcomes; ++i) {
    const auto outcome = static_cast<dns::Outcome>(i);
    if (counts.of(outcome) == 0) continue;
    metrics
        .counter("ringway_dns_queries_total", "What became of queries, by zone.",
                 {{"zone", zone}, {"outcome", std::string(dns::outcome_name(outcome))}})
        .set_total(counts.of(outcome));
  }
}

/// What none of the zones counts.
dns::OutcomeCounts outside(const dns::Responder& responder) {
  dns::OutcomeCounts rest = responder.counts();
  for (std::size_t i = 0; i < responder.zones().zones().size(); ++i) rest = rest - responder.counts_of(i);
  return rest;
}

}  // namespace

DnsShare::DnsShare(net::Worker& worker, const dns::ResponderSettings& settings)
    : worker_(worker), answerer_(settings, worker.loop()) {}

Status DnsShare::listen(const std::vector<SocketAddress>& addresses, net::PortUse use) {
  for (const SocketAddress& address : addresses) {
    auto udp = UdpService::open(worker_, address, use, answerer_);
    if (!udp) return udp.error();
    udp_.push_back(std::move(*udp));
    auto tcp = TcpService::open(worker_, address, use, answerer_);
    if (!tcp) return tcp.error();
    tcp_.push_back(std::move(*tcp));
  }
  return {};
}

void DnsShare::take(const DnsContent& content) {
  answerer_.set_zones(content.zones);
  answerer_.set_cookies(content.cookies);
  answerer_.set_table(content.table);
}

void DnsShare::collect(Metrics& metrics) const {
  const dns::Responder& responder = answerer_.responder();
  const auto& zones = responder.zones().zones();
  for (std::size_t i = 0; i < zones.size(); ++i) {
    collect_outcomes(metrics, zones[i]->apex().text(), responder.counts_of(i));
  }
  collect_outcomes(metrics, "", outside(responder));
  std::size_t connections = 0;
  for (const auto& tcp : tcp_) connections += tcp->connections();
  metrics.gauge("ringway_dns_tcp_connections", "TCP connections that are open.").set(static_cast<double>(connections));
  std::uint64_t unsent = 0;
  std::uint64_t drops = 0;
  for (const auto& udp : udp_) {
    unsent += udp->unsent();
    drops += udp->counters().kernel_drops;
  }
  metrics.counter("ringway_dns_unsent_total", "Answers that the kernel had no room for.").set_total(unsent);
  metrics.counter("ringway_dns_kernel_drops_total", "Queries that the kernel dropped: the receive buffer was full.")
      .set_total(drops);
}

}  // namespace ringway::cli

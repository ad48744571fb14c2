#include "cli/dns/dns_share.h"

#include <sys/socket.h>

#include <numeric>
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

void collect_steered(Metrics& metrics, const SteeredCounts& counts) {
  for (const auto& [pop, reasons] : counts.by_pop()) {
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      if (reasons[i] == 0) continue;
      const auto reason = static_cast<dns::steering::Reason>(i);
      metrics
          .counter("ringway_dns_steered_total", "Steered answers, by POP and why it was that one.",
                   {{"pop", pop}, {"reason", std::string(dns::steering::reason_name(reason))}})
          .set_total(reasons[i]);
    }
  }
}

}  // namespace

DnsShare::DnsShare(net::Worker& worker, const dns::ResponderSettings& settings)
    : worker_(worker), answerer_(settings, worker.loop()) {}

Status DnsShare::listen(std::vector<DnsSocket> sockets) {
  for (DnsSocket& socket : sockets) {
    if (socket.type == SOCK_DGRAM) {
      auto udp = UdpService::open(worker_, std::move(socket.descriptor), answerer_);
      if (!udp) return udp.error();
      udp_.push_back(std::move(*udp));
    } else {
      auto tcp = TcpService::open(worker_, std::move(socket.descriptor), answerer_);
      if (!tcp) return tcp.error();
      tcp_.push_back(std::move(*tcp));
    }
  }
  return {};
}

void DnsShare::leave() {
  udp_.clear();
  for (const auto& tcp : tcp_) tcp->leave();
}

void DnsShare::take(const DnsContent& content) {
  answerer_.set_zones(content.zones);
  answerer_.set_cookies(content.cookies);
  answerer_.set_table(content.table);
  answerer_.log().set_sample(content.sample);
}

void DnsShare::collect(Metrics& metrics) const {
  const dns::Responder& responder = answerer_.responder();
  const auto& zones = responder.zones().zones();
  for (std::size_t i = 0; i < zones.size(); ++i) {
    collect_outcomes(metrics, zones[i]->apex().text(), responder.counts_of(i));
  }
  collect_outcomes(metrics, "", responder.counts_outside());
  collect_steered(metrics, answerer_.steered());
  metrics.gauge("ringway_dns_tcp_connections", "TCP connections that are open.")
      .set(static_cast<double>(connections()));
  dropped_lines(metrics).set_total(answerer_.log().dropped());
  std::uint64_t hung_up = 0;
  for (const auto& tcp : tcp_) hung_up += tcp->hung_up();
  metrics.counter("ringway_dns_tcp_hung_up_total", "TCP connections that were not taken: their address had too many.")
      .set_total(hung_up);
  std::uint64_t unsent = 0;
  for (const auto& udp : udp_) unsent += udp->unsent();
  metrics.counter("ringway_dns_unsent_total", "Answers that the kernel had no room for.").set_total(unsent);
}

std::size_t DnsShare::connections() const {
  std::size_t connections = 0;
  for (const auto& tcp : tcp_) connections += tcp->connections();
  return connections;
}

DnsCount DnsShare::count() {
  DnsCount count;
  for (std::size_t i = 0; i < dns::kOutcomes; ++i) {
    count.queries += answerer_.responder().counts().of(static_cast<dns::Outcome>(i));
  }
  count.connections = static_cast<std::uint32_t>(connections());
  for (const auto& [pop, reasons] : answerer_.steered().by_pop()) {
    count.pops[pop] = std::accumulate(reasons.begin(), reasons.end(), std::uint64_t{0});
  }
  count.resolvers = answerer_.resolvers().take();
  return count;
}

}  // namespace ringway::cli

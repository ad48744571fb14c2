#include "cli/link_reporter.h"

#include <utility>

#include "base/chunk.h"

namespace ringway::cli {

void LinkReporter::on_link_up(tmp::Link& link) {
  // No round trip is measured yet: the metrics tell it.
  log_.info("link is up", {{"peer", link.peer()}});
  next_->on_link_up(link);
}

void LinkReporter::on_link_down(tmp::Link& link, const std::string& reason) {
  log_.limited("link down", LogLevel::warning, "link is down", {{"peer", link.peer()}, {"reason", reason}});
  next_->on_link_down(link, reason);
}

void LinkReporter::on_link_travel(tmp::Link& link, tmp::Travel travel, const std::string& reason) {
  const bool carried = travel == tmp::Travel::carrier;
  log_.info(carried ? "link runs over TLS on TCP" : "link is back on UDP", {{"peer", link.peer()}, {"reason", reason}});
  next_->on_link_travel(link, travel, reason);
}

void LinkReporter::on_stream(tmp::Link& link, std::unique_ptr<tmp::LinkStream> stream,
                             const tmp::StreamOpening& opening) {
  next_->on_stream(link, std::move(stream), opening);
}

void LinkReporter::on_link_draining(tmp::Link& link) {
  log_.info("peer is draining", {{"peer", link.peer()}});
  next_->on_link_draining(link);
}

void LinkReporter::on_peer_expired(tmp::Link& link, tmp::WallTime expired) {
  metrics_
      .counter("ringway_link_expired_certificates_total",
               "Handshakes that took an expired certificate, since no manager could be reached to renew it.")
      .add();
  log_.limited("peer expired", LogLevel::warning, "took an expired certificate: no manager can be reached",
               {{"peer", link.peer()}, {"expired", format_wall_time(expired)}});
}

void LinkReporter::on_carrier_fault(const SocketAddress& remote, const std::string& reason) {
  log_.limited("carrier fault", LogLevel::warning, "closed a carrier",
               {{"address", remote.text()}, {"reason", reason}});
}

void LinkReporter::on_peer_refused(const SocketAddress& remote, const std::string& reason) {
  metrics_.counter("ringway_link_peers_refused_total", "Handshakes refused: unknown names, roles or authorities.")
      .add();
  log_.limited("peer refused", LogLevel::warning, "refused a peer", {{"address", remote.text()}, {"reason", reason}});
}

namespace {

void collect_quality(Metrics& metrics, const tmp::Link& link, const Labels& labels) {
  const tmp::LinkQuality quality = link.quality();
  metrics.gauge("ringway_link_up", "Whether the link is up.", labels).set(link.up() ? 1 : 0);
  for (const tmp::Travel travel : {tmp::Travel::udp, tmp::Travel::carrier}) {
    Labels with_carrier = labels;
    with_carrier.emplace_back("carrier", travel == tmp::Travel::udp ? "udp" : "tls");
    metrics.gauge("ringway_link_carrier", "What the link runs over: 1 for one of them where it is up.", with_carrier)
        .set(link.up() && quality.travel == travel ? 1 : 0);
  }
  metrics.gauge("ringway_link_streams", "Streams open.", labels).set(static_cast<double>(link.streams()));
  metrics.gauge("ringway_link_rtt_seconds", "Smoothed round-trip time.", labels).set(to_seconds(quality.smoothed_rtt));
  metrics.gauge("ringway_link_min_rtt_seconds", "Least round-trip time.", labels).set(to_seconds(quality.min_rtt));
  metrics.gauge("ringway_link_sent_loss_ratio", "Share of the packets sent that was lost.", labels)
      .set(quality.sent_loss);
  metrics.gauge("ringway_link_received_loss_ratio", "Share lost of what the peer sent, as it says.", labels)
      .set(quality.received_loss);
  metrics.gauge("ringway_link_window_bytes", "Congestion window.", labels)
      .set(static_cast<double>(quality.window_octets));
  metrics.gauge("ringway_link_in_flight_bytes", "Sent and not yet acknowledged.", labels)
      .set(static_cast<double>(quality.in_flight_octets));
  metrics.gauge("ringway_link_queued_bytes", "Written to streams and not yet sent.", labels)
      .set(static_cast<double>(quality.queued_octets));
  metrics.gauge("ringway_link_delivery_bytes_per_second", "Rate at which the peer receives.", labels)
      .set(static_cast<double>(quality.delivery_octets_per_s));
  metrics.gauge("ringway_link_hosted_connections", "N: client connections with demand.", labels).set(quality.hosted);
}

void collect_counters(Metrics& metrics, const tmp::Link& link, const Labels& labels) {
  const tmp::LinkCounters& counters = link.counters();
  metrics.counter("ringway_link_sent_packets_total", "Packets sent.", labels).set_total(counters.packets_sent);
  metrics.counter("ringway_link_received_packets_total", "Packets received.", labels)
      .set_total(counters.packets_received);
  metrics.counter("ringway_link_lost_packets_total", "Packets taken for lost.", labels)
      .set_total(counters.packets_lost);
  metrics.counter("ringway_link_sent_repairs_total", "Spare packets sent.", labels).set_total(counters.repairs_sent);
  metrics.counter("ringway_link_repaired_packets_total", "Lost packets that a spare one replaced.", labels)
      .set_total(counters.packets_repaired);
  metrics.counter("ringway_link_dropped_packets_total", "Packets replayed, altered, cut or unknown.", labels)
      .set_total(counters.packets_dropped);
  metrics.counter("ringway_link_sent_bytes_total", "UDP payload sent.", labels).set_total(counters.octets_sent);
  metrics.counter("ringway_link_received_bytes_total", "UDP payload received.", labels)
      .set_total(counters.octets_received);
  metrics.counter("ringway_link_resent_bytes_total", "Stream octets sent again.", labels)
      .set_total(counters.octets_resent);
  metrics.counter("ringway_link_ups_total", "Times the link was made.", labels).set_total(counters.times_up);
  metrics.counter("ringway_link_fallbacks_total", "Times the link left UDP for TLS on TCP.", labels)
      .set_total(counters.times_carried);
  metrics.counter("ringway_link_returns_total", "Times it came back to UDP.", labels)
      .set_total(counters.times_returned);
  for (int ring = 0; ring < tmp::kRings; ++ring) {
    Labels with_ring = labels;
    with_ring.emplace_back("ring", std::to_string(ring));
    metrics.counter("ringway_link_ring_sent_bytes_total", "Stream octets sent, by ring.", with_ring)
        .set_total(counters.ring_octets_sent[ring]);
  }
}

}  // namespace

void collect_link_metrics(Metrics& metrics, net::TmpDriver& driver, const std::vector<tmp::Link*>& links) {
  for (const tmp::Link* link : links) {
    const Labels labels = {{"peer", link->peer()}};
    collect_quality(metrics, *link, labels);
    collect_counters(metrics, *link, labels);
  }
  metrics.counter("ringway_link_dropped_packets_total", "Packets replayed, altered, cut or unknown.", {{"peer", ""}})
      .set_total(driver.endpoint().stray_datagrams());
  const net::UdpCounters udp = driver.socket().counters();
  const Labels socket = {{"socket", driver.address().text()}};
  metrics.counter("ringway_udp_received_datagrams_total", "Datagrams received.", socket)
      .set_total(udp.datagrams_received);
  metrics.counter("ringway_udp_sent_datagrams_total", "Datagrams sent.", socket).set_total(udp.datagrams_sent);
  metrics.counter("ringway_udp_kernel_drops_total", "Datagrams dropped by a full receive buffer.", socket)
      .set_total(udp.kernel_drops);
}

void collect_process_metrics(Metrics& metrics) {
  metrics.gauge("ringway_buffer_bytes", "Octets in buffers.").set(static_cast<double>(Chunk::alive() * sizeof(Chunk)));
}

}  // namespace ringway::cli

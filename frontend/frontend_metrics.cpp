#include "frontend/frontend_metrics.h"

namespace ringway::frontend {

FrontendMetrics::FrontendMetrics(Metrics& metrics)
    : connections(metrics.gauge("ringway_client_connections", "Client connections open.")),
      accepted(metrics.counter("ringway_client_connections_total", "Client connections accepted.")),
      exchanges(metrics.gauge("ringway_exchanges", "Exchanges in flight.")),
      malformed(metrics.counter("ringway_malformed_requests_total", "Requests refused before they had a site.")),
      retries(metrics.counter("ringway_retries_total", "Exchanges begun again on another back-end.")),
      no_backend(metrics.counter("ringway_no_backend_total", "Exchanges that found no back-end.")),
      link_content_before(metrics.counter("ringway_link_content_before_bytes_total",
                                          "Content that crossed links, before the link's compression.")),
      link_content_after(metrics.counter("ringway_link_content_after_bytes_total",
                                         "Content that crossed links, after the link's compression.")),
      metrics_(metrics) {}

FrontendMetrics::SiteSeries& FrontendMetrics::site(const std::string& site) {
  const auto found = sites_.find(site);
  if (found != sites_.end()) return found->second;
  SiteSeries series{};
  static constexpr std::array<const char*, 6> kClasses = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    series.responses[i] = &metrics_.counter("ringway_requests_total", "Requests by class of their answer's status.",
                                            {{"site", site}, {"status", kClasses[i]}});
  }
  for (std::size_t ring = 0; ring < series.rings.size(); ++ring) {
    series.rings[ring] = &metrics_.counter("ringway_ring_requests_total", "Requests by ring.",
                                           {{"site", site}, {"ring", std::to_string(ring)}});
  }
  series.refused =
      &metrics_.counter("ringway_refused_requests_total",
                        "Requests answered with 503: there was no room, or no back-end.", {{"site", site}});
  series.request_octets =
      &metrics_.counter("ringway_request_content_bytes_total", "Content of requests.", {{"site", site}});
  series.response_octets =
      &metrics_.counter("ringway_response_content_bytes_total", "Content of responses.", {{"site", site}});
  series.seconds =
      &metrics_.histogram("ringway_request_duration_seconds", "From a request's head to the last octet of its answer.",
                          latency_bounds(), {{"site", site}});
  return sites_.emplace(site, series).first->second;
}

}  // namespace ringway::frontend

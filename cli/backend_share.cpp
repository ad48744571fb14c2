#include "cli/backend_share.h"

#include <utility>

#include "cli/worker_team.h"

namespace ringway::cli {

Result<std::unique_ptr<BackendShare>> BackendShare::open(net::Worker& worker,
                                                         std::shared_ptr<const backend::Settings> settings,
                                                         SiteNames sites) {
  auto access_log = AccessLogFile::open(worker, settings->gateway.access_log);
  if (!access_log) return access_log.error();
  return std::unique_ptr<BackendShare>(
      new BackendShare(worker, std::move(settings), std::move(sites), std::move(access_log).value()));
}

BackendShare::BackendShare(net::Worker& worker, std::shared_ptr<const backend::Settings> settings, SiteNames sites,
                           std::unique_ptr<AccessLogFile> access_log)
    : worker_(worker),
      sites_(std::move(sites)),
      connector_(worker),
      access_log_(std::move(access_log)),
      backend_(std::make_unique<backend::Backend>(std::move(settings), worker.loop(), connector_, access_log_.get())) {}

BackendShare::~BackendShare() {
  // Exchanges that ended may wait to be destroyed: they use the room, and their streams its ends of the links.
  finish_deferred(worker_);
}

void BackendShare::take(std::shared_ptr<const backend::Settings> settings, SiteNames sites) {
  sites_ = std::move(sites);
  connector_.forget_contexts();
  backend_->update(std::move(settings));
}

Status BackendShare::reopen_log() { return access_log_ == nullptr ? Status() : access_log_->reopen(); }

void BackendShare::join(const LinkFan::End& end) {
  ends_.push_back(std::make_unique<net::RemoteLink>(worker_, end.peer, end.channel, *backend_));
}

void BackendShare::set_revision(std::uint64_t revision) {
  if (access_log_ != nullptr) access_log_->set_revision(revision);
}

namespace {

SiteCount count_of(const backend::SiteService& site) {
  SiteCount count;
  count.refused = site.counters().shed;
  count.requests = count.refused;
  for (const auto& server : site.servers()) {
    const backend::OriginCounters& counters = server->counters();
    const std::uint64_t failed = counters.failures + counters.connect_failures;
    count.requests += counters.requests;
    count.errors += failed;
    count.origins.push_back({server->settings().name, static_cast<std::uint32_t>(server->pending()),
                             server->settings().max_pending, counters.requests, failed, server->well()});
  }
  return count;
}

}  // namespace

ShareCount BackendShare::count() const {
  ShareCount all;
  for (const auto& [name, site] : backend_->sites()) {
    if (sites_.contains(name)) all.sites[name] = count_of(*site);
  }
  all.exchanges = backend_->counters().exchanges;
  all.connections = static_cast<std::uint32_t>(backend_->open_exchanges());
  return all;
}

void BackendShare::collect() {
  if (access_log_ != nullptr) access_log_->collect(metrics_);
  const backend::BackendCounters& counters = backend_->counters();
  metrics_.counter("ringway_exchanges_total", "Exchanges taken from links.").set_total(counters.exchanges);
  metrics_
      .counter("ringway_worker_exchanges_total", "Exchanges taken from links, by worker.",
               {{"worker", std::to_string(worker_.index())}})
      .set_total(counters.exchanges);
  metrics_.counter("ringway_exchanges_refused_total", "Streams for unknown sites, or from front-ends not admitted.")
      .set_total(counters.refused);
  metrics_.gauge("ringway_exchanges", "Exchanges in flight.").set(static_cast<double>(backend_->open_exchanges()));
  for (const auto& [name, site] : backend_->sites()) {
    if (sites_.contains(name)) collect_site(*site);
  }
}

void BackendShare::collect_site(const backend::SiteService& site) {
  const std::string& name = site.settings().name;
  const Labels labels = {{"site", name}};
  metrics_.gauge("ringway_queue_length", "Exchanges waiting for an origin.", labels)
      .set(static_cast<double>(site.waiting()));
  metrics_.counter("ringway_queue_shed_total", "Exchanges that found the queue full.", labels)
      .set_total(site.counters().shed);
  for (const auto& server : site.servers()) {
    const Labels origin = {{"site", name}, {"origin", server->settings().name}};
    metrics_.gauge("ringway_origin_pending", "Requests at the origin.", origin)
        .set(static_cast<double>(server->pending()));
    metrics_.gauge("ringway_origin_well", "Whether the origin is not being left alone.", origin)
        .set(server->well() ? 1 : 0);
    metrics_.counter("ringway_origin_requests_total", "Requests given to the origin.", origin)
        .set_total(server->counters().requests);
    metrics_.counter("ringway_origin_connects_total", "Connections begun to the origin.", origin)
        .set_total(server->counters().connects);
    metrics_.counter("ringway_origin_connect_failures_total", "Connections that failed.", origin)
        .set_total(server->counters().connect_failures);
    metrics_.counter("ringway_origin_failures_total", "Requests that came to nothing at the origin.", origin)
        .set_total(server->counters().failures);
  }
}

}  // namespace ringway::cli

#include "cli/backend_gateway.h"

#include <utility>

namespace ringway::cli {

namespace {

/// How long front-ends are given to hear that nothing new is taken: what they sent meanwhile is refused
/// stream by stream, which they may do again elsewhere, where a closed link would leave them in doubt.
constexpr Duration kSettleTime = std::chrono::milliseconds(500);

}  // namespace

Result<std::unique_ptr<BackendGateway>> BackendGateway::open(const GatewayParts& parts,
                                                             std::shared_ptr<const backend::Settings> settings) {
  std::unique_ptr<BackendGateway> gateway(new BackendGateway(parts, std::move(settings)));
  const Status started = gateway->start();
  if (!started) return started.error();
  return gateway;
}

BackendGateway::BackendGateway(const GatewayParts& parts, std::shared_ptr<const backend::Settings> settings)
    : parts_(parts),
      settings_(std::move(settings)),
      log_("backend", settings_->gateway.log, parts.log_sink, parts.worker.loop().clock),
      reporter_(log_, metrics_),
      connector_(parts.worker) {}

BackendGateway::~BackendGateway() = default;

Status BackendGateway::start() {
  auto access_log = AccessLogFile::open(parts_.worker, settings_->gateway.access_log);
  if (!access_log) return access_log.error();
  access_log_ = std::move(access_log).value();
  backend_ = std::make_unique<backend::Backend>(settings_, parts_.worker.loop(), connector_, access_log_.get());
  reporter_.set_next(*backend_);
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  net::UdpSettings udp;
  udp.address = *settings_->link.address;
  auto driver = net::TmpDriver::open(parts_.worker, udp, *endpoint, reporter_);
  if (!driver) return driver.error();
  driver_ = std::move(driver).value();
  const Status admin = open_admin();
  if (!admin) return admin;
  log_.info("serving", {{"name", settings_->gateway.name}, {"link", link_address().text()}});
  return {};
}

Result<std::shared_ptr<const tmp::EndpointSettings>> BackendGateway::make_endpoint_settings(
    const backend::Settings& settings) {
  auto identity = gateway_identity(parts_, settings.gateway.name, tmp::Role::backend, settings.link.identity);
  if (!identity) return identity.error();
  auto endpoint = std::make_shared<tmp::EndpointSettings>(backend::endpoint_settings(settings));
  endpoint->identity = *identity;
  endpoint->reset_key = reset_key(settings.link.identity, parts_.worker.loop().random);
  endpoint->worker = parts_.worker.index();
  return std::shared_ptr<const tmp::EndpointSettings>(std::move(endpoint));
}

Status BackendGateway::open_admin() {
  if (!settings_->gateway.admin) return {};
  auto admin = net::AdminServer::open(parts_.worker, *settings_->gateway.admin);
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();
  admin_->handle("/metrics", [this] {
    return net::AdminAnswer{200, "text/plain; version=0.0.4; charset=utf-8", metrics_text()};
  });
  admin_->handle("/healthz", [] { return net::AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"}; });
  admin_->handle("/readyz", [this] {
    return drain_began_ != kNever ? net::AdminAnswer{503, "text/plain; charset=utf-8", "draining\n"}
                                  : net::AdminAnswer{200, "text/plain; charset=utf-8", "ready\n"};
  });
  return {};
}

Status BackendGateway::reload(const std::string& path) {
  auto loaded = backend::load_settings(path);
  if (!loaded) return loaded.error();
  const std::shared_ptr<const backend::Settings> next = *loaded;
  if (next->gateway.name != settings_->gateway.name || next->link.address != settings_->link.address ||
      next->gateway.admin != settings_->gateway.admin) {
    return internal_error(path + ": a changed name, link address or admin address takes a restart");
  }
  auto endpoint = make_endpoint_settings(*next);
  if (!endpoint) return endpoint.error();
  if (access_log_ != nullptr) {
    const Status reopened = access_log_->reopen();
    if (!reopened) return reopened;
  }
  settings_ = next;
  log_.set(settings_->gateway.log);
  connector_.forget_contexts();
  driver_->endpoint().update(*endpoint);
  backend_->update(settings_);
  return {};
}

void BackendGateway::drain() {
  drain_began_ = parts_.worker.now();
  for (tmp::Link* link : driver_->endpoint().links()) link->drain();
}

bool BackendGateway::drained() const {
  return backend_->open_exchanges() == 0 && parts_.worker.now() - drain_began_ >= kSettleTime;
}

void BackendGateway::close() {
  driver_->endpoint().close("the back-end is stopping");
  driver_->flush();
}

std::string BackendGateway::metrics_text() {
  collect_metrics();
  const Metrics* const all[] = {&metrics_};
  return prometheus_text(all);
}

void BackendGateway::collect_metrics() {
  collect_process_metrics(metrics_);
  collect_link_metrics(metrics_, *driver_, driver_->endpoint().links());
  metrics_.counter("ringway_exchanges_total", "Exchanges taken from links.").set_total(backend_->counters().exchanges);
  metrics_.counter("ringway_exchanges_refused_total", "Streams for unknown sites, or from front-ends not admitted.")
      .set_total(backend_->counters().refused);
  metrics_.gauge("ringway_exchanges", "Exchanges in flight.").set(static_cast<double>(backend_->open_exchanges()));
  for (const auto& [name, site] : backend_->sites()) {
    const Labels labels = {{"site", name}};
    metrics_.gauge("ringway_queue_length", "Exchanges waiting for an origin.", labels)
        .set(static_cast<double>(site->waiting()));
    metrics_.counter("ringway_queue_shed_total", "Exchanges that found the queue full.", labels)
        .set_total(site->counters().shed);
    for (const auto& server : site->servers()) {
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
}

}  // namespace ringway::cli

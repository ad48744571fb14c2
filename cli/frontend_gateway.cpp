#include "cli/frontend_gateway.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ringway::cli {

class FrontendGateway::Entrance final : public net::AcceptHandler {
 public:
  /// `tcp_site` is empty for HTTP.
  Entrance(frontend::Frontend& frontend, std::string tcp_site) : frontend_(frontend), tcp_site_(std::move(tcp_site)) {}

  Status open(net::Worker& worker, const net::ListenSettings& settings) {
    auto listener = net::Listener::open(worker, settings, *this);
    if (!listener) return listener.error();
    listener_ = std::move(listener).value();
    return {};
  }

  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override {
    const frontend::ClientInfo client{info.remote, info.local, info.tls};
    if (tcp_site_.empty()) {
      frontend_.accept_http(std::move(stream), client);
    } else {
      frontend_.accept_tcp(tcp_site_, std::move(stream), client);
    }
  }

  [[nodiscard]] const std::string& tcp_site() const { return tcp_site_; }
  void set_tls(std::shared_ptr<const net::TlsServerContext> tls) { listener_->set_tls(std::move(tls)); }

 private:
  frontend::Frontend& frontend_;
  std::string tcp_site_;
  std::unique_ptr<net::Listener> listener_;
};

namespace {

/// A listening socket as the settings describe it.
struct EntrancePlan {
  std::string tcp_site;
  net::ListenSettings listen;
};

Result<std::map<SocketAddress, EntrancePlan>> plan_entrances(const frontend::Settings& settings) {
  std::map<SocketAddress, EntrancePlan> plans;
  for (const frontend::Listener& listener : settings.listeners) {
    EntrancePlan& plan = plans[listener.address];
    if (!listener.tls) continue;
    auto tls = net::TlsServerContext::load(listener.tls->certificate, listener.tls->key);
    if (!tls) return tls.error();
    plan.listen.tls = *tls;
  }
  for (const frontend::Site& site : settings.sites) {
    if (site.listen) plans[*site.listen].tcp_site = site.name;
  }
  for (auto& [address, plan] : plans) {
    plan.listen.address = address;
    plan.listen.max_connections = settings.clients.max_connections;
    plan.listen.handshake_limit = settings.clients.handshake_timeout;
  }
  return plans;
}

SocketAddress any_address(bool v4) { return {v4 ? IpAddress::v4({0, 0, 0, 0}) : IpAddress::v6({}), 0}; }

}  // namespace

Result<std::unique_ptr<FrontendGateway>> FrontendGateway::open(const GatewayParts& parts,
                                                               std::shared_ptr<const frontend::Settings> settings) {
  std::unique_ptr<FrontendGateway> gateway(new FrontendGateway(parts, std::move(settings)));
  const Status started = gateway->start();
  if (!started) return started.error();
  return gateway;
}

FrontendGateway::FrontendGateway(const GatewayParts& parts, std::shared_ptr<const frontend::Settings> settings)
    : parts_(parts),
      settings_(std::move(settings)),
      log_("frontend", settings_->gateway.log, parts.log_sink, parts.worker.loop().clock),
      reporter_(log_, metrics_) {}

FrontendGateway::~FrontendGateway() = default;

Status FrontendGateway::start() {
  auto access_log = AccessLogFile::open(parts_.worker, settings_->gateway.access_log);
  if (!access_log) return access_log.error();
  access_log_ = std::move(access_log).value();
  frontend_ = std::make_unique<frontend::Frontend>(settings_, parts_.worker.loop(), metrics_, access_log_.get());
  reporter_.set_next(*frontend_);
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  const Status drivers = open_drivers(*settings_, *endpoint);
  if (!drivers) return drivers;
  auto entrances = open_entrances(*settings_, {});
  if (!entrances) return entrances.error();
  const Status admin = open_admin();
  if (!admin) return admin;
  connect_links(*settings_);
  keep_entrances(*settings_, std::move(entrances).value());
  log_.info("serving", {{"name", settings_->gateway.name}});
  return {};
}

Result<std::shared_ptr<const tmp::EndpointSettings>> FrontendGateway::make_endpoint_settings(
    const frontend::Settings& settings) {
  auto identity = gateway_identity(parts_, settings.gateway.name, tmp::Role::frontend, settings.link.identity);
  if (!identity) return identity.error();
  auto endpoint = std::make_shared<tmp::EndpointSettings>(frontend::endpoint_settings(settings));
  endpoint->identity = *identity;
  endpoint->reset_key = reset_key(settings.link.identity, parts_.worker.loop().random);
  endpoint->worker = parts_.worker.index();
  return std::shared_ptr<const tmp::EndpointSettings>(std::move(endpoint));
}

Status FrontendGateway::open_drivers(const frontend::Settings& settings,
                                     std::shared_ptr<const tmp::EndpointSettings> endpoint) {
  for (const frontend::Site& site : settings.sites) {
    for (const tmp::PeerTarget& target : site.backends) {
      const bool v4 = target.address.ip.is_v4();
      std::unique_ptr<net::TmpDriver>& driver = v4 ? ipv4_driver_ : ipv6_driver_;
      if (driver != nullptr) continue;
      net::UdpSettings udp;
      const bool configured = settings.link.address && settings.link.address->ip.is_v4() == v4;
      udp.address = configured ? *settings.link.address : any_address(v4);
      auto opened = net::TmpDriver::open(parts_.worker, udp, endpoint, reporter_);
      if (!opened) return opened.error();
      driver = std::move(opened).value();
    }
  }
  return {};
}

net::TmpDriver& FrontendGateway::driver_for(const SocketAddress& remote) {
  return remote.ip.is_v4() ? *ipv4_driver_ : *ipv6_driver_;
}

/// Links to back-ends that are no longer named are closed: their exchanges begin again elsewhere where they may.
void FrontendGateway::connect_links(const frontend::Settings& settings) {
  std::map<std::string, tmp::Link*> links;
  for (const frontend::Site& site : settings.sites) {
    for (const tmp::PeerTarget& target : site.backends) {
      if (links.contains(target.name)) continue;
      const auto present = links_.find(target.name);
      links[target.name] =
          present != links_.end() ? present->second : &driver_for(target.address).endpoint().connect(target);
    }
  }
  frontend_->set_links(links);
  for (const auto& [name, link] : links_) {
    if (!links.contains(name)) link->close("no longer configured");
  }
  links_ = std::move(links);
}

Result<FrontendGateway::Entrances> FrontendGateway::open_entrances(const frontend::Settings& settings,
                                                                   const Entrances& present) {
  auto plans = plan_entrances(settings);
  if (!plans) return plans.error();
  Entrances opened;
  for (const auto& [address, plan] : *plans) {
    const auto found = present.find(address);
    if (found != present.end() && found->second->tcp_site() == plan.tcp_site) {
      opened[address] = nullptr;
      continue;
    }
    auto entrance = std::make_unique<Entrance>(*frontend_, plan.tcp_site);
    const Status status = entrance->open(parts_.worker, plan.listen);
    if (!status) return status.error();
    opened[address] = std::move(entrance);
  }
  return opened;
}

void FrontendGateway::keep_entrances(const frontend::Settings& settings, Entrances opened) {
  const auto plans = plan_entrances(settings);
  for (auto& [address, entrance] : opened) {
    if (entrance != nullptr) continue;
    entrance = std::move(entrances_.at(address));
    if (plans) entrance->set_tls(plans->at(address).listen.tls);
  }
  entrances_ = std::move(opened);
}

Status FrontendGateway::open_admin() {
  if (!settings_->gateway.admin) return {};
  auto admin = net::AdminServer::open(parts_.worker, *settings_->gateway.admin);
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();
  admin_->handle("/metrics", [this] {
    return net::AdminAnswer{200, "text/plain; version=0.0.4; charset=utf-8", metrics_text()};
  });
  admin_->handle("/healthz", [] { return net::AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"}; });
  admin_->handle("/readyz", [this] {
    return frontend_->ready()
               ? net::AdminAnswer{200, "text/plain; charset=utf-8", "ready\n"}
               : net::AdminAnswer{503, "text/plain; charset=utf-8", "no link to a back-end of some site\n"};
  });
  return {};
}

Status FrontendGateway::reload(const std::string& path) {
  auto loaded = frontend::load_settings(path);
  if (!loaded) return loaded.error();
  const std::shared_ptr<const frontend::Settings> next = *loaded;
  if (next->gateway.name != settings_->gateway.name || next->link.address != settings_->link.address ||
      next->gateway.admin != settings_->gateway.admin) {
    return internal_error(path + ": a changed name, link address or admin address takes a restart");
  }
  auto endpoint = make_endpoint_settings(*next);
  if (!endpoint) return endpoint.error();
  auto entrances = open_entrances(*next, entrances_);
  if (!entrances) return entrances.error();
  const Status drivers = open_drivers(*next, *endpoint);
  if (!drivers) return drivers;
  if (access_log_ != nullptr) {
    const Status reopened = access_log_->reopen();
    if (!reopened) return reopened;
  }
  settings_ = next;
  log_.set(settings_->gateway.log);
  for (net::TmpDriver* driver : {ipv4_driver_.get(), ipv6_driver_.get()}) {
    if (driver != nullptr) driver->endpoint().update(*endpoint);
  }
  frontend_->update(settings_);
  connect_links(*settings_);
  keep_entrances(*settings_, std::move(entrances).value());
  return {};
}

void FrontendGateway::drain() {
  entrances_.clear();
  frontend_->drain();
}

void FrontendGateway::close() {
  frontend_->abort_all();
  for (net::TmpDriver* driver : {ipv4_driver_.get(), ipv6_driver_.get()}) {
    if (driver == nullptr) continue;
    driver->endpoint().close("the front-end is stopping");
    driver->flush();
  }
}

std::vector<tmp::Link*> FrontendGateway::links() const {
  std::vector<tmp::Link*> all;
  for (const auto& [name, link] : links_) all.push_back(link);
  return all;
}

std::string FrontendGateway::metrics_text() {
  collect_process_metrics(metrics_);
  for (net::TmpDriver* driver : {ipv4_driver_.get(), ipv6_driver_.get()}) {
    if (driver != nullptr) collect_link_metrics(metrics_, *driver, driver->endpoint().links());
  }
  const Metrics* const all[] = {&metrics_};
  return prometheus_text(all);
}

}  // namespace ringway::cli

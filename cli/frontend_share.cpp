#include "cli/frontend_share.h"

#include <algorithm>
#include <utility>

#include "cli/worker_team.h"

namespace ringway::cli {

class FrontendShare::Entrance final : public net::AcceptHandler {
 public:
  /// `tcp_site` is empty for HTTP.
  Entrance(FrontendShare& share, std::string tcp_site)
      : frontend_(*share.frontend_),
        clients_(share.clients_),
        accepted_(share.metrics_.counter("ringway_worker_client_connections_total",
                                         "Client connections accepted, by worker.",
                                         {{"worker", std::to_string(share.worker_.index())}})),
        tcp_site_(std::move(tcp_site)) {}

  Status open(net::Worker& worker, const net::ListenSettings& settings) {
    auto listener = net::Listener::open(worker, settings, *this);
    if (!listener) return listener.error();
    listener_ = std::move(listener).value();
    return {};
  }

  void on_accept(std::unique_ptr<ByteStream> stream, const net::AcceptedInfo& info) override {
    accepted_.add();
    clients_.add(info.remote.ip, info.round_trip);
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
  ClientNetworks& clients_;
  Counter& accepted_;
  std::string tcp_site_;
  std::unique_ptr<net::Listener> listener_;
};

Result<EntrancePlans> plan_entrances(const frontend::Settings& settings, std::size_t workers) {
  EntrancePlans plans;
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
  const std::size_t servers = workers - first_server(workers);
  for (auto& [address, plan] : plans) {
    plan.listen.address = address;
    plan.listen.use = servers > 1 ? net::PortUse::shared : net::PortUse::exclusive;
    plan.listen.max_connections = std::max<std::size_t>(1, settings.clients.max_connections / servers);
    plan.listen.handshake_limit = settings.clients.handshake_timeout;
  }
  return plans;
}

bool SecurePort::is_in_time() const {
  return std::all_of(contexts.begin(), contexts.end(), [](const auto& tls) { return tls->is_in_time(); });
}

std::vector<SecurePort> secure_ports(const EntrancePlans& plans, const std::vector<frontend::Site>& sites) {
  std::map<std::uint16_t, SecurePort> ports;
  for (const auto& [address, plan] : plans) ports[address.port].contexts.push_back(plan.listen.tls);
  std::vector<SecurePort> all;
  for (auto& [number, port] : ports) {
    const auto& contexts = port.contexts;
    if (std::find(contexts.begin(), contexts.end(), nullptr) != contexts.end()) continue;
    const auto are_for = [&contexts](const std::string& host) {
      return std::all_of(contexts.begin(), contexts.end(), [&](const auto& tls) { return tls->is_for(host); });
    };
    port.entrance = {number, {std::string(net::kServerAlpn)}, {}};
    for (const frontend::Site& site : sites) {
      const bool is_http = site.protocol == SiteProtocol::http;
      if (is_http && std::all_of(site.hosts.begin(), site.hosts.end(), are_for)) {
        port.entrance.sites.push_back(site.name);
      }
    }
    std::sort(port.entrance.sites.begin(), port.entrance.sites.end());
    all.push_back(std::move(port));
  }
  return all;
}

Result<std::unique_ptr<FrontendShare>> FrontendShare::open(net::Worker& worker, std::size_t workers,
                                                           std::shared_ptr<const frontend::Settings> settings) {
  auto access_log = AccessLogFile::open(worker, settings->gateway.access_log);
  if (!access_log) return access_log.error();
  return std::unique_ptr<FrontendShare>(
      new FrontendShare(worker, workers, std::move(settings), std::move(access_log).value()));
}

FrontendShare::FrontendShare(net::Worker& worker, std::size_t workers,
                             std::shared_ptr<const frontend::Settings> settings,
                             std::unique_ptr<AccessLogFile> access_log)
    : worker_(worker),
      access_log_(std::move(access_log)),
      frontend_(std::make_unique<frontend::Frontend>(std::move(settings), worker.loop(), metrics_, access_log_.get(),
                                                     worker.index() + 1U, static_cast<std::uint32_t>(workers))) {}

FrontendShare::~FrontendShare() {
  entrances_.clear();
  opened_.clear();
  // Connections that ended may wait to be destroyed: they use the room, and their streams its ends of the links.
  finish_deferred(worker_);
}

Status FrontendShare::prepare(const EntrancePlans& plans) {
  for (const auto& [address, plan] : plans) {
    const auto found = entrances_.find(address);
    if (found != entrances_.end() && found->second->tcp_site() == plan.tcp_site) continue;
    const Status opened = open_entrance(plan);
    if (!opened) return opened;
  }
  return {};
}

void FrontendShare::discard() { opened_.clear(); }

Status FrontendShare::reopen_log() { return access_log_ == nullptr ? Status() : access_log_->reopen(); }

Status FrontendShare::open_entrance(const EntrancePlan& plan) {
  auto entrance = std::make_unique<Entrance>(*this, plan.tcp_site);
  const Status opened = entrance->open(worker_, plan.listen);
  if (opened) opened_[plan.listen.address] = std::move(entrance);
  return opened;
}

void FrontendShare::take(std::shared_ptr<const frontend::Settings> settings, const EntrancePlans& plans) {
  frontend_->update(std::move(settings));
  for (const auto& [address, plan] : plans) {
    std::unique_ptr<Entrance>& kept = opened_[address];
    if (kept == nullptr) kept = std::move(entrances_.at(address));
    kept->set_tls(plan.listen.tls);
  }
  entrances_ = std::exchange(opened_, {});
}

void FrontendShare::set_ends(const std::map<std::string, tmp::Link*>& links) {
  links_ = links;
  std::map<std::string, tmp::Link*> ends;
  for (const auto& [name, link] : links_) {
    const auto end = ends_.find(link);
    if (end != ends_.end()) ends.emplace(name, end->second.get());
  }
  frontend_->set_links(std::move(ends));
}

void FrontendShare::join(const LinkFan::End& end) {
  ends_.emplace(end.link, std::make_unique<net::RemoteLink>(worker_, end.peer, end.channel, *frontend_));
  set_ends(std::map(links_));
}

void FrontendShare::set_revision(std::uint64_t revision) {
  if (access_log_ != nullptr) access_log_->set_revision(revision);
}

void FrontendShare::collect() {
  if (access_log_ != nullptr) access_log_->collect(metrics_);
}

namespace {

SiteCount count_of(const frontend::FrontendMetrics::SiteSeries& series) {
  SiteCount count;
  for (const Counter* const answers : series.responses) count.requests += answers->value();
  count.refused = series.refused->value();
  count.errors = series.responses.back()->value();
  for (std::size_t ring = 0; ring < count.rings.size(); ++ring) count.rings[ring] = series.rings[ring]->value();
  const std::size_t buckets = series.seconds->bounds().size() + 1;
  while (count.durations.size() < buckets) count.durations.push_back(series.seconds->bucket(count.durations.size()));
  return count;
}

}  // namespace

ShareCount FrontendShare::count() {
  ShareCount all;
  for (const auto& [name, series] : frontend_->metrics().sites()) {
    if (name.empty()) continue;
    SiteCount& site = all.sites[name] = count_of(series);
    all.exchanges += site.requests;
  }
  all.connections = static_cast<std::uint32_t>(frontend_->connections());
  all.clients = std::exchange(clients_, {});
  return all;
}

void FrontendShare::drain() {
  entrances_.clear();
  frontend_->drain();
}

}  // namespace ringway::cli

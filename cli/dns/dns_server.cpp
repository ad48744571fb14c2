#include "cli/dns/dns_server.h"

#include <sys/socket.h>

#include <utility>

#include "cli/dns/zone_files.h"
#include "cli/gateway.h"

namespace ringway::cli {

namespace {

constexpr std::chrono::seconds kTurn{1};

bool same_for_the_process(const dns::Settings& a, const dns::Settings& b) {
  return a.name == b.name && a.listen == b.listen && a.workers == b.workers && a.admin == b.admin && a.nsid == b.nsid &&
         a.rate.answers_per_s == b.rate.answers_per_s && a.rate.others_per_s == b.rate.others_per_s;
}

}  // namespace

DnsServer::DnsServer(net::Worker& first, LineSink& sink, std::shared_ptr<const dns::Settings> settings)
    : worker_(first),
      settings_(std::move(settings)),
      log_("dns", settings_->log, sink, first.loop().clock),
      turn_(first.loop().timers, [this] { turn(); }) {}

DnsServer::~DnsServer() {
  admin_.reset();
  if (team_ != nullptr) team_->each([this](std::size_t worker) { shares_[worker].reset(); });
}

Result<std::unique_ptr<DnsServer>> DnsServer::open(net::Worker& first, LineSink& sink,
                                                   std::shared_ptr<const dns::Settings> settings) {
  std::unique_ptr<DnsServer> server(new DnsServer(first, sink, std::move(settings)));
  const Status started = server->start();
  if (!started) return started.error();
  return server;
}

Status DnsServer::start() {
  auto content = read(*settings_);
  if (!content) return content.error();
  content_ = std::move(*content);
  auto team = WorkerTeam::open(worker_, settings_->workers);
  if (!team) return team.error();
  team_ = std::move(*team);
  const net::PortUse use = team_->size() > 1 ? net::PortUse::shared : net::PortUse::exclusive;
  for (const SocketAddress& address : settings_->listen) {
    if (use == net::PortUse::exclusive) continue;
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      const Status free = net::check_port_is_free(type, address);
      if (!free) return free;
    }
  }
  const auto responder = responder_settings();
  if (!responder) return responder.error();
  const Status opened = cli::open_shares(*team_, shares_, [&](std::size_t worker) -> Result<std::unique_ptr<DnsShare>> {
    auto share = std::make_unique<DnsShare>(team_->at(worker), *responder);
    share->take(content_);
    const Status listening = share->listen(settings_->listen, use);
    if (!listening) return listening.error();
    return share;
  });
  if (!opened) return opened;
  const Status admin = open_admin();
  if (!admin) return admin;
  turn();
  log_.info("serving", {{"name", settings_->name}, {"zones", std::to_string(content_.zones->zones().size())}});
  return {};
}

Result<dns::ResponderSettings> DnsServer::responder_settings() {
  dns::ResponderSettings settings;
  settings.nsid = settings_->nsid.empty() ? settings_->name : settings_->nsid;
  settings.cookies = content_.cookies;
  settings.rate = settings_->rate;
  worker_.loop().random.fill(settings.rate_key);
  settings.tcp_idle = limits::kDnsTcpIdle;
  return settings;
}

Status DnsServer::open_admin() {
  if (!settings_->admin) return {};
  auto admin = open_admin_server(
      worker_, *settings_->admin, [this] { return metrics_text(); }, [] { return std::string(); });
  if (!admin) return admin.error();
  admin_ = std::move(*admin);
  return {};
}

Result<DnsContent> DnsServer::read(const dns::Settings& settings) {
  DnsContent content;
  auto zones = read_zones(settings.zones);
  if (!zones) return zones.error();
  content.zones = std::move(*zones);
  if (!settings.cookie_file.empty()) {
    const auto secrets = dns::read_cookie_file(settings.cookie_file);
    if (!secrets) return secrets.error();
    content.cookies = *secrets;
  }
  if (!settings.steering) {
    atlas_.reset();
    return content;
  }
  auto atlas = atlas_maker_.draw(dns::plan_of(*settings.steering), worker_.now());
  if (!atlas) return atlas.error();
  atlas_ = std::move(*atlas);
  content.table = std::make_shared<const dns::steering::SteeringTable>(
      table_maker_.make(atlas_, dns::readings_of(*settings.steering), worker_.now()));
  return content;
}

Status DnsServer::reload(std::shared_ptr<const dns::Settings> next) {
  if (!same_for_the_process(*settings_, *next)) {
    return internal_error("a changed name, address, number of workers, admin address, NSID or rate takes a restart");
  }
  auto content = read(*next);
  if (!content) return content.error();
  settings_ = std::move(next);
  content_ = std::move(*content);
  log_.set(settings_->log);
  team_->each([this](std::size_t worker) { shares_[worker]->take(content_); });
  return {};
}

void DnsServer::turn() {
  turn_.arm(worker_.now() + kTurn);
  if (atlas_ == nullptr) return;
  content_.table = std::make_shared<const dns::steering::SteeringTable>(
      table_maker_.make(atlas_, dns::readings_of(*settings_->steering), worker_.now()));
  shares_.front()->set_table(content_.table);
  for (std::size_t worker = 1; worker < team_->size(); ++worker) {
    team_->post(worker, [this, worker, table = content_.table] { shares_[worker]->set_table(table); });
  }
}

std::string DnsServer::metrics_text() {
  std::vector<Metrics> metrics(team_->size());
  team_->each([&](std::size_t worker) { shares_[worker]->collect(metrics[worker]); });
  std::vector<const Metrics*> all;
  all.reserve(metrics.size());
  for (const Metrics& each : metrics) all.push_back(&each);
  return prometheus_text(all);
}

}  // namespace ringway::cli

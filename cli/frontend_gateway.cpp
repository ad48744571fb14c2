#include "cli/frontend_gateway.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

#include "cli/compose.h"
#include "frontend/settings_schema.h"

namespace ringway::cli {

namespace {

/// How long new settings wait for the links that they need and old ones did not, and how often one looks.
constexpr std::chrono::seconds kLinksFirst{1};
constexpr std::chrono::milliseconds kLinksLook{20};

std::vector<tmp::PeerTarget> targets_of(const frontend::Settings& settings) {
  std::vector<tmp::PeerTarget> all;
  for (const frontend::Site& site : settings.sites) {
    all.insert(all.end(), site.backends.begin(), site.backends.end());
  }
  return all;
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
      reporter_(log_, metrics_),
      report_maker_(settings_->gateway.workers),
      links_(
          parts_.worker.loop(),
          [this](const tmp::PeerTarget& target) -> tmp::Link& {
            return driver_for(target.address).endpoint().connect(target);
          },
          [this](const BackendLinks::ByName& links) { use(links); }),
      coming_timer_(parts_.worker.loop().timers, [this] { look_at_coming(); }) {}

FrontendGateway::~FrontendGateway() {
  admin_.reset();
  if (team_ != nullptr) team_->each([this](std::size_t worker) { shares_[worker].reset(); });
}

Status FrontendGateway::start() {
  if (parts_.revision) log_.set_mark("revision", std::to_string(*parts_.revision));
  const Status shares = open_shares();
  if (!shares) return shares;
  auto plans = plan_entrances(*settings_, team_->size());
  if (!plans) return plans.error();
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  const Status drivers = open_drivers(*settings_, *endpoint);
  if (!drivers) return drivers;
  use(*endpoint);
  const Status prepared = prepare(*plans);
  if (!prepared) return prepared;
  const Status admin = open_admin();
  if (!admin) return admin;
  take(settings_, std::move(plans).value());
  log_.info("serving", {{"name", settings_->gateway.name}});
  return {};
}

Status FrontendGateway::open_shares() {
  auto team = WorkerTeam::open(parts_.worker, settings_->gateway.workers);
  if (!team) return team.error();
  team_ = std::move(team).value();
  const Status opened = cli::open_shares(*team_, shares_, [this](std::size_t worker) {
    return FrontendShare::open(team_->at(worker), team_->size(), settings_);
  });
  if (!opened) return opened;
  board_ = std::make_unique<CountBoard>(*team_, [this](std::size_t worker) { return shares_[worker]->count(); });
  fan_ = std::make_unique<LinkFan>(
      *team_, log_, shares_.front()->room(),
      [this](std::size_t worker, const LinkFan::End& end) { shares_[worker]->join(end); },
      [](const tmp::StreamOpening&) { return std::size_t{0}; });
  reporter_.set_next(*fan_);
  return {};
}

Result<std::shared_ptr<const tmp::EndpointSettings>> FrontendGateway::make_endpoint_settings(
    const frontend::Settings& settings) {
  return cli::make_endpoint_settings(parts_, {tmp::Role::frontend, settings.gateway.name}, settings.link.identity,
                                     frontend::endpoint_settings(settings));
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

Status FrontendGateway::prepare(const EntrancePlans& plans) {
  for (const auto& [address, plan] : plans) {
    // A port that workers share may be shared with another process as well, unseen.
    if (plan.listen.use == net::PortUse::exclusive || plans_.contains(address)) continue;
    const Status free = net::check_port_is_free(SOCK_STREAM, address);
    if (!free) return free;
  }
  const Status prepared =
      team_->try_each([&](std::size_t worker) { return shares_[worker]->prepare(plans_of(worker, plans)); });
  if (!prepared) team_->each([this](std::size_t worker) { shares_[worker]->discard(); });
  return prepared;
}

const EntrancePlans& FrontendGateway::plans_of(std::size_t worker, const EntrancePlans& plans) const {
  static const EntrancePlans kNone;
  return worker < first_server(team_->size()) ? kNone : plans;
}

void FrontendGateway::take(std::shared_ptr<const frontend::Settings> settings, EntrancePlans plans) {
  settings_ = std::move(settings);
  plans_ = std::move(plans);
  team_->each([this](std::size_t worker) { shares_[worker]->take(settings_, plans_of(worker, plans_)); });
  links_.set(targets_of(*settings_), settings_->gateway.drain_limit);
  secure_ = secure_ports(plans_, settings_->sites);
}

Status FrontendGateway::open_admin() {
  if (!settings_->gateway.admin) return {};
  auto admin = open_admin_server(
      parts_.worker, *settings_->gateway.admin, [this] { return metrics_text(); }, [this] { return unready(); });
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();
  return {};
}

std::string FrontendGateway::unready() const {
  if (settings_->gateway.manager && settings_->sites.empty()) return "no sites: no manager has told any yet";
  std::atomic<bool> all = true;
  team_->each([&](std::size_t worker) {
    if (!shares_[worker]->room().ready()) all = false;
  });
  return all ? "" : "no link to a back-end of some site";
}

Result<Gateway::Change> FrontendGateway::judge(const std::string& path, const agent::Sections& told) {
  auto composed = compose(frontend::settings_type(), path, told);
  if (!composed) return composed.error();
  const auto next = std::move(composed).value();
  const Status fixed = check_fixed(path, {settings_->gateway, settings_->link}, {next->gateway, next->link});
  if (!fixed) return fixed.error();
  return Change([this, next] { return apply(next); });
}

Status FrontendGateway::apply(std::shared_ptr<const frontend::Settings> next) {
  take_coming();
  auto endpoint = make_endpoint_settings(*next);
  if (!endpoint) return endpoint.error();
  auto plans = plan_entrances(*next, team_->size());
  if (!plans) return plans.error();
  const Status drivers = open_drivers(*next, *endpoint);
  if (!drivers) return drivers;
  const Status logs = team_->try_each([this](std::size_t worker) { return shares_[worker]->reopen_log(); });
  if (!logs) return logs;
  const Status prepared = prepare(*plans);
  if (!prepared) return prepared;
  log_.set(next->gateway.log);
  use(*endpoint);
  links_.prepare(targets_of(*next));
  const bool ready = links_.ready();
  coming_ = Coming{next, std::move(plans).value(), parts_.worker.now() + kLinksFirst, ready};
  look_at_coming();
  return {};
}

/// Once the links are up, the other workers have until the next look to hear of it.
void FrontendGateway::look_at_coming() {
  if (coming_->ready || parts_.worker.now() >= coming_->until) return take_coming();
  coming_->ready = links_.ready();
  coming_timer_.arm(parts_.worker.now() + kLinksLook);
}

void FrontendGateway::take_coming() {
  if (!coming_) return;
  coming_timer_.cancel();
  const Coming coming = *std::exchange(coming_, std::nullopt);
  take(coming.settings, coming.plans);
}

std::vector<net::TmpDriver*> FrontendGateway::drivers() const {
  std::vector<net::TmpDriver*> all = {ipv4_driver_.get(), ipv6_driver_.get()};
  std::erase(all, nullptr);
  return all;
}

void FrontendGateway::use(std::shared_ptr<const tmp::EndpointSettings> endpoint) {
  endpoint_ = std::move(endpoint);
  for (net::TmpDriver* driver : drivers()) driver->update(endpoint_);
}

void FrontendGateway::use(const BackendLinks::ByName& links) {
  shares_.front()->set_links(links);
  for (std::size_t worker = 1; worker < team_->size(); ++worker) {
    team_->post(worker, [this, worker, links] { shares_[worker]->set_ends(links); });
  }
}

void FrontendGateway::set_revision(std::uint64_t revision) {
  log_.set_mark("revision", std::to_string(revision));
  team_->each([&](std::size_t worker) { shares_[worker]->set_revision(revision); });
}

void FrontendGateway::set_trust(const tmp::PeerTrust& trust) {
  parts_.trust = trust;
  use(with_trust(*endpoint_, trust));
}

Status FrontendGateway::reload_identity() {
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  use(*endpoint);
  return {};
}

void FrontendGateway::close_link(const std::string& peer) { links_.renew(peer); }

agent::Report FrontendGateway::report() {
  ShareCount count = board_->take();
  std::set<std::string> served;  // before its first request, too: the manager sends nobody where it is not told
  for (const frontend::Site& site : settings_->sites) served.insert(site.name);
  keep_sites(served, count);
  std::vector<tmp::Link*> links;
  for (net::TmpDriver* driver : drivers()) {
    const std::vector<tmp::Link*> its = driver->endpoint().links();
    links.insert(links.end(), its.begin(), its.end());
  }
  agent::Report report = report_maker_.make(parts_.worker.now(), process_use(), std::move(count), links);
  for (const SecurePort& port : secure_) {
    if (port.is_in_time()) report.secure_entrances.push_back(port.entrance);
  }
  return report;
}

void FrontendGateway::drain() {
  take_coming();
  team_->each([this](std::size_t worker) { shares_[worker]->drain(); });
}

bool FrontendGateway::drained() const {
  std::atomic<std::size_t> connections = 0;
  team_->each([&](std::size_t worker) { connections += shares_[worker]->room().connections(); });
  return connections == 0 && fan_->streams() == 0;
}

void FrontendGateway::close() {
  take_coming();
  team_->each([this](std::size_t worker) { shares_[worker]->abort_all(); });
  for (net::TmpDriver* driver : drivers()) driver->close("the front-end is stopping");
}

std::string FrontendGateway::metrics_text() {
  collect_process_metrics(metrics_);
  for (net::TmpDriver* driver : drivers()) collect_link_metrics(metrics_, *driver, driver->endpoint().links());
  team_->each([this](std::size_t worker) { shares_[worker]->collect(); });
  std::vector<const Metrics*> all = {&metrics_};
  for (const auto& share : shares_) all.push_back(&share->metrics());
  return prometheus_text(all);
}

}  // namespace ringway::cli

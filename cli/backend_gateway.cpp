#include "cli/backend_gateway.h"

#include <atomic>
#include <set>
#include <utility>

#include "backend/settings_schema.h"
#include "cli/compose.h"

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
      deal_(settings_->gateway.workers),
      report_maker_(settings_->gateway.workers) {}

BackendGateway::~BackendGateway() {
  admin_.reset();
  if (team_ != nullptr) team_->each([this](std::size_t worker) { shares_[worker].reset(); });
}

Status BackendGateway::start() {
  if (parts_.revision) log_.set_mark("revision", std::to_string(*parts_.revision));
  const Status shares = open_shares();
  if (!shares) return shares;
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  net::UdpSettings udp;
  udp.address = *settings_->link.address;
  auto driver = net::TmpDriver::open(parts_.worker, udp, *endpoint, reporter_);
  if (!driver) return driver.error();
  driver_ = std::move(driver).value();
  endpoint_ = *endpoint;
  const Status admin = open_admin();
  if (!admin) return admin;
  log_.info("serving", {{"name", settings_->gateway.name}, {"link", link_address().text()}});
  return {};
}

Status BackendGateway::open_shares() {
  auto team = WorkerTeam::open(parts_.worker, settings_->gateway.workers);
  if (!team) return team.error();
  team_ = std::move(team).value();
  deal_.deal(*settings_);
  const Status opened = cli::open_shares(*team_, shares_, [this](std::size_t worker) {
    return BackendShare::open(team_->at(worker), settings_, deal_.sites_of(worker));
  });
  if (!opened) return opened;
  board_ = std::make_unique<CountBoard>(*team_, [this](std::size_t worker) { return shares_[worker]->count(); });
  fan_ = std::make_unique<LinkFan>(
      *team_, log_, shares_.front()->room(),
      [this](std::size_t worker, const LinkFan::End& end) { shares_[worker]->join(end); },
      [this](const tmp::StreamOpening& opening) { return deal_.worker_of(opening.site); });
  reporter_.set_next(*fan_);
  return {};
}

Result<std::shared_ptr<const tmp::EndpointSettings>> BackendGateway::make_endpoint_settings(
    const backend::Settings& settings) {
  return cli::make_endpoint_settings(parts_, {tmp::Role::backend, settings.gateway.name}, settings.link.identity,
                                     backend::endpoint_settings(settings));
}

Status BackendGateway::open_admin() {
  if (!settings_->gateway.admin) return {};
  auto admin = open_admin_server(
      parts_.worker, *settings_->gateway.admin, [this] { return metrics_text(); },
      [this] { return drain_began_ == kNever ? std::string() : "draining"; });
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();
  return {};
}

Result<Gateway::Change> BackendGateway::judge(const std::string& path, const agent::Sections& told) {
  auto composed = compose(backend::settings_type(), path, told);
  if (!composed) return composed.error();
  const auto next = std::move(composed).value();
  const Status fixed = check_fixed(path, {settings_->gateway, settings_->link}, {next->gateway, next->link});
  if (!fixed) return fixed.error();
  return Change([this, next] { return apply(next); });
}

Status BackendGateway::apply(std::shared_ptr<const backend::Settings> next) {
  auto endpoint = make_endpoint_settings(*next);
  if (!endpoint) return endpoint.error();
  const Status logs = team_->try_each([this](std::size_t worker) { return shares_[worker]->reopen_log(); });
  if (!logs) return logs;
  settings_ = next;
  log_.set(settings_->gateway.log);
  use(*endpoint);
  deal_.deal(*settings_);
  team_->each([this](std::size_t worker) { shares_[worker]->take(settings_, deal_.sites_of(worker)); });
  return {};
}

void BackendGateway::use(std::shared_ptr<const tmp::EndpointSettings> endpoint) {
  endpoint_ = std::move(endpoint);
  driver_->update(endpoint_);
}

void BackendGateway::set_revision(std::uint64_t revision) {
  log_.set_mark("revision", std::to_string(revision));
  team_->each([&](std::size_t worker) { shares_[worker]->set_revision(revision); });
}

void BackendGateway::set_trust(const tmp::PeerTrust& trust) {
  parts_.trust = trust;
  use(with_trust(*endpoint_, trust));
}

Status BackendGateway::reload_identity() {
  auto endpoint = make_endpoint_settings(*settings_);
  if (!endpoint) return endpoint.error();
  use(*endpoint);
  return {};
}

/// The front-end makes it again where it still wants it.
void BackendGateway::close_link(const std::string& peer) {
  for (tmp::Link* link : links()) {
    if (link->up() && link->peer() == peer) link->close("closed by an administrator");
  }
}

agent::Report BackendGateway::report() {
  // Other workers' counts are as of the last report: what is served is what the settings say.
  ShareCount count = board_->take();
  std::set<std::string> served;
  for (const backend::Site& site : settings_->sites) served.insert(site.name);
  keep_sites(served, count);
  return report_maker_.make(parts_.worker.now(), process_use(), std::move(count), links());
}

void BackendGateway::drain() {
  drain_began_ = parts_.worker.now();
  for (tmp::Link* link : driver_->endpoint().links()) link->drain();
}

bool BackendGateway::drained() const {
  std::atomic<std::size_t> exchanges = 0;
  team_->each([&](std::size_t worker) { exchanges += shares_[worker]->room().open_exchanges(); });
  return exchanges == 0 && fan_->streams() == 0 && parts_.worker.now() - drain_began_ >= kSettleTime;
}

void BackendGateway::close() { driver_->close("the back-end is stopping"); }

std::string BackendGateway::metrics_text() {
  collect_process_metrics(metrics_);
  collect_link_metrics(metrics_, *driver_, driver_->endpoint().links());
  team_->each([this](std::size_t worker) { shares_[worker]->collect(); });
  std::vector<const Metrics*> all = {&metrics_};
  for (const auto& share : shares_) all.push_back(&share->metrics());
  return prometheus_text(all);
}

}  // namespace ringway::cli

#include "cli/dns/dns_server.h"

#include <atomic>
#include <utility>

#include "cli/dns/dns_report.h"
#include "cli/dns/explain.h"
#include "cli/dns/zone_files.h"
#include "cli/gateway.h"

namespace ringway::cli {

namespace {

constexpr std::chrono::seconds kTurn{1};

bool same_for_the_process(const dns::Settings& a, const dns::Settings& b) {
  return a.name == b.name && a.listen == b.listen && a.workers == b.workers && a.admin == b.admin && a.nsid == b.nsid &&
         a.manager == b.manager && a.identity == b.identity && a.handover == b.handover && a.rate == b.rate;
}

/// One by one: the file counts them.
void write_lines(LineFile& file, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    file.write(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace

DnsServer::DnsServer(net::Worker& first, LineSink& sink, std::shared_ptr<const dns::Settings> settings)
    : worker_(first),
      settings_(std::move(settings)),
      log_("dns", settings_->log, sink, first.loop().clock),
      report_maker_(settings_->workers),
      tables_(first, log_, metrics_, *settings_),
      turn_(first.loop().timers, [this] { turn(); }) {}

DnsServer::~DnsServer() {
  admin_.reset();
  if (team_ == nullptr) return;
  write_query_log();
  team_->each([this](std::size_t worker) { shares_[worker].reset(); });
}

Result<std::unique_ptr<DnsServer>> DnsServer::open(net::Worker& first, LineSink& sink,
                                                   std::shared_ptr<const dns::Settings> settings,
                                                   const agent::Sections& told) {
  std::unique_ptr<DnsServer> server(new DnsServer(first, sink, std::move(settings)));
  const Status prepared = server->prepare(told);
  if (!prepared) return prepared.error();
  return server;
}

Status DnsServer::prepare(const agent::Sections& told) {
  auto next = read(settings_, told);
  if (!next) return next.error();
  content_ = std::move(next->content);
  query_log_ = std::move(next->query_log);
  plan_ = std::move(next->plan);
  tables_.use(settings_, std::move(next->atlas));
  return {};
}

Status DnsServer::begin(std::vector<DnsSocket> sockets, const TableLegacy& tables) {
  tables_.inherit(tables);
  content_.table = tables_.turn();
  auto opened = DnsSockets::open(settings_->listen, settings_->workers, std::move(sockets));
  if (!opened) return opened.error();
  sockets_ = std::move(*opened);
  const Status shares = open_shares();
  if (!shares) return shares;
  const Status admin = open_admin();
  if (!admin) return admin;
  turn_.arm(worker_.now() + kTurn);
  log_.info("serving", {{"name", settings_->name}, {"zones", std::to_string(content_.zones->zones().size())}});
  return {};
}

Status DnsServer::open_shares() {
  auto team = WorkerTeam::open(worker_, settings_->workers + 1);
  if (!team) return team.error();
  team_ = std::move(*team);
  const dns::ResponderSettings responder = responder_settings();
  return cli::open_shares(*team_, shares_, [&](std::size_t worker) -> Result<std::unique_ptr<DnsShare>> {
    if (worker == 0) return std::unique_ptr<DnsShare>();
    dns::ResponderSettings its = responder;
    its.rate = dns::part_of(settings_->rate, sockets_.part_of(worker - 1));
    auto share = std::make_unique<DnsShare>(team_->at(worker), its);
    share->take(content_);
    auto sockets = sockets_.of(worker - 1);
    if (!sockets) return sockets.error();
    const Status listening = share->listen(std::move(*sockets));
    if (!listening) return listening.error();
    return share;
  });
}

void DnsServer::each_share(const std::function<void(std::size_t worker, DnsShare& share)>& work) {
  team_->each([&](std::size_t worker) {
    if (shares_[worker] != nullptr) work(worker, *shares_[worker]);
  });
}

dns::ResponderSettings DnsServer::responder_settings() {
  dns::ResponderSettings settings;
  settings.nsid = settings_->nsid.empty() ? settings_->name : settings_->nsid;
  settings.cookies = content_.cookies;
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
  admin_->handle("/v1/table",
                 [this](std::string_view /*query*/) { return net::AdminAnswer{.body = dump_text(content_)}; });
  admin_->handle("/v1/explain", [this](std::string_view query) { return explain(query); });
  return {};
}

/// "NAME&CLIENT": nothing in either needs an escape.
net::AdminAnswer DnsServer::explain(std::string_view query) {
  const std::size_t end = std::min(query.find('&'), query.size());
  const std::string client(query.substr(std::min(end + 1, query.size())));
  const auto wall = std::chrono::floor<std::chrono::seconds>(worker_.loop().clock.wall().time_since_epoch());
  const bool alone = plan_ != nullptr && !tables_.told();
  const auto own = alone ? std::optional(OwnSteering{*settings_->steering, *plan_}) : std::nullopt;
  const auto text = explain_text(content_, own, {std::string(query.substr(0, end)), client},
                                 static_cast<dns::steering::WallSeconds>(wall.count()));
  if (!text) return {.status = 404, .body = text.error().message + "\n"};
  return {.body = *text};
}

Result<DnsServer::Next> DnsServer::read(std::shared_ptr<const dns::Settings> settings, const agent::Sections& told) {
  Next next;
  auto zones = read_zones(settings->zones, told);
  if (!zones) return zones.error();
  next.content.zones = std::move(*zones);
  if (!settings->cookie_file.empty()) {
    const auto secrets = dns::read_cookie_file(settings->cookie_file);
    if (!secrets) return secrets.error();
    next.content.cookies = *secrets;
  }
  if (settings->query_log) {
    auto file = LineFile::open(settings->query_log->path);
    if (!file) return file.error();
    next.query_log = std::move(*file);
    next.content.sample = settings->query_log->sample;
  }
  auto plan = plan_steering(*settings);
  if (!plan) return plan.error();
  next.plan = std::move(*plan);
  auto atlas = draw_steering(next.plan);
  if (!atlas) return atlas.error();
  next.atlas = std::move(*atlas);
  next.settings = std::move(settings);
  return next;
}

Result<Managed::Change> DnsServer::judge(const std::string& path, const agent::Sections& told) {
  auto settings = dns::load_settings(path);
  if (!settings) return settings.error();
  if (!same_for_the_process(*settings_, **settings)) {
    return internal_error(path +
                          ": a changed name, address, number of workers, admin address, manager, identity, hand-over, "
                          "NSID or rate takes a restart");
  }
  auto next = read(std::move(*settings), told);
  if (!next) return next.error();
  return Change([this, next = std::move(*next)] {
    take(next);
    return Status();
  });
}

void DnsServer::take(Next next) {
  settings_ = std::move(next.settings);
  log_.set(settings_->log);
  tables_.use(settings_, std::move(next.atlas));
  write_query_log();
  query_log_ = std::move(next.query_log);
  plan_ = std::move(next.plan);
  content_ = std::move(next.content);
  content_.table = tables_.turn();
  each_share([this](std::size_t /*worker*/, DnsShare& share) { share.take(content_); });
}

void DnsServer::set_revision(std::uint64_t revision) { log_.set_mark("revision", std::to_string(revision)); }

Status DnsServer::take_table(agent::TableText kind, const std::string& text) {
  const Status taken = tables_.take(kind, text);
  if (taken) use_table();
  return taken;
}

void DnsServer::turn() {
  turn_.arm(worker_.now() + kTurn);
  use_table();
  write_query_log();
}

void DnsServer::write_query_log() {
  if (query_log_ == nullptr) return;
  std::vector<std::string> lines(team_->size());
  each_share([&](std::size_t worker, DnsShare& share) { lines[worker] = share.take_lines(); });
  const std::uint64_t dropped = query_log_->dropped();
  for (const std::string& each : lines) write_lines(*query_log_, each);
  query_log_->flush();
  dropped_lines(metrics_).add(query_log_->dropped() - dropped);
}

void DnsServer::use_table() {
  const dns::steering::SharedTable table = tables_.turn();
  if (table == content_.table) return;
  content_.table = table;
  for (std::size_t worker = 1; worker < team_->size(); ++worker) {
    team_->post(worker, [this, worker, table] { shares_[worker]->set_table(table); });
  }
}

void DnsServer::leave() {
  turn_.cancel();  // the disk is another's
  tables_.leave();
  sockets_.close();
  each_share([](std::size_t /*worker*/, DnsShare& share) { share.leave(); });
}

std::size_t DnsServer::connections() {
  std::atomic<std::size_t> connections = 0;
  each_share([&](std::size_t /*worker*/, const DnsShare& share) { connections += share.connections(); });
  return connections;
}

agent::Report DnsServer::report() {
  std::vector<DnsCount> counts(team_->size());
  each_share([&](std::size_t worker, DnsShare& share) { counts[worker] = share.count(); });
  ShareCount count;
  for (const DnsCount& each : counts) {
    count.exchanges += each.queries;
    count.connections += each.connections;
  }
  agent::Report report = report_maker_.make(worker_.now(), process_use(), std::move(count), {});
  report.steering = steering_report(counts, content_.table.get(), tables_.told());
  return report;
}

/// Of each socket once, whoever reads it.
void DnsServer::collect_drops(Metrics& metrics) const {
  std::uint64_t drops = 0;
  for (const DnsSocket& socket : sockets_.all()) {
    if (socket.type == SOCK_DGRAM) drops += net::kernel_drops(socket.descriptor.get());
  }
  metrics
      .counter("ringway_dns_kernel_drops_total",
               "Queries that the kernel dropped since the sockets were made: the receive buffer was full.")
      .set_total(drops);
}

std::string DnsServer::metrics_text() {
  std::vector<Metrics> metrics(team_->size());
  each_share([&](std::size_t worker, const DnsShare& share) { share.collect(metrics[worker]); });
  tables_.collect(metrics[0]);
  collect_drops(metrics[0]);
  std::vector<const Metrics*> all = {&metrics_};
  all.reserve(1 + metrics.size());
  for (const Metrics& each : metrics) all.push_back(&each);
  return prometheus_text(all);
}

}  // namespace ringway::cli

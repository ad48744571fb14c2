#include "cli/dns/redirector.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "cli/dns/readiness.h"
#include "cli/gateway.h"

namespace ringway::cli {

namespace {

/// How often a process that gave its sockets away looks whether its last connections have ended.
constexpr Duration kLeavingLook = std::chrono::milliseconds(50);

}  // namespace

Redirector::Redirector(net::Worker& worker, LineSink& sink, std::shared_ptr<const dns::Settings> settings,
                       std::string path)
    : worker_(worker),
      sink_(sink),
      settings_(std::move(settings)),
      path_(std::move(path)),
      log_("ringway", settings_->log, sink, worker.loop().clock),
      leaving_(worker.loop().timers, [this] { look_at_connections(); }) {}

Status Redirector::start(Start start) {
  Handover handover;
  if (start == Start::take_over) {
    auto asked = Handover::ask(settings_->handover);
    if (!asked) return asked.error();
    handover = std::move(*asked);
  }
  for (Status (Redirector::*const step)() : {&Redirector::open_disk, &Redirector::open_server}) {
    const Status done = (this->*step)();
    if (!done) return done;
  }
  // Reading zones may have taken long, and outside of turns the worker's time stands still until it is to run.
  worker_.run_until([] { return true; }, {});
  const auto tables = handover.ask_tables();
  if (!tables) return tables.error();
  const Status begun = server_->begin(handover.take_sockets(), *tables);
  if (!begun) return begun;
  const Status opened = open_agent();
  if (!opened) return opened;
  const Status concluded = handover.conclude();
  if (!concluded) return concluded;
  const Status offered = open_offer();
  if (!offered && start == Start::alone) return offered;
  // The one before has left: somebody has to answer.
  if (!offered) log_.error("no other process can take over from this one", {{"reason", offered.error().message}});
  const char* const waiting = std::getenv("NOTIFY_SOCKET");
  const Status told = tell_ready(waiting == nullptr ? "" : waiting);
  if (!told) log_.error("who waits until it serves is not told", {{"reason", told.error().message}});
  return {};
}

Status Redirector::open_disk() {
  if (!settings_->manager) return {};
  const auto identity = tmp::Identity::load(*settings_->identity);
  if (!identity) return identity.error();
  const Status self = check_self(**identity, {tmp::Role::redirector, settings_->name}, *settings_->identity);
  if (!self) return self;
  auto disk = agent::LastGood::open(settings_->manager->state);
  if (!disk) return internal_error("manager: state: " + disk.error().message);
  disk_ = std::move(*disk);
  in_use_ = disk_->content().value_or(agent::Content{});
  return {};
}

/// With the last good content of a manager, or by the file alone: it answers what it can.
Status Redirector::open_server() {
  auto server = DnsServer::open(worker_, sink_, settings_, in_use_.sections);
  if (!server && !in_use_.sections.empty()) {
    log_.error("begins without what a manager said last", {{"reason", server.error().message}});
    in_use_ = {};
    server = DnsServer::open(worker_, sink_, settings_, {});
  }
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

Status Redirector::open_agent() {
  if (!settings_->manager) return {};
  auto agent = GatewayAgent::open({worker_, *server_, log_, *disk_, path_, *settings_->manager, *settings_->identity},
                                  std::move(in_use_));
  if (!agent) return agent.error();
  agent_ = std::move(*agent);
  return {};
}

Status Redirector::open_offer() {
  if (settings_->handover.empty()) return {};
  auto offer = HandoverOffer::open(worker_, settings_->handover, *this);
  if (!offer) return offer.error();
  offer_ = std::move(*offer);
  return {};
}

void Redirector::on_signal(int number) {
  if (number == SIGHUP) return reload();
  stop_agent();
  worker_.stop();
}

void Redirector::reload() {
  // Once it has handed over, the file is for the next process.
  if (server_ == nullptr || leaving_.armed()) return;
  const Status status = agent_ != nullptr ? agent_->reload() : server_->reload(path_, in_use_.sections);
  if (status) return server_->log().info("reloaded", {{"file", path_}});
  server_->log().error("the file has faults; the old settings stay");
  fmt::print(stderr, "{}\n", status.error().message);
}

void Redirector::stop_agent() {
  if (agent_ == nullptr) return;
  agent_->stop();
  in_use_ = agent_->in_use();
  agent_.reset();
}

const DnsSockets& Redirector::on_handover_begun() {
  log_.info("another process takes over");
  stop_agent();
  server_->pause();
  return server_->sockets();
}

void Redirector::on_handover_failed(const std::string& reason) {
  log_.error("nobody took over; going on", {{"reason", reason}});
  worker_.loop().deferred.destroy(std::move(offer_));
  for (const Status& again : {server_->resume(), open_agent(), open_offer()}) {
    if (!again) log_.error("not as before", {{"reason", again.error().message}});
  }
}

void Redirector::on_handed_over() {
  log_.info("handed over");
  server_->leave();
  leaves_at_ = worker_.now() + limits::kHandoverDrain;
  look_at_connections();
}

void Redirector::look_at_connections() {
  if (server_->connections() == 0 || worker_.now() >= leaves_at_) return worker_.stop();
  leaving_.arm(worker_.now() + kLeavingLook);
}

}  // namespace ringway::cli

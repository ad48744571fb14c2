#include "cli/run_gateway.h"

#include <fmt/format.h>
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>

#include "agent/last_good.h"
#include "backend/settings_schema.h"
#include "base/line_file.h"
#include "cli/backend_gateway.h"
#include "cli/compose.h"
#include "cli/frontend_gateway.h"
#include "cli/gateway_agent.h"
#include "cli/help.h"
#include "cli/worker_team.h"
#include "frontend/settings_schema.h"
#include "net/signals.h"

namespace ringway::cli {

namespace {

/// How often a draining gateway looks whether it is done.
constexpr Duration kDrainPoll = std::chrono::milliseconds(20);

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

/// Serving, then draining after SIGTERM or SIGINT, then the end; a second such signal ends it at once.
class Life {
 public:
  /// `agent` is null where no manager is told of.
  Life(net::Worker& worker, Gateway& gateway, GatewayAgent* agent, Log& log, std::string config_path)
      : worker_(worker),
        gateway_(gateway),
        agent_(agent),
        log_(log),
        config_path_(std::move(config_path)),
        timer_(worker.loop().timers, [this] { look(); }) {}

  void on_signal(int number) {
    if (number == SIGHUP) return reload();
    if (draining_) return end("stopping at once");
    draining_ = true;
    log_.info("draining");
    if (agent_ != nullptr) agent_->stop();
    give_up_ = worker_.now() + gateway_.drain_limit();
    gateway_.drain();
    look();
  }

 private:
  void reload() {
    const Status status = agent_ != nullptr ? agent_->reload() : gateway_.reload(config_path_, {});
    if (status) {
      log_.info("reloaded", {{"file", config_path_}});
    } else {
      log_.error("the file has faults; the old settings stay");
      fmt::print(stderr, "{}\n", status.error().message);
    }
  }

  void look() {
    if (gateway_.drained()) return end("drained");
    if (worker_.now() >= give_up_) return end("drain limit reached; breaking what is left");
    timer_.arm(std::min(worker_.now() + kDrainPoll, give_up_));
  }

  void end(std::string_view how) {
    log_.info(how);
    gateway_.close();
    worker_.stop();
  }

  net::Worker& worker_;
  Gateway& gateway_;
  GatewayAgent* agent_;
  Log& log_;
  std::string config_path_;
  bool draining_ = false;
  Time give_up_ = kNever;
  Timer timer_;
};

/// A gateway's file, and how it is read.
template <class Settings>
struct LocalFile {
  config::Type<Settings> type;
  std::string path;
  std::shared_ptr<const Settings> settings;
};

template <class GatewayType>
struct OpenedGateway {
  std::unique_ptr<GatewayType> gateway;
  agent::Content in_use;
};

/// With the last good content of a manager, or by the file alone: a gateway serves what it can.
template <class GatewayType, class Settings>
Result<OpenedGateway<GatewayType>> open_gateway(GatewayParts parts, const LocalFile<Settings>& file,
                                                const agent::LastGood* disk, Log& log) {
  const auto open_with = [&](const agent::Sections& told) -> Result<std::unique_ptr<GatewayType>> {
    auto composed = compose(file.type, file.path, told);
    if (!composed) return composed.error();
    return GatewayType::open(parts, *composed);
  };
  if (disk != nullptr && disk->content()) {
    parts.revision = disk->content()->mark.revision;
    auto opened = open_with(disk->content()->sections);
    if (opened) return OpenedGateway<GatewayType>{std::move(*opened), *disk->content()};
    log.error("begins without what a manager said last", {{"reason", opened.error().message}});
  }
  if (disk != nullptr) parts.revision = 0;
  auto opened = GatewayType::open(parts, file.settings);
  if (!opened) return opened.error();
  return OpenedGateway<GatewayType>{std::move(*opened), {}};
}

template <class GatewayType, class Settings>
int serve(const LocalFile<Settings>& file) {
  // Chunks come and go in bursts: what is free at the top goes back to the system at once.
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  auto worker = net::Worker::make(0);
  if (!worker) return fail(worker.error().message);
  StandardErrorSink sink;
  std::unique_ptr<Life> life;
  auto signals = net::Signals::open(**worker, {SIGTERM, SIGINT, SIGHUP}, [&life](int number) {
    if (life != nullptr) life->on_signal(number);
  });
  if (!signals) return fail(signals.error().message);
  const GatewaySettings& settings = file.settings->gateway;
  Log log("ringway", settings.log, sink, (*worker)->loop().clock);
  GatewayParts parts = {**worker, sink, nullptr};
  std::optional<agent::LastGood> disk;
  if (settings.manager) {
    auto opened = agent::LastGood::open(settings.manager->state);
    if (!opened) return fail("manager: state: " + opened.error().message);
    disk = std::move(*opened);
    parts.trust = first_trust(*disk, *settings.manager);
  }
  auto opened = open_gateway<GatewayType>(parts, file, disk ? &*disk : nullptr, log);
  if (!opened) return fail(opened.error().message);
  Gateway& gateway = *opened->gateway;
  std::unique_ptr<GatewayAgent> agent;
  if (settings.manager) {
    auto started = GatewayAgent::open(
        {**worker, gateway, log, *disk, file.path, *settings.manager, file.settings->link.identity}, opened->in_use);
    if (!started) return fail(started.error().message);
    agent = std::move(*started);
  }
  life = std::make_unique<Life>(**worker, gateway, agent.get(), log, file.path);
  run_to_the_end(**worker);
  return 0;
}

template <class GatewayType, class Settings>
int run(std::string_view name, std::span<const std::string> args, const config::Type<Settings>& type) {
  Arguments arguments;
  if (const std::optional<int> end = read_words(name, args, arguments)) return *end;
  const std::string path = arguments.get("config");
  auto settings = config::read_settings(type, path);
  if (!settings) return fail(settings.error().message);
  return serve<GatewayType>(LocalFile<Settings>{type, path, *settings});
}

}  // namespace

int run_frontend(std::span<const std::string> args) {
  return run<FrontendGateway>("frontend", args, frontend::settings_type());
}

int run_backend(std::span<const std::string> args) {
  return run<BackendGateway>("backend", args, backend::settings_type());
}

}  // namespace ringway::cli

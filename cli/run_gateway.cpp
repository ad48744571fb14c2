#include "cli/run_gateway.h"

#include <fmt/format.h>
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>

#include "base/line_file.h"
#include "cli/backend_gateway.h"
#include "cli/frontend_gateway.h"
#include "cli/help.h"
#include "cli/worker_team.h"
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
  Life(net::Worker& worker, Gateway& gateway, Log& log, std::string config_path)
      : worker_(worker),
        gateway_(gateway),
        log_(log),
        config_path_(std::move(config_path)),
        timer_(worker.loop().timers, [this] { look(); }) {}

  void on_signal(int number) {
    if (number == SIGHUP) return reload();
    if (draining_) return end("stopping at once");
    draining_ = true;
    log_.info("draining");
    give_up_ = worker_.now() + gateway_.drain_limit();
    gateway_.drain();
    look();
  }

 private:
  void reload() {
    const Status status = gateway_.reload(config_path_);
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
  Log& log_;
  std::string config_path_;
  bool draining_ = false;
  Time give_up_ = kNever;
  Timer timer_;
};

template <class GatewayType, class Settings>
int serve(const std::string& path, std::shared_ptr<const Settings> settings) {
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
  auto gateway = GatewayType::open({**worker, sink, nullptr}, settings);
  if (!gateway) return fail(gateway.error().message);
  Log log("ringway", settings->gateway.log, sink, (*worker)->loop().clock);
  life = std::make_unique<Life>(**worker, **gateway, log, path);
  run_to_the_end(**worker);
  return 0;
}

template <class GatewayType, class Load>
int run(std::string_view name, std::span<const std::string> args, Load load) {
  const Command& command = *find_command(name);
  const Result<Arguments> arguments = Arguments::parse(command, args);
  if (!arguments) {
    fmt::print(stderr, "{}\n", arguments.error().message);
    return 2;
  }
  if (arguments->wants_help()) {
    fmt::print("{}", help_text(command));
    return 0;
  }
  const std::string path = arguments->get("config");
  auto settings = load(path);
  if (!settings) return fail(settings.error().message);
  return serve<GatewayType>(path, *settings);
}

}  // namespace

int run_frontend(std::span<const std::string> args) {
  return run<FrontendGateway>("frontend", args, frontend::load_settings);
}

int run_backend(std::span<const std::string> args) {
  return run<BackendGateway>("backend", args, backend::load_settings);
}

}  // namespace ringway::cli

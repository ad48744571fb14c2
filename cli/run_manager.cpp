#include "cli/run_manager.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "base/line_file.h"
#include "base/random.h"
#include "cli/help.h"
#include "cli/worker_team.h"
#include "manager/manager.h"
#include "manager/new_token.h"
#include "net/signals.h"

#ifndef RINGWAY_VERSION
#define RINGWAY_VERSION "0"
#endif

namespace ringway::cli {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

void show_first_token(const std::string& token) {
  fmt::print(
      "This manager is new. Its one-time token, good for 24 hours, makes the first lasting one:\n\n  {}\n\n"
      "It is not shown again.\n",
      token);
  std::fflush(stdout);
}

int make_token(const manager::Settings& settings) {
  SystemRandom random;
  auto token = manager::make_new_token(settings.store, std::chrono::system_clock::now(), random);
  if (!token) return fail("ringway manager: " + token.error().message);
  fmt::print("A one-time token, good for 24 hours, which makes a lasting one:\n\n  {}\n\nIt is not shown again.\n",
             *token);
  return 0;
}

int serve(std::shared_ptr<const manager::Settings> settings) {
  auto worker = net::Worker::make(0);
  if (!worker) return fail(worker.error().message);
  StandardErrorSink sink;
  std::unique_ptr<manager::Manager> manager;
  auto signals = net::Signals::open(**worker, {SIGTERM, SIGINT}, [&](int) {
    if (manager != nullptr) manager->stop([&] { (*worker)->stop(); });
  });
  if (!signals) return fail(signals.error().message);
  auto opened = manager::Manager::open({**worker, sink, RINGWAY_VERSION, show_first_token}, std::move(settings));
  if (!opened) return fail(opened.error().message);
  manager = std::move(*opened);
  run_to_the_end(**worker);
  manager.reset();
  return 0;
}

}  // namespace

int run_manager(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("manager", args, arguments)) return *end;
  auto settings = manager::load_settings(arguments.get("config"));
  if (!settings) return fail(settings.error().message);
  return arguments.has("new-token") ? make_token(**settings) : serve(*settings);
}

}  // namespace ringway::cli

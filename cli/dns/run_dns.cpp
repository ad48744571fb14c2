#include "cli/dns/run_dns.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/line_file.h"
#include "cli/dns/ask_dns.h"
#include "cli/dns/redirector.h"
#include "cli/help.h"
#include "net/signals.h"

namespace ringway::cli {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

int serve(std::shared_ptr<const dns::Settings> settings, const std::string& path, Start start) {
  auto worker = net::Worker::make(0);
  if (!worker) return fail(worker.error().message);
  StandardErrorSink sink;
  std::optional<Redirector> redirector;
  auto signals = net::Signals::open(**worker, {SIGTERM, SIGINT, SIGHUP}, [&](int number) {
    if (redirector) redirector->on_signal(number);
  });
  if (!signals) return fail(signals.error().message);
  redirector.emplace(**worker, sink, std::move(settings), path);
  const Status started = redirector->start(start);
  if (!started) return fail(started.error().message);
  run_to_the_end(**worker);
  redirector.reset();
  finish_deferred(**worker);
  return 0;
}

}  // namespace

int run_dns(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("dns", args, arguments)) return *end;
  auto settings = dns::load_settings(arguments.get("config"));
  if (!settings) return fail(settings.error().message);
  if (arguments.has("dump")) return dump_dns(**settings);
  if (arguments.has("explain")) return explain_dns(**settings, arguments.get("explain"), arguments.get("client"));
  const Start start = arguments.has("take-over") ? Start::take_over : Start::alone;
  if (start == Start::take_over && (*settings)->handover.empty()) {
    return fail(arguments.get("config") + ": --take-over needs the key \"handover\"");
  }
  return serve(*settings, arguments.get("config"), start);
}

}  // namespace ringway::cli

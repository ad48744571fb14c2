#include "cli/dns/run_dns.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "base/line_file.h"
#include "cli/dns/dns_server.h"
#include "cli/help.h"
#include "net/signals.h"

namespace ringway::cli {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

void reload(DnsServer& server, const std::string& path) {
  auto settings = dns::load_settings(path);
  const Status status = settings ? server.reload(std::move(*settings)) : Status(settings.error());
  if (status) return server.log().info("reloaded", {{"file", path}});
  server.log().error("the file has faults; the old settings stay");
  fmt::print(stderr, "{}\n", status.error().message);
}

int serve(std::shared_ptr<const dns::Settings> settings, const std::string& path) {
  auto worker = net::Worker::make(0);
  if (!worker) return fail(worker.error().message);
  StandardErrorSink sink;
  std::unique_ptr<DnsServer> server;
  auto signals = net::Signals::open(**worker, {SIGTERM, SIGINT, SIGHUP}, [&](int number) {
    if (number != SIGHUP) return (*worker)->stop();
    if (server != nullptr) reload(*server, path);
  });
  if (!signals) return fail(signals.error().message);
  auto opened = DnsServer::open(**worker, sink, std::move(settings));
  if (!opened) return fail(opened.error().message);
  server = std::move(*opened);
  run_to_the_end(**worker);
  server.reset();
  finish_deferred(**worker);
  return 0;
}

}  // namespace

int run_dns(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("dns", args, arguments)) return *end;
  auto settings = dns::load_settings(arguments.get("config"));
  if (!settings) return fail(settings.error().message);
  return serve(*settings, arguments.get("config"));
}

}  // namespace ringway::cli

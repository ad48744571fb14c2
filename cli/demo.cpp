#include "cli/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/line_file.h"
#include "cli/backend_gateway.h"
#include "cli/demo_load.h"
#include "cli/demo_origin.h"
#include "cli/frontend_gateway.h"
#include "cli/help.h"
#include "net/signals.h"
#include "net/udp_relay.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::cli {

namespace {

/// How long the link may take to come up before the demo gives up.
constexpr Duration kLinkWait = std::chrono::seconds(30);

struct DemoOptions {
  double rtt_ms = 80;
  double loss_percent = 1;
  double rate_mbit = 50;
  double seconds = 0;  // 0: until Ctrl-C
  int port = 8080;
  int metrics_port = 9090;
};

Result<DemoOptions> read_options(const Arguments& arguments) {
  DemoOptions options;
  const auto rtt = arguments.number("rtt", 0, 5000);
  const auto loss = arguments.number("loss", 0, 50);
  const auto rate = arguments.number("rate", 0.1, 10000);
  const auto seconds = arguments.number("for", 0, 86400);
  const auto port = arguments.number("port", 1, 65535);
  const auto metrics_port = arguments.number("metrics-port", 1, 65535);
  for (const auto* number : {&rtt, &loss, &rate, &seconds, &port, &metrics_port}) {
    if (!*number) return number->error();
  }
  options.rtt_ms = *rtt;
  options.loss_percent = *loss;
  options.rate_mbit = *rate;
  options.seconds = *seconds;
  options.port = static_cast<int>(*port);
  options.metrics_port = static_cast<int>(*metrics_port);
  return options;
}

/// The files' content that two machines would have, with addresses of this one. Identities are made in memory.
std::string backend_text(const DemoOrigin& first, const DemoOrigin& second) {
  return fmt::format(R"(name: demo-backend
link:
  address: "127.0.0.1:0"
  identity: {{ certificate: demo, key: demo, authority: demo }}
sites:
  - name: demo
    origins:
      - {{ address: "{}", max_pending: 64 }}
      - {{ address: "{}", max_pending: 64 }}
    frontends: [ demo-frontend ]
access_log: {{ format: "off" }}
log: {{ level: error }}
)",
                     first.address().text(), second.address().text());
}

std::string frontend_text(const DemoOptions& options, const SocketAddress& relay) {
  return fmt::format(R"(name: demo-frontend
listen:
  - address: "127.0.0.1:{}"
link:
  identity: {{ certificate: demo, key: demo, authority: demo }}
sites:
  - name: demo
    hosts: [ demo.test, localhost, 127.0.0.1 ]
    backends: [ {{ address: "{}", name: demo-backend }} ]
    priorities:
      - {{ ring: 0, when: {{ header: {{ X-Priority: high }} }} }}
      - {{ ring: 0, when: {{ path: "/api*" }} }}
      - {{ ring: 4, when: {{ path: "/bulk*" }} }}
admin: {{ address: "127.0.0.1:{}" }}
access_log: {{ format: "off" }}
log: {{ level: error }}
)",
                     options.port, relay.text(), options.metrics_port);
}

/// Everything that the demo runs, on one worker. Members are destroyed from the last to the first.
struct DemoWorld {
  std::unique_ptr<net::Worker> worker;
  StandardErrorSink sink;
  std::unique_ptr<DemoOrigin> origin_a;
  std::unique_ptr<DemoOrigin> origin_b;
  std::unique_ptr<BackendGateway> backend;
  std::unique_ptr<net::UdpRelay> relay;
  std::unique_ptr<FrontendGateway> frontend;
  std::unique_ptr<DemoLoad> load;
};

net::RelayPath relay_path(const DemoOptions& options) {
  net::RelayPath path;
  path.round_trip = from_seconds(options.rtt_ms / 1e3);
  path.loss = options.loss_percent / 100;
  path.octets_per_s = static_cast<std::uint64_t>(options.rate_mbit * 1e6 / 8);
  return path;
}

Result<std::shared_ptr<const tmp::Identity>> demo_identity(const tmp::Authority& authority, tmp::Role role,
                                                           std::string name, tmp::WallTime now) {
  const auto pem = tmp::make_identity(authority, {role, std::move(name)}, now);
  if (!pem) return pem.error();
  return tmp::Identity::from_pem(*pem);
}

Status open_backend(DemoWorld& world, const tmp::Authority& authority, tmp::WallTime now) {
  auto settings = backend::parse_settings(backend_text(*world.origin_a, *world.origin_b), "demo back-end");
  if (!settings) return settings.error();
  auto identity = demo_identity(authority, tmp::Role::backend, "demo-backend", now);
  if (!identity) return identity.error();
  auto backend = BackendGateway::open({*world.worker, world.sink, *identity}, *settings);
  if (!backend) return backend.error();
  world.backend = std::move(backend).value();
  return {};
}

Status open_frontend(DemoWorld& world, const DemoOptions& options, const tmp::Authority& authority, tmp::WallTime now) {
  auto settings = frontend::parse_settings(frontend_text(options, world.relay->address()), "demo front-end");
  if (!settings) return settings.error();
  auto identity = demo_identity(authority, tmp::Role::frontend, "demo-frontend", now);
  if (!identity) return identity.error();
  auto frontend = FrontendGateway::open({*world.worker, world.sink, *identity}, *settings);
  if (!frontend) return frontend.error();
  world.frontend = std::move(frontend).value();
  return {};
}

Status open_world(DemoWorld& world, const DemoOptions& options) {
  auto worker = net::Worker::make(0);
  if (!worker) return worker.error();
  world.worker = std::move(worker).value();
  auto origin_a = DemoOrigin::open(*world.worker, "origin-a");
  if (!origin_a) return origin_a.error();
  world.origin_a = std::move(origin_a).value();
  auto origin_b = DemoOrigin::open(*world.worker, "origin-b");
  if (!origin_b) return origin_b.error();
  world.origin_b = std::move(origin_b).value();
  const tmp::WallTime now = world.worker->loop().clock.wall();
  const auto authority = tmp::make_authority(now);
  if (!authority) return authority.error();
  const Status backend = open_backend(world, *authority, now);
  if (!backend) return backend;
  net::RelaySettings relay;
  relay.listen = {IpAddress::v4({127, 0, 0, 1}), 0};
  relay.server = world.backend->link_address();
  relay.path = relay_path(options);
  auto opened = net::UdpRelay::open(*world.worker, relay);
  if (!opened) return opened.error();
  world.relay = std::move(opened).value();
  return open_frontend(world, options, *authority, now);
}

void say_what_runs(const DemoWorld& world, const DemoOptions& options) {
  fmt::print(
      "Ringway demo: two origins, a back-end and a front-end on this machine, joined by a link of {:g} ms, {:g} % "
      "loss\n"
      "and {:g} Mbit/s each way.\n\n"
      "  page      http://127.0.0.1:{}/\n"
      "  metrics   http://127.0.0.1:{}/metrics\n"
      "  link      front-end → {} (emulated distance) → back-end {}\n"
      "  origins   {} and {}\n"
      "  try       curl -i -H 'X-Priority: high' http://127.0.0.1:{}/api/status\n\n"
      "Its own clients load pages (ring 2), download without end (ring 4) and ask ten times a second (ring 0).\n{}\n\n",
      options.rtt_ms, options.loss_percent, options.rate_mbit, options.port, options.metrics_port,
      world.relay->address().text(), world.backend->link_address().text(), world.origin_a->address().text(),
      world.origin_b->address().text(), options.port,
      options.seconds > 0 ? fmt::format("Ends after {:g} s.", options.seconds) : "Ctrl-C ends it.");
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string milliseconds(const std::vector<double>& values) {
  return values.empty() ? "-" : fmt::format("{:.0f}", median(values));
}

/// Prints a line a second and the summary in the end.
class DemoView {
 public:
  explicit DemoView(DemoWorld& world)
      : world_(world), began_(world.worker->now()), timer_(world.worker->loop().timers, [this] { line(); }) {
    fmt::print("{:>5} {:>6} {:>7} {:>7} {:>9} {:>9} {:>13} {:>8} {:>9}   {}\n", "s", "req/s", "rtt ms", "loss %",
               "page ms", "probe ms", "content KB", "link KB", "Mbit/s", "ring shares % (0 1 2 3 4)");
    timer_.arm(began_ + std::chrono::seconds(1));
  }

  void summary() {
    gather();
    fmt::print(
        "\n{} requests, {} failed; page {} ms and probe {} ms (medians); content {:.1f} MB crossed as {:.1f} MB\n",
        total_.requests, total_.failures, milliseconds(total_.page_ms), milliseconds(total_.probe_ms),
        static_cast<double>(content_before_) / 1e6, static_cast<double>(content_after_) / 1e6);
  }

  [[nodiscard]] const LoadFigures& total() const { return total_; }

 private:
  struct Totals {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::uint64_t wire = 0;
    std::array<std::uint64_t, tmp::kRings> rings{};
  };

  LoadFigures gather() {
    LoadFigures present = world_.load->take();
    total_.requests += present.requests;
    total_.failures += present.failures;
    total_.page_ms.insert(total_.page_ms.end(), present.page_ms.begin(), present.page_ms.end());
    total_.probe_ms.insert(total_.probe_ms.end(), present.probe_ms.begin(), present.probe_ms.end());
    Metrics& metrics = world_.frontend->metrics();
    content_before_ = metrics.counter("ringway_link_content_before_bytes_total", "").value();
    content_after_ = metrics.counter("ringway_link_content_after_bytes_total", "").value();
    return present;
  }

  [[nodiscard]] Totals totals() const {
    Totals totals;
    totals.before = content_before_;
    totals.after = content_after_;
    for (const tmp::Link* link : world_.backend->links()) {
      totals.wire += link->counters().octets_sent;
      for (std::size_t ring = 0; ring < totals.rings.size(); ++ring) {
        totals.rings[ring] += link->counters().ring_octets_sent[ring];
      }
    }
    return totals;
  }

  void line() {
    const LoadFigures present = gather();
    const Totals now = totals();
    std::uint64_t all = 0;
    for (std::size_t ring = 0; ring < now.rings.size(); ++ring) all += now.rings[ring] - before_.rings[ring];
    std::string shares;
    for (std::size_t ring = 0; ring < now.rings.size(); ++ring) {
      const auto part = static_cast<double>(now.rings[ring] - before_.rings[ring]);
      fmt::format_to(std::back_inserter(shares), "{:>5.1f}", all == 0 ? 0 : 100 * part / static_cast<double>(all));
    }
    const std::vector<tmp::Link*> links = world_.backend->links();
    const tmp::LinkQuality quality = links.empty() ? tmp::LinkQuality{} : links.front()->quality();
    fmt::print("{:>5.0f} {:>6} {:>7.1f} {:>7.2f} {:>9} {:>9} {:>13.0f} {:>8.0f} {:>9.1f}   {}\n",
               to_seconds(world_.worker->now() - began_), present.requests, to_milliseconds(quality.smoothed_rtt),
               100 * quality.sent_loss, milliseconds(present.page_ms), milliseconds(present.probe_ms),
               static_cast<double>(now.before - before_.before) / 1e3,
               static_cast<double>(now.after - before_.after) / 1e3,
               static_cast<double>(now.wire - before_.wire) * 8 / 1e6, shares);
    std::fflush(stdout);
    before_ = now;
    timer_.arm(timer_due() + std::chrono::seconds(1));
  }

  [[nodiscard]] Time timer_due() const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(world_.worker->now() - began_);
    return began_ + seconds;
  }

  DemoWorld& world_;
  Time began_;
  Totals before_;
  LoadFigures total_;
  std::uint64_t content_before_ = 0;
  std::uint64_t content_after_ = 0;
  Timer timer_;
};

int fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 1;
}

int run_world(DemoWorld& world, const DemoOptions& options) {
  bool ended = false;
  auto signals = net::Signals::open(*world.worker, {SIGINT, SIGTERM}, [&ended](int) { ended = true; });
  if (!signals) return fail(signals.error());
  say_what_runs(world, options);
  const auto link_is_up = [&world] { return world.frontend->links().front()->up(); };
  if (!world.worker->run_until([&] { return ended || link_is_up(); }, kLinkWait)) {
    return fail(link_error("the link did not come up; is the distance too bad?"));
  }
  world.load = std::make_unique<DemoLoad>(
      *world.worker, SocketAddress{IpAddress::v4({127, 0, 0, 1}), static_cast<std::uint16_t>(options.port)});
  DemoView view(world);
  const Duration limit = options.seconds > 0 ? from_seconds(options.seconds) : std::chrono::hours(24 * 365);
  world.worker->run_until([&ended] { return ended; }, limit);
  view.summary();
  world.load.reset();
  world.frontend->close();
  world.backend->close();
  const bool nothing_came = view.total().requests == view.total().failures;
  if (nothing_came) fmt::print(stderr, "No request was answered.\n");
  return nothing_came && !ended ? 1 : 0;
}

}  // namespace

int run_demo(std::span<const std::string> args) {
  const Command& command = *find_command("demo");
  const Result<Arguments> arguments = Arguments::parse(command, args);
  if (!arguments) {
    fmt::print(stderr, "{}\n", arguments.error().message);
    return 2;
  }
  if (arguments->wants_help()) {
    fmt::print("{}", help_text(command));
    return 0;
  }
  const Result<DemoOptions> options = read_options(*arguments);
  if (!options) {
    fmt::print(stderr, "{}\n", options.error().message);
    return 2;
  }
  DemoWorld world;
  const Status opened = open_world(world, *options);
  if (!opened) {
    fmt::print(stderr, "{}\nOther ports are chosen with --port and --metrics-port.\n", opened.error().message);
    return 1;
  }
  return run_world(world, *options);
}

}  // namespace ringway::cli

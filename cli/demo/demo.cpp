#include "cli/demo/demo.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "cli/demo/cast.h"
#include "cli/demo/ground.h"
#include "cli/demo/story.h"
#include "cli/demo/watch.h"
#include "cli/help.h"
#include "net/signals.h"

namespace ringway::cli {

namespace {

/// How long the first answer may take before the demo gives up.
constexpr int kFirstAnswerSeconds = 30;

struct DemoOptions {
  net::RelayPath path;
  DemoPorts ports;
  double seconds = 0;  // 0: until Ctrl-C
  bool story = false;
};

Result<DemoOptions> read_options(const Arguments& arguments) {
  const auto rtt = arguments.number("rtt", 0, 5000);
  const auto loss = arguments.number("loss", 0, 50);
  const auto rate = arguments.number("rate", 0.1, 10000);
  const auto seconds = arguments.number("for", 0, 86400);
  const auto port = arguments.number("port", 1, 65535);
  const auto metrics_port = arguments.number("metrics-port", 1, 65535);
  const auto manager_port = arguments.number("manager-port", 1, 65534);
  const auto dns_port = arguments.number("dns-port", 1, 65535);
  for (const auto* number : {&rtt, &loss, &rate, &seconds, &port, &metrics_port, &manager_port, &dns_port}) {
    if (!*number) return number->error();
  }
  DemoOptions options;
  options.path.round_trip = from_seconds(*rtt / 1e3);
  options.path.loss = *loss / 100;
  options.path.octets_per_s = static_cast<std::uint64_t>(*rate * 1e6 / 8);
  options.ports = {static_cast<std::uint16_t>(*port), static_cast<std::uint16_t>(*metrics_port),
                   static_cast<std::uint16_t>(*manager_port), static_cast<std::uint16_t>(*dns_port)};
  options.seconds = *seconds;
  options.story = arguments.has("story");
  return options;
}

/// A new directory for the files of the demo, which goes with it.
class Workplace {
 public:
  static Result<std::unique_ptr<Workplace>> make() {
    std::error_code none;
    std::string path = (std::filesystem::temp_directory_path(none) / "ringway-demo-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return internal_error(path + ": no directory can be made");
    return std::unique_ptr<Workplace>(new Workplace(path));
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code none;
    if (!kept_) std::filesystem::remove_all(path_, none);
  }
  /// For who wants to see what went wrong.
  void keep() { kept_ = true; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Workplace(std::string path) : path_(std::move(path)) {}
  std::string path_;
  bool kept_ = false;
};

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

void say_what_runs(const DemoCast& cast, const DemoOptions& options) {
  const std::string dig = fmt::format("dig +short @127.0.0.1 -p {} {}", options.ports.dns, kDemoName);
  const std::string session = fmt::format("RINGWAY_MANAGER={} RINGWAY_TOKEN={}", cast.manager_url(), cast.token());
  fmt::print(
      "\n  dashboard  {0}/   with this token: {1}\n"
      "  page       http://127.0.0.1:{2}/ (east), http://127.0.0.2:{2}/ (west)\n"
      "  metrics    http://127.0.0.1:{3}/metrics\n"
      "  files      {4}\n"
      "  try        {5} +subnet=198.18.7.0/24   (a client in Europe)\n"
      "             {5} +subnet=198.19.7.0/24   (one in California)\n"
      "             curl -i --resolve {6}:{2}:$({5} +subnet=198.19.7.0/24 | head -1) http://{6}:{2}/api/status\n"
      "             export {7}\n"
      "             ringway explain http://{6}/ --client 198.18.7.1\n"
      "             ringway drain pop:west     (and the second dig again, some seconds later)\n\n"
      "Clients load pages (ring 2), download without end (ring 4) and ask ten times a second (ring 0). They go to the\n"
      "front-end that the redirector names for their network. {8}\n\n",
      cast.manager_url(), cast.token(), options.ports.clients, options.ports.metrics, cast.directory(), dig, kDemoName,
      session,
      options.story         ? "The story takes about three minutes; Ctrl-C ends it."
      : options.seconds > 0 ? fmt::format("Ends after {:g} s.", options.seconds)
                            : "Ctrl-C ends it.");
  std::fflush(stdout);
}

/// Everything that the demo runs, and its end.
class Demo {
 public:
  Demo(net::Worker& worker, const DemoOptions& options, DemoGround& ground, DemoCast& cast,
       std::unique_ptr<DemoLookup> lookup, const bool& ended)
      : worker_(worker),
        options_(options),
        ground_(ground),
        cast_(cast),
        ended_(ended),
        watch_(cast, ground, std::move(lookup)) {}

  int run() {
    for (int second = 0; watch_.total().clients.requests == watch_.total().clients.failures; ++second) {
      if (second > kFirstAnswerSeconds) return fail("No request was answered; the logs are in " + cast_.directory());
      if (!next_second()) return 0;
    }
    return options_.story ? story() : look_on();
  }

 private:
  /// False: it is time to end.
  bool next_second() {
    next_ += std::chrono::seconds(1);
    worker_.run_until([this] { return ended_; }, std::max(next_ - worker_.now(), Duration{}));
    if (ended_) return false;
    next_ = std::max(next_, worker_.now() - std::chrono::seconds(1));
    watch_.look();
    return true;
  }

  int look_on() {
    while (options_.seconds <= 0 || watch_.total().seconds < options_.seconds) {
      if (!next_second()) break;
    }
    const LoadFigures& total = watch_.total().clients;
    fmt::print("\n{} requests, {} failed; page {} ms and probe {} ms (medians)\n", total.requests, total.failures,
               median_text(total.page_ms), median_text(total.probe_ms));
    return 0;
  }

  int story() {
    DemoStory story(cast_, ground_, watch_, [this] { return next_second(); });
    const Status told = story.tell();
    story.print_summary();
    if (told || ended_) return 0;
    return fail("\nThe story did not come to its end: " + told.error().message);
  }

  net::Worker& worker_;
  const DemoOptions& options_;
  DemoGround& ground_;
  DemoCast& cast_;
  const bool& ended_;
  DemoWatch watch_;
  Time next_ = worker_.now();
};

int run_world(const DemoOptions& options) {
  auto worker = net::Worker::make(0);
  if (!worker) return fail(worker.error().message);
  bool ended = false;
  auto signals = net::Signals::open(**worker, {SIGINT, SIGTERM}, [&ended](int) { ended = true; });
  if (!signals) return fail(signals.error().message);
  auto workplace = Workplace::make();
  if (!workplace) return fail(workplace.error().message);
  auto ground = DemoGround::open(options.path);
  if (!ground) return fail(ground.error().message);
  fmt::print(
      "Ringway demo: an overlay of two POPs and a hosting centre on this machine, {:g} ms, {:g} % loss and\n"
      "{:g} Mbit/s each way apart.\n\n",
      to_milliseconds(options.path.round_trip), options.path.loss * 100,
      static_cast<double>(options.path.octets_per_s) * 8 / 1e6);
  DemoCast cast(**worker, **ground, options.ports, (*workplace)->path());
  const Status started = cast.start();
  if (!started) {
    (*workplace)->keep();
    return fail(started.error().message +
                "\nOther ports are chosen with --port, --metrics-port, --manager-port and --dns-port.");
  }
  auto lookup = DemoLookup::open(cast.redirector(), kDemoName);
  if (!lookup) return fail(lookup.error().message);
  say_what_runs(cast, options);
  const int code = Demo(**worker, options, **ground, cast, std::move(*lookup), ended).run();
  if (code != 0) (*workplace)->keep();
  cast.stop();
  return code;
}

}  // namespace

int run_demo(std::span<const std::string> args) {
  Arguments arguments;
  if (const std::optional<int> end = read_words("demo", args, arguments)) return *end;
  const Result<DemoOptions> options = read_options(arguments);
  if (!options) {
    fmt::print(stderr, "{}\n", options.error().message);
    return 2;
  }
  return run_world(*options);
}

}  // namespace ringway::cli

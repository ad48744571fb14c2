// Priority under a crowd: 20 Mbit/s, 80 ms and 0.5 % of loss, on which eight downloads of ring 4 never end, two users
// of ring 2 load pages of a megabyte in 61 pieces, and something small of ring 0 is asked for ten times a second.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/sim/overlay.h"
#include "tests/sim/simulation.h"
#include "tmp_protocol/openssl_random.h"

namespace ringway::sim {

using namespace std::chrono_literals;

namespace {

constexpr int kDownloads = 8;
constexpr std::size_t kUsers = 2;
constexpr int kConnections = 6;  // of a user
constexpr std::size_t kPieces = 10;
constexpr std::uint64_t kPieceOctets = 17'000;
constexpr Duration kPause = 500ms;  // between a user's pages
constexpr Duration kProbeInterval = 100ms;
constexpr std::uint64_t kLinkOctetsPerSecond = 2'500'000;
constexpr Duration kWarmUp = 3s;
constexpr Duration kMeasured = 20s;

// Bounds, as medians and 95th percentiles.
constexpr Duration kProbe50 = 95ms;
constexpr Duration kProbe95 = 130ms;
constexpr Duration kPage50 = 1300ms;
constexpr double kLeastFill = 0.9;

Duration percentile(std::vector<Duration>& values, std::size_t percent) {
  if (values.empty()) return Duration::max();
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() * percent / 100, values.size() - 1)];
}

OverlaySites sites() {
  OverlaySites sites;
  for (const auto& [name, ring] : {std::pair{"bulk", 4}, std::pair{"pages", 2}, std::pair{"small", 0}}) {
    sites.frontend += fmt::format(
        "\n  - {{ name: {0}, hosts: [ {0}.test ], ring: {1}, backends: [ {{ address: \"{2}\", name: host-1 }} ] }}",
        name, ring, kOverlayBackend);
    sites.backend += fmt::format(
        "\n  - {{ name: {0}, origins: [ {{ address: \"{1}\", max_pending: 600 }} ], frontends: [ pop-1 ] }}", name,
        kOverlayOrigin);
  }
  sites.frontend += "\n";
  sites.backend += "\n";
  return sites;
}

class CrowdSimulation {
 public:
  explicit CrowdSimulation(std::uint64_t seed);
  std::string run();

 private:
  /// What one user, or one probe, waits for.
  struct Waiting {
    std::vector<std::unique_ptr<WebClient>> clients;
    Time begun{};
    Time next{};         // page
    bool whole = false;  // all that the page refers to has been asked for
    [[nodiscard]] bool over() const {
      return std::all_of(clients.begin(), clients.end(), [](const auto& client) { return client->over(); });
    }
  };

  std::unique_ptr<WebClient> ask(const char* host, std::size_t requests, std::uint64_t octets);
  void load_page(Waiting& user);
  void step();
  void step_user(Waiting& user);
  void step_probes();
  std::string verdict(double fill);

  Overlay overlay_;
  std::uint64_t number_ = 0;
  std::vector<std::unique_ptr<WebClient>> downloads_;
  std::vector<Waiting> users_;
  std::vector<Waiting> probes_;
  Time next_probe_{};
  std::vector<Duration> pages_;
  std::vector<Duration> answers_;
};

CrowdSimulation::CrowdSimulation(std::uint64_t seed)
    : overlay_(seed, sites(), {.resets = 0, .closes_idle = 0, .think = {}, .piece = 16'000, .type = "image/png"}),
      users_(kUsers) {
  PathConditions path;
  path.delay = 40ms;
  path.loss = 0.005;
  path.octets_per_s = kLinkOctetsPerSecond;
  path.queue_octets = 200'000;
  overlay_.set_path(path);
}

std::unique_ptr<WebClient> CrowdSimulation::ask(const char* host, std::size_t requests, std::uint64_t octets) {
  std::vector<WebRequest> all(requests);
  for (WebRequest& request : all) {
    request.number = ++number_;
    request.octets = octets;
    request.host = host;
  }
  auto client = std::make_unique<WebClient>(overlay_.client_node(), overlay_.ledger(), overlay_.connect(),
                                            std::move(all), requests);
  client->start();
  return client;
}

void CrowdSimulation::load_page(Waiting& user) {
  user.clients.clear();
  user.begun = overlay_.network().now();
  user.whole = false;
  user.clients.push_back(ask("pages.test", 1, kPieceOctets));
}

void CrowdSimulation::step_user(Waiting& user) {
  const Time now = overlay_.network().now();
  if (user.clients.empty()) {
    if (now >= user.next) load_page(user);
    return;
  }
  if (!user.over()) return;
  if (!user.whole) {
    user.whole = true;
    for (int i = 0; i < kConnections; ++i) user.clients.push_back(ask("pages.test", kPieces, kPieceOctets));
    return;
  }
  pages_.push_back(now - user.begun);
  user.clients.clear();
  user.next = now + kPause;
}

void CrowdSimulation::step_probes() {
  const Time now = overlay_.network().now();
  std::erase_if(probes_, [&](const Waiting& probe) {
    if (!probe.over()) return false;
    answers_.push_back(now - probe.begun);
    return true;
  });
  if (now < next_probe_) return;
  next_probe_ = now + kProbeInterval;
  Waiting& probe = probes_.emplace_back();
  probe.begun = now;
  probe.clients.push_back(ask("small.test", 1, 200));
}

void CrowdSimulation::step() {
  overlay_.network().run_for(1ms);
  for (Waiting& user : users_) step_user(user);
  step_probes();
}

std::string CrowdSimulation::run() {
  if (!overlay_.start()) return "no link came up within 30 s";
  for (int i = 0; i < kDownloads; ++i) downloads_.push_back(ask("bulk.test", 1, 1'000'000'000));
  const Time begun = overlay_.network().now();
  while (overlay_.network().now() < begun + kWarmUp) step();
  answers_.clear();
  pages_.clear();
  const std::uint64_t before = overlay_.back_link().counters().octets_sent;
  while (overlay_.network().now() < begun + kWarmUp + kMeasured) step();
  if (!overlay_.ledger().fault.empty()) return overlay_.ledger().fault;
  const double capacity = static_cast<double>(kLinkOctetsPerSecond) * to_seconds(kMeasured);
  return verdict(static_cast<double>(overlay_.back_link().counters().octets_sent - before) / capacity);
}

std::string CrowdSimulation::verdict(double fill) {
  const Duration probe50 = percentile(answers_, 50);
  const Duration probe95 = percentile(answers_, 95);
  const Duration page50 = percentile(pages_, 50);
  const bool good = probe50 <= kProbe50 && probe95 <= kProbe95 && page50 <= kPage50 && fill >= kLeastFill;
  if (good) return {};
  return fmt::format("probes {:.0f} ms, 95th {:.0f} ms; pages {:.0f} ms; {:.0f} % of the path used",
                     to_milliseconds(probe50), to_milliseconds(probe95), to_milliseconds(page50), 100 * fill);
}

}  // namespace

std::string simulate_crowd(std::uint64_t seed) {
  // Long and always alike: every thirtieth seed is enough.
  if (seed % 30 != 15) return {};
  CrowdSimulation simulation(seed);
  SeededRandom random(seed);
  const tmp::OpensslRandom openssl(random);
  return simulation.run();
}

}  // namespace ringway::sim

// How long the steering takes, in the sizes that are promised: 10,000 networks of clients, 100 front-ends in 25 POPs,
// 1,000 sites in 20 classes. Prints a line of JSON for each kind of work; CPU time, for what others do on the machine
// is not the steering's.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "redirector_dns/steering/atlas_maker.h"
#include "redirector_dns/steering/table_maker.h"
#include "redirector_dns/steering/table_steering.h"
#include "redirector_dns/steering/table_text.h"

namespace {

using namespace ringway;
using namespace ringway::dns;
using namespace ringway::dns::steering;
using namespace std::chrono_literals;

constexpr std::size_t kNetworks = 10'000;
constexpr std::size_t kPops = 25;
constexpr std::size_t kFrontends = 100;
constexpr std::size_t kBackends = 20;
constexpr std::size_t kSites = 1000;
constexpr std::size_t kClasses = 20;
constexpr std::size_t kQueries = 2'000'000;

Location anywhere(SeededRandom& random) { return {random.unit() * 120 - 60, random.unit() * 300 - 150}; }

void add_gateways(Plan& plan, SeededRandom& random) {
  for (std::size_t i = 0; i < kPops; ++i) plan.pops.push_back({fmt::format("pop{:02}", i), anywhere(random), 1000});
  for (std::size_t i = 0; i < kBackends; ++i) plan.backends.push_back({fmt::format("host{:02}", i), anywhere(random)});
  for (std::size_t i = 0; i < kFrontends; ++i) {
    FrontendPlan frontend;
    frontend.name = fmt::format("pop-frontend-{:03}", i);
    frontend.pop = static_cast<PopIndex>(i % kPops);
    frontend.v4 = {IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(i)})};
    frontend.v6 = {*IpAddress::parse(fmt::format("2001:db8::{:x}", i))};
    for (std::uint32_t backend = 0; backend < kBackends; ++backend) {
      frontend.links.push_back({backend, 5 + 100 * random.unit(), 0.01 * random.unit()});
    }
    plan.frontends.push_back(frontend);
  }
}

void add_sites(Plan& plan, SeededRandom& random) {
  std::vector<SitePlan> kinds(kClasses);
  for (SitePlan& kind : kinds) {
    for (std::size_t i = 0; i < kFrontends; ++i) {
      if (random.below(3) != 0) kind.frontends.push_back(static_cast<FrontendIndex>(i));
    }
    kind.backends = {static_cast<std::uint32_t>(random.below(kBackends / 2)),
                     static_cast<std::uint32_t>(kBackends / 2 + random.below(kBackends / 2))};
  }
  for (std::size_t i = 0; i < kSites; ++i) {
    plan.sites.push_back(kinds[i % kClasses]);
    plan.sites.back().name = fmt::format("www.customer-site-{:04}.test", i);
  }
}

void add_clients(Plan& plan, SeededRandom& random) {
  std::set<Network> networks;
  while (networks.size() < kNetworks) {
    const bool v6 = random.below(3) == 0;
    networks.insert(v6 ? Network::around(Family::v6, (0x2aULL << 56) | random.next() >> 8, 48)
                       : Network::around(Family::v4, random.next(), 24));
  }
  plan.clients.reserve(kNetworks);
  for (const Network& network : networks) {
    ClientPlan& client = plan.clients.emplace_back();
    client.network = network;
    client.place = anywhere(random);
    client.demand = 1 / (random.unit() + 1e-3);
    for (int i = 0; i < 3; ++i) {
      client.round_trips.push_back({static_cast<PopIndex>(random.below(kPops)), 10 + 200 * random.unit(), 1h});
    }
  }
}

double cpu_ms() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The median of several times.
template <class Work>
void measure(std::string_view what, int times, double per, std::string_view unit, const Work& work) {
  std::vector<double> taken;
  for (int i = 0; i < times; ++i) {
    const double begun = cpu_ms();
    work();
    taken.push_back((cpu_ms() - begun) / per);
  }
  std::sort(taken.begin(), taken.end());
  fmt::print("{{\"steering\": \"{}\", \"times\": {}, \"median_{}\": {:.3f}, \"most_{}\": {:.3f}}}\n", what, times, unit,
             taken[taken.size() / 2], unit, taken.back());
}

struct Asked {
  std::string_view site;
  Asker asker;
};

std::vector<Asked> questions(const Plan& plan, SeededRandom& random) {
  std::vector<Asked> asked;
  asked.reserve(1 << 16);
  for (std::size_t i = 0; i < 1 << 16; ++i) {
    const Network& network = plan.clients[random.below(plan.clients.size())].network;
    asked.push_back({plan.sites[random.below(kSites)].name, {network.address(), network.bits, true}});
  }
  return asked;
}

void run() {
  SeededRandom random(1);
  Plan plan;
  add_gateways(plan, random);
  add_sites(plan, random);
  add_clients(plan, random);
  AtlasMaker atlases;
  SharedAtlas atlas;
  Time now{};
  measure("first atlas", 1, 1, "ms", [&] { atlas = *atlases.draw(plan, now); });
  measure("atlas with other round trips", 10, 1, "ms", [&] {
    for (ClientPlan& client : plan.clients) client.round_trips[0].ms = 10 + 200 * random.unit();
    atlas = *atlases.draw(plan, now += 100s);
  });
  TableMaker tables(20s);
  SharedTable table;
  measure("table of a second", 100, 1, "ms", [&] {
    Readings readings;
    for (std::size_t i = 0; i < kPops; ++i) readings.pops.push_back({0.5 + 0.6 * random.unit()});
    table = std::make_shared<SteeringTable>(tables.make(atlas, readings, now += 1s));
  });
  const std::string atlas_words = atlas_text(*atlas);
  const std::string sum(sum_of(atlas_words));
  std::string level_words = levels_text(*table, sum);
  measure("levels read", 100, 1, "ms", [&] { (void)parse_levels(level_words, atlas, sum); });
  measure("atlas written", 5, 1, "ms", [&] { (void)atlas_text(*atlas); });
  measure("atlas read", 5, 1, "ms", [&] { (void)parse_atlas(atlas_words); });
  const std::vector<Asked> asked = questions(plan, random);
  TableSteering steering;
  steering.use(table);
  std::size_t addresses = 0;
  measure("choice", 5, kQueries / 1e6, "ns", [&] {
    for (std::size_t i = 0; i < kQueries; ++i) {
      const Asked& each = asked[i % asked.size()];
      addresses += steering.steer(each.site, each.asker)->v4.size();
    }
  });
  fmt::print(
      "{{\"steering\": \"sizes\", \"ranges\": {}, \"profiles\": {}, \"orders\": {}, \"atlas_octets\": {}, "
      "\"levels_octets\": {}, \"addresses\": {}}}\n",
      atlas->cells.ranges(Family::v4).size() + atlas->cells.ranges(Family::v6).size(), atlas->profile_count(),
      atlas->orders.size(), atlas_words.size(), level_words.size(), addresses);
}

}  // namespace

int main() {
  run();
  return 0;
}

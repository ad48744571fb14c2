#include "tests/redirector_dns/steering_plan.h"

#include <fmt/format.h>

#include <cassert>
#include <set>

#include "base/random.h"

namespace ringway::dns::steering {

namespace {

FrontendPlan frontend_plan(std::size_t pop, std::size_t nth, std::size_t number) {
  FrontendPlan frontend;
  frontend.name = fmt::format("pop{}-{}", pop, nth);
  frontend.pop = static_cast<PopIndex>(pop);
  frontend.v4 = {*IpAddress::parse(fmt::format("192.0.2.{}", number))};
  frontend.v6 = {*IpAddress::parse(fmt::format("2001:db8::1:{:x}", number))};
  frontend.links = {{0, 10, 0}};
  return frontend;
}

std::vector<ClientPlan> random_clients(SeededRandom& random, std::size_t pops) {
  std::set<Network> networks;
  while (networks.size() < 60) {
    if (random.below(4) == 0) {
      const auto bits = static_cast<unsigned>(20 + random.below(36));
      networks.insert(Network::around(Family::v6, 0x20010db800000000ULL | random.below(1ULL << 32), bits));
    } else {
      const auto bits = static_cast<unsigned>(8 + random.below(25));
      networks.insert(Network::around(Family::v4, (10ULL << 56) | random.below(1 << 24) << 32, bits));
    }
  }
  std::vector<ClientPlan> clients;
  clients.reserve(networks.size());
  for (const Network& network : networks) {
    ClientPlan& client = clients.emplace_back();
    client.network = network;
    client.demand = random.below(2) == 0 ? 0 : 50 * random.unit();
    if (random.below(2) == 0) client.area = random.below(2) == 0 ? "DE" : "FR";
    for (std::size_t pop = 0; pop < pops; ++pop) {
      if (random.below(2) != 0) continue;
      client.round_trips.push_back({static_cast<PopIndex>(pop), 200 * random.unit(), {}});
    }
  }
  return clients;
}

}  // namespace

Network net(std::string_view text) {
  const Result<Network> network = Network::parse(text);
  assert(network.ok());
  return *network;
}

Plan small_plan() {
  Plan plan;
  SitePlan site;
  site.name = "shop.test";
  site.backends = {0};
  for (std::size_t pop = 0; pop < 4; ++pop) {
    plan.pops.push_back({fmt::format("pop{}", pop), std::nullopt, 100});
    for (std::size_t nth = 0; nth < 2; ++nth) {
      site.frontends.push_back(static_cast<FrontendIndex>(plan.frontends.size()));
      plan.frontends.push_back(frontend_plan(pop, nth, plan.frontends.size()));
    }
  }
  plan.backends.push_back({"centre", std::nullopt});
  plan.sites.push_back(site);
  return plan;
}

ClientPlan client(std::string_view network, std::initializer_list<double> ms) {
  ClientPlan client;
  client.network = net(network);
  client.demand = 1;
  for (const double each : ms) {
    const auto pop = static_cast<PopIndex>(client.round_trips.size());
    client.round_trips.push_back({pop, each, {}});
  }
  return client;
}

Plan random_plan(std::uint64_t seed) {
  SeededRandom random(seed);
  Plan plan = small_plan();
  plan.clients = random_clients(random, plan.pops.size());
  for (int i = 0; i < 6; ++i) {
    SitePlan site = plan.sites.front();
    site.name = fmt::format("site{}.test", i);
    site.answers = static_cast<std::uint32_t>(1 + random.below(4));
    site.spare = random.below(2) == 0 ? Spare::none : Spare::next_pop;
    site.alpn = random.below(2) == 0 ? "" : "h2,http/1.1";
    site.frontends.erase(site.frontends.begin() + static_cast<std::ptrdiff_t>(random.below(4)));
    site.policy.policy = static_cast<Policy>(random.below(3));
    if (site.policy.policy == Policy::weighted) site.policy.shares = {1, 2, 0, 0.5};
    if (site.policy.policy == Policy::failover) site.policy.failover = {2, 0};
    if (random.below(2) == 0) site.policy.fences.push_back({{"DE"}, {1, 2}});
    plan.sites.push_back(site);
  }
  plan.resolvers = {*IpAddress::parse("10.1.2.3"), *IpAddress::parse("2001:db8::53")};
  for (FrontendPlan& frontend : plan.frontends) {
    const std::uint64_t kind = random.below(6);
    if (kind == 0) frontend.v4.clear();
    if (kind == 1) frontend.v6.clear();
  }
  return plan;
}

SharedAtlas drawn(const Plan& plan) {
  AtlasMaker maker;
  const Result<SharedAtlas> atlas = maker.draw(plan, Time{});
  assert(atlas.ok());
  return *atlas;
}

}  // namespace ringway::dns::steering

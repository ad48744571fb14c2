// Parts of the manager's steering by themselves.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "manager/record_types.h"
#include "manager/steering/steering_explain.h"
#include "manager/steering/steering_readings.h"
#include "manager/steering/steering_status.h"
#include "redirector_dns/steering/costs.h"
#include "tests/manager/steered_world.h"

namespace ringway::manager {
namespace {

namespace steering = dns::steering;
using namespace testing;  // NOLINT(google-build-using-namespace): the world
using namespace std::chrono_literals;

TEST(ResolverWatch, SlotsWhoAsksForManyAndLetsThemGoLate) {
  ResolverWatch watch;
  Time now{100s};
  std::uint64_t queries = 0;
  const auto report = [&](std::uint32_t of_busy) {
    now += 1s;
    queries += 1000;
    watch.hear("ns-1", {1, queries, {}, {{"192.0.2.1", of_busy}, {"192.0.2.2", 2}}}, now);
  };
  for (unsigned i = 0; i < 600; ++i) report(50);
  const IpAddress busy = IpAddress::v4({192, 0, 2, 1});
  EXPECT_EQ(watch.slotted(now), std::vector{busy});
  for (unsigned i = 0; i < 600; ++i) report(6);
  EXPECT_EQ(watch.slotted(now), std::vector{busy}) << "between the two bounds nothing changes";
  for (unsigned i = 0; i < 2000; ++i) report(1);
  EXPECT_TRUE(watch.slotted(now).empty());
}

TEST(ResolverWatch, KeepsWhomAnotherManagerSlotted) {
  ResolverWatch watch;
  const IpAddress busy = IpAddress::v4({192, 0, 2, 1});
  watch.restore({busy}, Time{100s});
  EXPECT_EQ(watch.slotted(Time{5000s}), std::vector{busy}) << "nobody has been heard";
}

TEST(SteeringPlan, TakesPlacesFromADatabaseBehindWhatItIsTold) {
  SteeredWorld world;
  world.run(40);
  SteeringFacts facts = steering_facts(*world.world.fleet, nullptr);
  const SteeringPlan alone = steering_plan(facts);
  steering::ClientPlan told;  // inside what `networks` says
  told.network = steering::Network::parse("10.0.7.0/25").value();
  told.place = steering::Location{1, 2};
  steering::ClientPlan other = told;
  other.network = steering::Network::parse("198.51.100.0/24").value();
  facts.geography = std::make_shared<const std::vector<steering::ClientPlan>>(std::vector{told, other});
  const SteeringPlan with = steering_plan(facts);
  ASSERT_EQ(with.plan.clients.size(), alone.plan.clients.size() + 1);
  const auto added = std::find_if(with.plan.clients.begin(), with.plan.clients.end(),
                                  [&](const steering::ClientPlan& each) { return each.network == other.network; });
  ASSERT_NE(added, with.plan.clients.end());
  EXPECT_EQ(added->place->latitude, 1);
}

TEST(SteeringPlan, BelievesOfAPopsFrontendsWhoMeasuredLately) {
  SteeredWorld world;
  world.run(40);
  SteeringFacts facts = steering_facts(*world.world.fleet, nullptr);
  const auto measured = [&](std::size_t i, double ms, Duration ago) {
    facts.clients.restore("198.51.100.0/24", {frontend_name(1, i), ms, 5, facts.now - ago, 1});
  };
  const auto round_trip = [&] {
    const SteeringPlan plan = steering_plan(facts);
    const auto client = std::find_if(plan.plan.clients.begin(), plan.plan.clients.end(), [](const auto& each) {
      return each.network == steering::Network::parse("198.51.100.0/24").value();
    });
    EXPECT_EQ(client->round_trips.size(), 1U);
    return client->round_trips[0];
  };
  measured(0, 10, 50min);
  EXPECT_EQ(round_trip().ms, 10);
  EXPECT_EQ(round_trip().age, Duration(50min));
  measured(1, 120, 3s);
  EXPECT_EQ(round_trip().ms, 120) << "the way of 50 minutes ago is none of today";
  EXPECT_EQ(round_trip().age, Duration(3s));
  facts.clients = {ClientTable(10)};
  measured(1, 120, 3s);
  measured(0, 90, 1min);
  EXPECT_EQ(round_trip().ms, 90) << "both are of the same place and time";
  EXPECT_EQ(round_trip().age, Duration(3s));
}

constexpr std::size_t kCrowdedSites = 40;

/// Front-ends of a site that has others than all sites before it.
std::vector<std::string> frontends_of(std::size_t site) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kPopCount * kFrontendsPerPop; ++i) {
    if (((site + 1) >> i & 1) != 0) names.push_back(frontend_name(i / kFrontendsPerPop, i % kFrontendsPerPop));
  }
  return names;
}

/// Sites with a fence, each a class of its own: more of them than can be drawn for many networks.
SteeringFacts crowded_facts() {
  std::vector<Change> changes = overlay();
  SteeringFacts facts;
  for (std::size_t i = 0; i < kCrowdedSites; ++i) {
    const std::string name = fmt::format("s{:02}", i);
    changes.push_back({kSites, name,
                       fmt::format(R"({{"name": "{0}", "hosts": ["{0}.test"],
                                        "origins": [{{"address": "127.0.0.1:8000"}}],
                                        "steering": {{"fences": [{{"areas": ["DE"], "pops": ["pop-1"]}}]}}}})",
                                   name)});
    SeatedSite& seated = facts.sites.emplace_back(SeatedSite{name, {}, {{"host-a", {}, {}}}});
    for (const std::string& frontend : frontends_of(i)) seated.frontends.push_back({frontend, {"host-a"}, {}});
  }
  changes.push_back({kNetworks, "de", R"({"name": "de", "networks": ["10.0.0.0/8"], "area": "DE"})"});
  FleetWorld world;
  world.commit(changes);
  facts.head = world.ledger.registry().head();
  facts.now = world.loop.now();
  return facts;
}

/// The `i`th /24 from there on.
steering::Network nth_network(std::uint32_t first_octet, std::uint32_t i) {
  return steering::Network::around(steering::Family::v4, std::uint64_t{(first_octet << 24) + (i << 8)} << 32, 24);
}

TEST(SteeringPlans, LeaveOutFirstWhatNoFenceNames) {
  SteeringFacts facts = crowded_facts();
  // As a database has them: many that nobody was heard from, and some of the fenced area.
  auto geography = std::make_shared<std::vector<steering::ClientPlan>>();
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const bool in_area = i < 1000;
    steering::ClientPlan& client = geography->emplace_back();
    client.network = nth_network(in_area ? 30 : 20, i);
    client.area = in_area ? "DE" : "FR";
  }
  facts.geography = geography;
  const auto plan = std::make_shared<const SteeringPlan>(steering_plan(facts));
  EXPECT_LE(plan->plan.clients.size(), kMaxDrawnOrders / kCrowdedSites);
  EXPECT_EQ(plan->left_out, 40'001 - plan->plan.clients.size());
  EXPECT_EQ(plan->left_out_of_areas, 0U);
  const auto fenced = std::count_if(plan->plan.clients.begin(), plan->plan.clients.end(),
                                    [](const steering::ClientPlan& each) { return each.area == "DE"; });
  EXPECT_EQ(fenced, 1001);
}

/// Sites of the same gateways, each with shares of its own, and as many networks as a database has.
SteeringFacts facts_of_policies(std::size_t sites) {
  std::vector<Change> changes = overlay();
  SteeringFacts facts;
  for (std::size_t i = 0; i < sites; ++i) {
    const std::string name = fmt::format("s{:03}", i);
    changes.push_back(
        {kSites, name,
         fmt::format(R"({{"name": "{0}", "hosts": ["{0}.test"], "origins": [{{"address": "127.0.0.1:8000"}}],
                          "steering": {{"policy": "weighted", "shares": [{{"pop": "pop-0", "share": {1}}}]}}}})",
                     name, i + 1)});
    SeatedSite& seated = facts.sites.emplace_back(SeatedSite{name, {}, {{"host-a", {}, {}}}});
    for (std::size_t pop = 0; pop < kPopCount; ++pop) {
      seated.frontends.push_back({frontend_name(pop, 0), {"host-a"}, {}});
    }
  }
  FleetWorld world;
  world.commit(changes);
  facts.head = world.ledger.registry().head();
  facts.now = world.loop.now();
  auto geography = std::make_shared<std::vector<steering::ClientPlan>>();
  for (std::uint32_t i = 0; i < limits::kMaxGeographyNetworks; ++i) {
    steering::ClientPlan& client = geography->emplace_back();
    client.network = nth_network(20, i);
    client.area = "FR";
  }
  facts.geography = geography;
  return facts;
}

/// Profiles are the kinds of clients that are drawn, and anybody; each has an order for each class.
TEST(SteeringPlans, CountEachPolicyAsAClassOfItsOwn) {
  static_assert(kMaxDrawnOrders + limits::kMaxSteeredSites <= limits::kMaxSteeredOrders,
                "an atlas may be refused: a profile for each network and one for anybody, and each class has a site");
  for (const std::size_t sites : {1U, 20U, 21U, 200U, 1000U}) {
    const SteeringPlan plan = steering_plan(facts_of_policies(sites));
    const std::size_t classes = steering::classify(plan.plan).size();
    ASSERT_EQ(classes, sites);
    EXPECT_EQ(plan.plan.clients.size(), std::min(limits::kMaxGeographyNetworks, kMaxDrawnOrders / classes)) << sites;
    EXPECT_EQ(plan.left_out, limits::kMaxGeographyNetworks - plan.plan.clients.size());
    EXPECT_LE((plan.plan.clients.size() + 1) * classes, limits::kMaxSteeredOrders) << sites;
  }
}

TEST(SteeringPlans, WhoWasDrawnStaysUntilAnotherHasTwiceTheDemand) {
  SteeringFacts facts = crowded_facts();
  SeededRandom random(5);
  const auto measured = [&](double waver) {
    facts.clients = ClientTable(40'000);
    for (std::uint32_t i = 0; i < 30'000; ++i) {
      ClientDistance distance;
      distance.frontend = frontend_name(0, 0);
      distance.rtt_ms = 10;
      distance.rate = (1 + i % 100) * (1 + waver * (random.unit() - 0.5));
      distance.heard = facts.now;
      facts.clients.restore(nth_network(20, i).text(), distance);
    }
  };
  const auto networks = [](const SteeringPlan& plan) {
    std::set<std::string> all;
    for (const steering::ClientPlan& each : plan.plan.clients) all.insert(each.network.text());
    return all;
  };
  measured(0);
  auto plan = std::make_shared<const SteeringPlan>(steering_plan(facts));
  ASSERT_GT(plan->left_out, 1000U);
  const auto before = networks(*plan);
  for (int round = 0; round < 5; ++round) {
    measured(0.2);
    facts.last_plan = plan;
    plan = std::make_shared<const SteeringPlan>(steering_plan(facts));
    EXPECT_EQ(networks(*plan), before) << round;
  }
}

TEST(KeptSteering, ComesBackAsItWas) {
  SteeredWorld world;
  world.run(40);
  const auto table = world.redirectors_table();
  const Time now = world.world.loop.now();
  const WallTime wall = to_the_second(world.world.loop.wall());
  const std::string json =
      kept_atlas_json(steering::atlas_text(table->atlas()), world.world.fleet->clients(), now, wall);
  // On another machine, whose clock has begun an hour ago, 5 s later.
  const Time there{3600s};
  const auto kept = parse_kept_atlas(json, there, wall + 5s);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_TRUE(steering::same_content(*kept->atlas, table->atlas()));
  ASSERT_EQ(kept->clients.size(), world.world.fleet->clients().size());
  for (const auto& [network, distance] : kept->clients) EXPECT_LE(distance.heard, there - 5s) << network;

  KeptLevels levels = levels_of(*table);
  levels.pops["pop-0"].shed = 0.25;
  levels.frontends["fe-1-1"] = {0.5, 2};
  const auto again = parse_kept_levels(kept_levels_json(levels));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, levels);
  EXPECT_TRUE(worth_keeping(levels_of(*table), levels));
  KeptLevels close = levels;
  close.pops["pop-0"].shed = 0.255;
  EXPECT_FALSE(worth_keeping(levels, close));
}

TEST(KeptSteering, IsRefusedWhereItIsNotWhole) {
  SteeredWorld world;
  world.run(20);
  const std::string text = steering::atlas_text(world.redirectors_table()->atlas());
  const std::string json = kept_atlas_json(text, ClientTable(10), Time{1s}, WallTime{});
  ASSERT_TRUE(parse_kept_atlas(json, Time{1s}, WallTime{}));
  for (std::size_t at = 0; at < json.size(); at += 37) {
    std::string broken = json;
    broken[at] = broken[at] == '0' ? '1' : '0';
    const auto kept = parse_kept_atlas(broken, Time{1s}, WallTime{});
    if (!kept) continue;
    EXPECT_TRUE(steering::same_content(*kept->atlas, *steering::parse_atlas(text).value())) << at;
  }
}

TEST(SteeringReadings, CountTheWorstOfExchangesBitsAndCpu) {
  Gateway gateway;
  Node node;
  node.report.cpu = 0.3;
  node.rates.exchanges = 90;
  node.rates.octets = 1e6;
  EXPECT_DOUBLE_EQ(use_of(gateway, node), 0.3) << "what nobody says is not counted";
  gateway.capacity_exchanges_per_s = 100;
  EXPECT_DOUBLE_EQ(use_of(gateway, node), 0.9);
  gateway.capacity_bits_per_s = 8'000'000;
  EXPECT_DOUBLE_EQ(use_of(gateway, node), 1.0);
}

TEST(SteeringReadings, TheUsualTtlIsThatOfTheDemand) {
  SteeredWorld world;
  world.run(20);
  steering::Atlas atlas = world.redirectors_table()->atlas();
  for (steering::Site& site : atlas.sites) site.ttl_s = site.name == "shop" ? 300 : 20;
  const auto sealed = steering::seal(atlas);
  ASSERT_TRUE(sealed);
  const auto usual = [&](Duration before) { return usual_ttl(**sealed, *world.world.fleet, before); };
  const double of_sites = (300 + 20.0 * static_cast<double>(atlas.sites.size() - 1)) / double(atlas.sites.size());
  EXPECT_NEAR(to_seconds(usual(0s)), of_sites, 0.1) << "nobody has asked for anything";
  for (auto& [name, agent] : world.world.agents) agent->requests_per_s = 10;
  world.run(10);
  EXPECT_NEAR(to_seconds(usual(0s)), 160, 1) << "as much for the one as for the other";
  EXPECT_EQ(usual(150s), 150s) << "about the same";
}

TEST(SteeringStatus, CountsWhereClientsGo) {
  SteeredWorld world;
  world.run(60);
  const auto table = world.publisher->table();
  ASSERT_NE(table, nullptr);
  const auto pops = where_clients_go(*table, world.publisher->plan()->plan);
  std::size_t networks = 0;
  for (std::size_t i = 0; i < pops.size(); ++i) {
    networks += pops[i].networks;
    const std::string& name = table->atlas().pops[i].name;
    if (name.starts_with("pop-")) {
      EXPECT_EQ(pops[i].networks, world.networks_at(static_cast<std::size_t>(name[4] - '0'))) << name;
      EXPECT_EQ(pops[i].cells, pops[i].networks) << "each is a cell of its own";
    } else {
      EXPECT_EQ(pops[i].networks, 0U);
    }
  }
  EXPECT_EQ(networks, kNetworkCount);
  const std::string json = steering_json(*world.publisher);
  EXPECT_NE(json.find(R"("name": "centre/ams", "serves": "back-ends")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("redirectors": [{"name": "ns-1", "connected": true, "table": 0, "behind": true}])"),
            std::string::npos)
      << "it has told of no table: " << json;
}

TEST(SteeringStatus, CountsAnswersByPop) {
  SteeredWorld world;
  world.run(30);
  FakeAgent& redirector = world.world.agent("redirector:ns-1");
  agent::SteeringReport told;
  told.pops.resize(world.publisher->table()->atlas().pops.size());
  for (unsigned i = 0; i < 60; ++i) {
    told.table = world.publisher->table()->number();
    told.pops[1] += 30;
    told.queries += 30;
    redirector.figures.steering = told;
    world.step();
  }
  EXPECT_NEAR(world.publisher->answers().of("pop-1", world.world.loop.now()), 30, 3);
  EXPECT_EQ(world.publisher->answers().of("pop-0", world.world.loop.now()), 0);
  EXPECT_NE(steering_json(*world.publisher).find(R"("behind": false)"), std::string::npos);
}

TEST(SteeringExplain, SaysWhatEachPopCosts) {
  SteeredWorld world;
  world.run(60);
  const Network& network = world.networks[4];
  const auto told = explain_steering(*world.publisher, "shop", network.address);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->pop, pop_name(network.pop()));
  EXPECT_EQ(told->table, world.publisher->table()->number());
  EXPECT_EQ(told->reason, "first");
  EXPECT_EQ(told->cell, client_network(network.address));
  ASSERT_EQ(told->frontends.size(), 1U);
  EXPECT_EQ(told->frontends[0].addresses.size(), 2U);
  ASSERT_EQ(told->candidates.size(), kPopCount);
  const LiveCandidate& chosen = told->candidates[0];
  EXPECT_EQ(chosen.verdict, "chosen");
  ASSERT_TRUE(chosen.measured_s_ago && chosen.rtt_ms && chosen.link_ms && told->site_rtt);
  EXPECT_LE(*chosen.measured_s_ago, 10);
  EXPECT_NEAR(*chosen.link_ms, 10 + static_cast<double>(network.pop()), 0.1);
  EXPECT_GT(told->candidates[1].rtt_ms.value_or(0), *chosen.rtt_ms);
  EXPECT_LE(told->site_rtt->most, *chosen.rtt_ms + *chosen.link_ms);
  EXPECT_TRUE(told->warnings.empty()) << "it is " << *told->rtt_ms << " ms to the front-end";
  EXPECT_FALSE(explain_steering(*world.publisher, "nothing", network.address));
}

TEST(SteeringExplain, WarnsInCalmWhereTheFrontendIsFartherThanTheSite) {
  for (const std::uint32_t link_us : {1'000U, 200'000U}) {
    SteeredWorld world;
    world.run(60);
    for (auto& [name, agent] : world.world.agents) {
      if (agent->identity().role != tmp::Role::frontend) continue;
      for (agent::LinkReport& link : agent->figures.links) link.rtt_us = link_us;
    }
    world.run(20);
    const auto told = explain_steering(*world.publisher, "shop", world.networks[4].address);
    ASSERT_TRUE(told && told->site_rtt);
    EXPECT_LE(told->site_rtt->least, told->site_rtt->most);
    EXPECT_EQ(told->warnings.empty(), link_us == 200'000U) << link_us << " us to the site, " << *told->rtt_ms << " ms";
    if (told->warnings.empty()) continue;
    EXPECT_NE(told->warnings[0].find("may be no closer"), std::string::npos) << told->warnings[0];
  }
}

TEST(SteeringExplain, WarnsWhereTheFrontendIsNoCloserThanTheSite) {
  SteeredWorld world;
  world.run(60);
  // Whoever is near POP 1 is now 2 ms from it, and that POP is 0.2 ms from the back-ends: whom it sends elsewhere would
  // do better without any front-end.
  for (const char* name : {"fe-1-0", "fe-1-1"}) {
    for (agent::LinkReport& link : world.world.agent(std::string("frontend:") + name).figures.links) link.rtt_us = 200;
  }
  world.world.put(kDrainKind, "pop:pop-1", kDrained);
  world.run(60);
  std::size_t warned = 0;
  for (const Network& network : world.networks) {
    const auto told = explain_steering(*world.publisher, "shop", network.address);
    ASSERT_TRUE(told);
    if (!told->warnings.empty()) ++warned;
    EXPECT_EQ(!told->warnings.empty(),
              told->site_rtt && *told->rtt_ms >= (told->site_rtt->least + told->site_rtt->most) / 2);
  }
  EXPECT_GT(warned, 10U);
}

}  // namespace
}  // namespace ringway::manager

// The manager's part of the steering: what is told, and who moves, on virtual time.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "manager/steering/steering_explain.h"
#include "manager/steering/steering_names.h"
#include "tests/manager/steered_world.h"

namespace ringway::manager {
namespace {

namespace steering = dns::steering;
using namespace testing;  // NOLINT(google-build-using-namespace): the world
using namespace std::chrono_literals;

std::size_t differences(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return SIZE_MAX;
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(Steering, IsToldToWhoSaysHelloAndEachSecond) {
  SteeredWorld world;
  world.run(20);
  const auto table = world.redirectors_table();
  ASSERT_TRUE(table);
  const steering::Site* shop = table->atlas().find("shop");
  ASSERT_NE(shop, nullptr);
  EXPECT_EQ(shop->alpn, "http/1.1");
  EXPECT_EQ(table->atlas().classes[shop->site_class].frontends.size(), 6U);
  world.run(3);
  EXPECT_EQ(world.redirectors_table()->number(), table->number() + 3);
  // A second redirector that has only just come steers by the same table.
  world.world.commit({{kRedirectors, "ns-2", R"({"name": "ns-2"})"}});
  world.world.connect(world.world.add(tmp::Role::redirector, "ns-2"));
  world.run(3);
  EXPECT_EQ(world.world.agent("redirector:ns-2").atlas, world.world.agent("redirector:ns-1").atlas);
  EXPECT_EQ(world.world.agent("redirector:ns-2").levels, world.world.agent("redirector:ns-1").levels);
}

TEST(Steering, AnnouncesOnlyWhatAllFrontendsOffer) {
  SteeredWorld world;
  world.plain = {"fe-1-0"};
  world.run(20);
  EXPECT_EQ(world.alpn("shop"), "");
  const auto told = [&] { return explain_steering(*world.publisher, "shop", world.networks[0].address); };
  ASSERT_EQ(told()->warnings.size(), 1U);
  EXPECT_EQ(told()->warnings[0],
            "no HTTPS record says http/1.1: not offered at port 443 with a certificate for all of the site's hosts by "
            "fe-1-0");
  world.plain.clear();
  world.run(10);
  EXPECT_EQ(world.alpn("shop"), "http/1.1");
  EXPECT_EQ(told()->alpn, "http/1.1");
  EXPECT_TRUE(told()->warnings.empty());
  world.plain = {"fe-2-1"};
  world.run(10);
  EXPECT_EQ(world.alpn("shop"), "");
}

TEST(Steering, ANewLeaderAnnouncesWhatWasAnnouncedUntilItHears) {
  SteeredWorld world;
  world.run(30);
  world.world.reconnect = false;
  world.change_leader();
  world.run(10);
  EXPECT_EQ(world.publisher->table()->atlas().find("shop")->alpn, "http/1.1");
}

TEST(Steering, WhoWasNeverHeardNeitherGrantsNorDenies) {
  SteeredWorld world;
  world.run(30);
  world.world.agent("frontend:fe-2-1").mute = true;
  world.change_leader();
  world.world.agent("frontend:fe-2-1").cut();
  world.run(30);
  EXPECT_EQ(world.alpn("shop"), "http/1.1");
  world.plain = {"fe-1-0"};
  world.run(10);
  EXPECT_EQ(world.alpn("shop"), "");
  world.plain.clear();
  world.run(10);
  EXPECT_EQ(world.alpn("shop"), "http/1.1");
}

TEST(Steering, AManagerThatLeadsAgainKnowsThatItsReportsAreOld) {
  SteeredWorld world;
  for (Network& network : world.networks) network.demand = 0.8;
  agent::SteeringReport& report = world.world.agent("redirector:ns-1").figures.steering.emplace();
  const auto step = [&] {
    report.queries += 1000;
    report.resolvers = {{"192.0.2.77", 100}};
    world.step();
  };
  for (unsigned i = 0; i < 120; ++i) step();
  const std::vector<IpAddress> slotted = {IpAddress::v4({192, 0, 2, 77})};
  ASSERT_EQ(world.redirectors_table()->atlas().resolvers, slotted);
  const auto before = world.answers();
  const Lead led = world.world.lead;
  world.world.reconnect = false;
  world.world.lead.leads = false;
  world.run(3);
  ASSERT_EQ(world.publisher->table(), nullptr);
  world.world.run(1200s);
  world.world.lead = {true, led.epoch + 2, led.leader};
  world.world.run(3s);
  ASSERT_NE(world.publisher->table(), nullptr);
  EXPECT_EQ(world.publisher->table()->atlas().resolvers, slotted) << "as was kept";
  world.world.reconnect = true;
  world.world.connect_all();
  for (unsigned i = 0; i < 30; ++i) {
    step();
    ASSERT_EQ(differences(before, world.answers()), 0U) << i;
    ASSERT_EQ(world.redirectors_table()->atlas().resolvers, slotted) << i;
  }
}

TEST(Steering, AnotherPortIsAnotherEntrance) {
  SteeredWorld world;
  world.world.commit({{kSites, "shop",
                       R"({"name": "shop", "hosts": ["shop.test"], "origins": [{"address": "127.0.0.1:8000"}],
                           "frontends": {"min": 6}, "steering": {"alpn": "http/1.1", "port": 8443}})"}});
  world.run(20);
  EXPECT_EQ(world.alpn("shop"), "");
  EXPECT_EQ(world.alpn("blog"), "http/1.1");
}

TEST(Steering, BeginsWhenAllWhoMayServeDo) {
  SteeredWorld world;
  for (const char* name : {"fe-2-0", "fe-2-1"}) world.world.agent(std::string("frontend:") + name).mute = true;
  world.run(4);
  EXPECT_EQ(world.publisher->table(), nullptr);
  for (const char* name : {"fe-2-0", "fe-2-1"}) world.world.agent(std::string("frontend:") + name).mute = false;
  world.run(8);
  const auto answers = world.answers();
  ASSERT_EQ(answers.size(), kNetworkCount);
  for (std::size_t i = 0; i < kNetworkCount; ++i) {
    EXPECT_EQ(answers[i].substr(0, 4), fmt::format("fe-{}", world.networks[i].home)) << "nobody is used to another POP";
  }
}

TEST(Steering, DoesNotWaitForEverForWhoMayServe) {
  SteeredWorld world;
  for (const char* name : {"fe-2-0", "fe-2-1"}) world.world.agent(std::string("frontend:") + name).mute = true;
  world.run(30);
  EXPECT_NE(world.publisher->table(), nullptr);
}

TEST(Steering, IsNotMadeWhereNobodyAsksForIt) {
  SteeredWorld world;
  world.world.reconnect = false;
  world.world.agent("redirector:ns-1").cut();
  world.world.commit({{kRedirectors, "ns-1", std::nullopt}});
  world.run(5);
  EXPECT_EQ(world.publisher->table(), nullptr);
  world.world.commit({{kRedirectors, "ns-1", R"({"name": "ns-1"})"}});
  world.run(20);
  EXPECT_NE(world.publisher->table(), nullptr);
}

TEST(Steering, MovesNobodyInCalm) {
  SteeredWorld world;
  world.run(60);
  const auto before = world.answers();
  const std::size_t atlases = world.world.agent("redirector:ns-1").atlases;
  world.run(60);
  EXPECT_EQ(differences(before, world.answers()), 0U);
  EXPECT_LE(world.world.agent("redirector:ns-1").atlases, atlases + 1);
}

TEST(Steering, FollowsACrowd) {
  SteeredWorld world;
  world.run(60);
  const double calm = world.use(0);
  world.crowd = 2.2;
  unsigned over = 0;
  for (unsigned i = 0; i < 120; ++i) {
    world.step();
    over += world.use(0) > 1 ? 1 : 0;
  }
  RecordProperty("seconds_over", static_cast<int>(over));
  EXPECT_GT(calm * 2.2, 1) << "else there is no crowd";
  EXPECT_LE(world.use(0), 0.97);
  EXPECT_LE(over, 25U);
}

TEST(Steering, AFrontendThatDoesNotServeTheSiteHasNoRoomForIt) {
  SteeredWorld world;
  world.world.commit({{kSites, "shop",
                       R"({"name": "shop", "hosts": ["shop.test"], "origins": [{"address": "127.0.0.1:8000"}],
                           "frontends": {"pinned": ["fe-0-0", "fe-1-0", "fe-2-0"], "max": 3},
                           "steering": {"alpn": "http/1.1", "answers": 1}})"}});
  for (Network& network : world.networks) network.demand = 1.2;
  world.run(120);
  world.crowd = 2.2;
  world.run(1);
  const auto one = [&world] { return world.use(0) * kFrontendsPerPop; };  // of the two one serves it
  EXPECT_GT(one(), 1.3);
  world.run(120);
  EXPECT_LE(one(), 0.97);
}

TEST(Steering, EmptiesADrainedPop) {
  SteeredWorld world;
  world.run(60);
  const std::size_t before = world.networks_at(1);
  ASSERT_GT(before, 20U);
  world.world.put(kDrainKind, "pop:pop-1", kDrained);
  world.run(45);
  EXPECT_LE(world.networks_at(1), before / 10);
  world.world.put(kDrainKind, "pop:pop-1", std::nullopt);
  world.run(180);
  EXPECT_GE(world.networks_at(1), before * 8 / 10);
}

TEST(Steering, SendsNobodyToAFrontendThatIsGone) {
  SteeredWorld world;
  world.run(60);
  world.world.reconnect = false;
  world.world.agent("frontend:fe-2-0").cut();
  world.unseen.insert("fe-2-0");
  world.run(8);
  for (const std::string& name : world.answers()) EXPECT_NE(name, "fe-2-0");
}

TEST(Steering, BelievesBackendsThatAFrontendIsOnlyAwayFromTheManager) {
  SteeredWorld world;
  world.run(60);
  const auto before = world.answers();
  world.world.reconnect = false;
  world.world.agent("frontend:fe-2-0").cut();  // and its links are up
  world.run(8);
  EXPECT_EQ(differences(before, world.answers()), 0U);
}

/// SIGTERM: its listeners are closed, and its links stay up while exchanges are in flight.
TEST(Steering, WhoSaidThatItStopsIsGoneAtOnceAndNotForEver) {
  SteeredWorld world;
  world.run(60);
  world.world.reconnect = false;
  FakeAgent& stopped = world.world.agent("frontend:fe-2-0");
  stopped.figures.state = "draining";
  stopped.report();
  world.world.run(100ms);
  stopped.cut();
  world.run(5);
  for (const std::string& name : world.answers()) EXPECT_NE(name, "fe-2-0");
  // Nobody ordered it: without a manager it may be back for long.
  for (const auto& level : steering::aged(world.redirectors_table()->levels(), limits::kHealthHolds).frontends) {
    EXPECT_EQ(level, steering::FrontendLevel());
  }
  world.world.reconnect = true;
  world.world.connect(stopped);
  world.run(2);
  stopped.figures.state = "serving";
  world.run(120);
  const auto answers = world.answers();
  EXPECT_GT(std::count(answers.begin(), answers.end(), "fe-2-0"), 20);
}

TEST(Steering, AnOperatorsDrainOutlastsThatItStops) {
  SteeredWorld world;
  world.run(60);
  world.world.put(kDrainKind, "frontend:fe-2-0", kDrained);
  world.run(40);
  FakeAgent& stopped = world.world.agent("frontend:fe-2-0");
  world.world.reconnect = false;
  stopped.figures.state = "draining";
  stopped.report();
  stopped.cut();
  world.run(10);
  const auto table = world.redirectors_table();
  const auto& frontends = table->atlas().frontends;
  for (std::size_t i = 0; i < frontends.size(); ++i) {
    EXPECT_EQ(table->levels().frontends[i].draining, frontends[i].name == "fe-2-0");
  }
}

TEST(Steering, AnIdleLinkIsNoWordForWhoIsGone) {
  SteeredWorld world;
  world.silent = {"fe-2-0", "fe-2-1"};
  world.run(60);
  const auto before = world.answers();
  world.run(10);
  EXPECT_EQ(differences(before, world.answers()), 0U) << "nor against who is there";
  world.world.reconnect = false;
  world.world.agent("frontend:fe-2-0").cut();
  world.run(8);
  for (const std::string& name : world.answers()) EXPECT_NE(name, "fe-2-0");
}

TEST(Steering, MovesNobodyWhenLeadersChange) {
  SteeredWorld world;
  for (Network& network : world.networks) network.demand = 0.8;  // calm: what moves is the change's doing
  world.run(60);
  world.world.put(kDrainKind, "pop:pop-1", kDrained);
  world.unseen.insert("fe-2-0");
  world.world.agent("frontend:fe-2-0").mute = true;
  world.run(90);
  const auto before = world.answers();
  ASSERT_EQ(before.size(), kNetworkCount);
  ASSERT_EQ(std::count(before.begin(), before.end(), "fe-2-0"), 0) << "it is ill";
  const std::uint64_t number = world.redirectors_table()->number();
  world.change_leader();
  for (unsigned i = 0; i < 40; ++i) {
    world.step();
    ASSERT_EQ(differences(before, world.answers()), 0U) << i << " s later";
  }
  EXPECT_GT(world.redirectors_table()->number(), number);
}

TEST(Steering, GoesOnWithSharesWhereAnotherLeaderLeftThem) {
  SteeredWorld world;
  world.run(60);
  world.crowd = 2.6;
  world.run(100);
  const auto shed = [&] { return world.redirectors_table()->levels().pops[0].shed; };
  const double before = shed();
  ASSERT_GT(before, 0.05);
  world.change_leader();
  world.run(1);
  EXPECT_NEAR(shed(), before, 0.06);
  for (unsigned i = 0; i < 40; ++i) {
    world.step();
    EXPECT_LE(world.use(0), 1.05) << i;
  }
}

TEST(Steering, FindsBackendsByName) {
  SteeredWorld world;
  world.run(30);
  const auto table = world.redirectors_table();
  ASSERT_TRUE(table);
  const steering::Site* site = table->atlas().find("shop/backends");
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(table->atlas().find("blog/backends"), nullptr) << "no zone asks for it";
  EXPECT_TRUE(site->alpn.empty());
  std::set<std::string> addresses;
  for (const steering::FrontendIndex each : table->atlas().classes[site->site_class].frontends) {
    for (const IpAddress& address : table->atlas().frontends[each].v4) addresses.insert(address.text());
  }
  EXPECT_EQ(addresses, (std::set<std::string>{"198.51.100.1", "198.51.100.2"}));
  // One that is drained is named no more.
  world.world.put(kDrainKind, "backend:host-a", kDrained);
  world.run(60);
  for (const std::string& name : world.answers("shop/backends")) EXPECT_EQ(name, "backend/host-b");
}

/// All front-ends say at once that they have no sites: a fault, not an order.
template <class Answers>
void expect_doubt(SteeredWorld& world, const Answers& before) {
  for (auto& [name, agent] : world.world.agents) {
    if (agent->identity().role == tmp::Role::frontend) agent->sections.clear();
  }
  world.run(20);
  EXPECT_EQ(differences(before, world.answers()), 0U);
  EXPECT_NE(world.publisher->fault(), "");
}

TEST(Steering, HoldsBackWhatTakesMuchAwayAndNobodyOrdered) {
  SteeredWorld world;
  world.run(90);
  const auto before = world.answers();
  expect_doubt(world, before);
}

TEST(Steering, ARevisionThatChangesNothingIsNoWordForWhatComesLater) {
  SteeredWorld world;
  world.run(90);
  const auto before = world.answers();
  world.world.commit({{kPops, "nobodys", R"({"name": "nobodys", "latitude": 1, "longitude": 1})"}});
  world.run(20);
  expect_doubt(world, before);
}

/// What is drawn between a commit and the plan that is made for it is of the seats before it.
TEST(Steering, AnOrderLastsUntilItIsPlanned) {
  // A turn of the steering is a second after the one before it, and the plan 20 ms after the commit.
  for (const Duration after_turn : {0ms, 500ms, 970ms, 980ms, 990ms}) {
    SteeredWorld world;
    world.run(30);
    world.world.loop.advance(after_turn);
    world.world.commit({{kSites, "shop",
                         R"({"name": "shop", "hosts": ["shop.test"], "origins": [{"address": "127.0.0.1:8000"}],
                             "frontends": {"min": 2, "never": ["fe-0-1", "fe-1-0", "fe-1-1", "fe-2-1"]},
                             "steering": {"alpn": "http/1.1", "answers": 1}})"}});
    for (unsigned i = 0; i < 40; ++i) world.world.loop.advance(100ms);
    EXPECT_EQ(world.publisher->fault(), "");
    const steering::Atlas& atlas = world.publisher->table()->atlas();
    EXPECT_EQ(atlas.classes[atlas.find("shop")->site_class].frontends.size(), 2U) << to_milliseconds(after_turn);
  }
}

/// Strangers, each of whom asks for all there is for a while, are slotted one after the other.
TEST(Steering, SlotsOfResolversWaitUntilTheAtlasBeforeIsPaidFor) {
  SteeredWorld world;
  constexpr unsigned kPaidForS = 60;
  world.atlas_octets = kPaidForS * kAtlasOctetsPerS;
  auto step = [&, i = 0U, queries = std::uint64_t{0}](bool strangers) mutable {
    agent::SteeringReport& report = world.world.agent("redirector:ns-1").figures.steering.emplace();
    report.queries = queries += 1000;
    report.resolvers = {{strangers ? fmt::format("192.0.2.{}", i++ / 5) : "192.0.2.250", 1000}};
    world.step();
  };
  for (unsigned i = 0; i < 90; ++i) step(false);
  const std::size_t before = world.world.agent("redirector:ns-1").atlases;
  for (unsigned i = 0; i < 4 * kPaidForS; ++i) step(true);
  EXPECT_LE(world.world.agent("redirector:ns-1").atlases, before + 4);
  EXPECT_GT(world.redirectors_table()->atlas().resolvers.size(), 20U);
  // What changes who serves is not held up by them.
  world.world.commit({{kSites, "blog", std::nullopt}});
  for (unsigned i = 0; i < 5; ++i) step(true);
  EXPECT_EQ(world.redirectors_table()->atlas().find("blog"), nullptr);
}

/// A large atlas that changes before all have it: everybody's turn comes.
TEST(Steering, IsToldToTheLastOfManyAsWell) {
  SteeredWorld world;
  constexpr std::size_t kPerTurn = 2;
  world.told_octets = kMaxAtlasOctetsPerTurn / kPerTurn;
  constexpr std::size_t kRedirectors = 8;
  for (std::size_t i = 2; i <= kRedirectors; ++i) {
    world.world.connect(world.world.add(tmp::Role::redirector, fmt::format("ns-{}", i)));
  }
  world.run(40);
  std::map<std::string, std::size_t> before;
  for (const auto& [name, agent] : world.world.agents) before[name] = agent->atlases;
  for (unsigned i = 0; i < 20; ++i) {
    constexpr const char* kBlog =
        R"({{"name": "blog", "hosts": ["blog.test"], "frontends": {{"min": 6}}, "backends": {{"min": 2}},
            "origins": [{{"address": "127.0.0.1:8000"}}], "steering": {{"answers": {}}}}})";
    world.world.commit({{kSites, "blog", fmt::format(kBlog, 1 + i % 2)}});
    world.run(2);
  }
  for (std::size_t i = 1; i <= kRedirectors; ++i) {
    const std::string name = fmt::format("redirector:ns-{}", i);
    EXPECT_GT(world.world.agent(name).atlases, before[name]) << name;
  }
}

TEST(Steering, TakesAwayASiteThatIsOrderedAway) {
  SteeredWorld world;
  world.run(40);
  ASSERT_NE(world.redirectors_table()->atlas().find("blog"), nullptr);
  world.world.commit({{kSites, "blog", std::nullopt}});
  world.run(20);
  EXPECT_EQ(world.redirectors_table()->atlas().find("blog"), nullptr);
  EXPECT_NE(world.redirectors_table()->atlas().find("shop"), nullptr);
}

/// 10,000 networks, 100 front-ends, 1,000 sites: what the loop is held for.
TEST(SteeringLoad, HoldsTheLoopForAFewMilliseconds) {
  FleetWorld world;
  world.build(20, 5, 20, 1000);
  AtlasDrawer drawer;
  std::vector<Duration> drawings;
  auto publisher =
      Publisher(PublisherParts{world.loop.loop(), world.log, *world.fleet, world.writer,
                               [&](SteeringFacts facts, WallTime wall, const std::function<void(const Drawn&)>& then) {
                                 auto held = std::make_shared<SteeringFacts>(std::move(facts));
                                 world.loop.loop().deferred.post([&, held, wall, then] {
                                   const auto begun = std::chrono::steady_clock::now();
                                   const Drawn drawn = drawer.draw(*held, wall);
                                   drawings.push_back(std::chrono::steady_clock::now() - begun);
                                   then(drawn);
                                 });
                               }});
  world.connect_all();
  world.connect(world.add(tmp::Role::redirector, "ns-1"));
  for (unsigned network = 0; network < 10'000; ++network) {
    const std::string text = fmt::format("{}.{}.{}.0/24", 20 + network / 5000, network / 50 % 100, network % 50);
    for (unsigned i = 0; i < 2; ++i) {
      FakeAgent& agent = world.agent(fmt::format("frontend:pop-{:03}-{:02}", (network + 7 * i) % 20, network % 5));
      agent.figures.clients.push_back({text, 1 + network % 9, 8'000 + 20'000 * i});
    }
  }
  world.run(25s);
  ASSERT_NE(publisher.table(), nullptr);
  const std::size_t classes = publisher.table()->atlas().classes.size();
  EXPECT_EQ(publisher.table()->atlas().sites.size(), 1000U);
  EXPECT_FALSE(drawings.empty());
  const Duration drawing = *std::max_element(drawings.begin(), drawings.end());
  fmt::print(
      "the loop: {:.1f} ms at most, {:.1f} ms the last second; a drawing of {} classes: {:.0f} ms; atlas {} kB\n",
      to_milliseconds(publisher.longest_turn()), to_milliseconds(publisher.last_turn()), classes,
      to_milliseconds(drawing), world.agent("redirector:ns-1").atlas.size() / 1000);
  EXPECT_LT(to_milliseconds(publisher.last_turn()), 100) << "20 ms where it is built for speed";
}

}  // namespace
}  // namespace ringway::manager

// Orders, policies, fences and hysteresis, as an atlas has them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/random.h"
#include "redirector_dns/geography/geography_file.h"
#include "redirector_dns/steering/interned.h"
#include "redirector_dns/steering/rendezvous.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;
using Pops = std::vector<PopIndex>;

Pops order_at(const Atlas& atlas, std::string_view address, std::string_view site = "shop.test") {
  const IpAddress ip = *IpAddress::parse(address);
  const std::uint32_t profile = atlas.cells.find(family_of(ip), number_of(ip)).profile;
  const PopList& order = atlas.order(profile, atlas.find(site)->site_class).pops;
  return {order.begin(), order.end()};
}

/// A maker that draws every 10 s.
struct Drawn {
  explicit Drawn(Plan first) : plan(std::move(first)) { step(); }
  void step() {
    atlas = *maker.draw(plan, now);
    now += 10s;
  }
  void run(int seconds) {
    for (int i = 0; i < seconds; i += 10) step();
  }
  Plan plan;
  AtlasMaker maker;
  SharedAtlas atlas;
  Time now{};
};

Plan plan_with(ClientPlan client) {
  Plan plan = small_plan();
  plan.clients = {std::move(client)};
  return plan;
}

}  // namespace

TEST(Interned, NumbersEachThingOnceWhateverItsHash) {
  SeededRandom random(3);
  for (const std::uint64_t hashes : {1ULL, 7ULL, 1ULL << 40}) {  // all alike, much alike, none alike
    Interned interned;
    std::vector<std::uint64_t> things;
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t thing = random.below(500);
      const std::uint32_t number =
          interned.number(mixed(thing) % hashes, [&](std::uint32_t at) { return things[at] == thing; });
      const auto known = std::find(things.begin(), things.end(), thing);
      ASSERT_EQ(number, known - things.begin());
      if (known == things.end()) things.push_back(thing);
      ASSERT_EQ(interned.size(), things.size());
    }
  }
}

TEST(Atlas, PopsAreOrderedByRoundTripAndLink) {
  Plan plan = plan_with(client("10.0.0.0/24", {40, 30, 20, 10}));
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{3, 2, 1, 0}));
  for (FrontendPlan& frontend : plan.frontends) frontend.links = {{0, frontend.pop == 3 ? 45.0 : 10.0, 0}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{2, 1, 0, 3}));
  for (FrontendPlan& frontend : plan.frontends) frontend.links = {{0, 10, frontend.pop == 2 ? 0.2 : 0}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{3, 1, 0, 2})) << "loss makes a link dear";
}

TEST(Atlas, ALinkThatIsUpCountsInFavour) {
  Plan plan = plan_with(client("10.0.0.0/24", {20, 20, 20, 20}));
  for (PopPlan& pop : plan.pops) pop.place = Location{50, 10};
  plan.backends[0].place = Location{50, 12};
  for (FrontendPlan& frontend : plan.frontends) frontend.links.clear();
  plan.frontends[5].links = {{0, 4, 0}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1").front(), 2);
}

TEST(Atlas, GeographyStandsInForWhatIsNotMeasuredOrLongAgo) {
  Plan plan = small_plan();
  plan.pops[0].place = Location{52.5, 13.4};   // Berlin
  plan.pops[1].place = Location{40.7, -74.0};  // New York
  plan.pops[2].place = Location{35.7, 139.7};  // Tokyo
  plan.pops[3].place = Location{-33.9, 151.2};
  ClientPlan boston = client("10.0.0.0/16", {});
  boston.place = Location{42.4, -71.1};
  plan.clients = {boston, client("10.0.1.0/24", {})};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.1.1"), (Pops{1, 0, 2, 3})) << "as the network around it";
  plan.clients[1].round_trips = {{3, 3, {}}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.1.1").front(), 3);
  plan.clients[1].round_trips = {{3, 3, 24h * 10}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.1.1").front(), 1);
}

TEST(Atlas, WithoutAPlaceOthersAreAsFarAsTheWayOverWhatWasMeasured) {
  Plan plan = small_plan();
  plan.pops[0].place = Location{52.5, 13.4};
  plan.pops[1].place = Location{50.1, 8.7};
  plan.pops[2].place = Location{35.7, 139.7};
  plan.pops[3].place = Location{40.7, -74.0};
  ClientPlan only = client("10.0.0.0/24", {});
  only.round_trips = {{0, 25, {}}};
  plan.clients = {only};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{0, 1, 3, 2}));
}

TEST(Atlas, BetterByLittleOrForShortChangesNothing) {
  Drawn drawn(plan_with(client("10.0.0.0/24", {20, 40, 60, 80})));
  drawn.plan.clients[0] = client("10.0.0.0/24", {44, 40, 60, 80});  // 4 of 54 ms
  drawn.run(600);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1").front(), 0);
  drawn.plan.clients[0] = client("10.0.0.0/24", {60, 40, 60, 80});
  drawn.run(170);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1").front(), 0);
  drawn.plan.clients[0] = client("10.0.0.0/24", {20, 40, 60, 80});
  drawn.run(10);
  drawn.plan.clients[0] = client("10.0.0.0/24", {60, 40, 60, 80});
  drawn.run(180);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1").front(), 0) << "the time begins anew";
  drawn.run(10);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1").front(), 1);
}

TEST(Atlas, ANetworkThatIsMeasuredBeginsWithTheOrderAroundIt) {
  Drawn drawn(plan_with(client("10.0.0.0/16", {20, 40, 60, 80})));
  drawn.plan.clients.push_back(client("10.0.7.0/24", {80, 60, 40, 20}));
  drawn.step();
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.7.1"), (Pops{0, 1, 2, 3}));
  drawn.run(190);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.7.1"), (Pops{3, 2, 1, 0}));
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.8.1"), (Pops{0, 1, 2, 3}));
}

TEST(Atlas, NetworksThatBeginAlikeKeepTheirOwnOrders) {
  Drawn drawn(plan_with(client("10.0.0.0/16", {20, 40, 60, 80})));
  drawn.plan.clients.push_back(client("10.0.0.0/24", {80, 60, 40, 20}));
  drawn.run(400);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{3, 2, 1, 0}));
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.1.1"), (Pops{0, 1, 2, 3}));
}

TEST(Atlas, WhoIsGoneLeavesAtOnceAndWhoIsNewStandsBehind) {
  Drawn drawn(plan_with(client("10.0.0.0/24", {20, 40, 60, 80})));
  drawn.plan.sites[0].frontends = {2, 3, 4, 5, 6, 7};
  drawn.step();
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{1, 2, 3}));
  drawn.plan.sites[0].frontends = {0, 2, 3, 4, 5, 6, 7};
  drawn.step();
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{1, 2, 3, 0}));
  drawn.run(190);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{0, 1, 2, 3}));
}

TEST(Atlas, OrdersLastWhenPopsAndClassesAreNumberedAnew) {
  Drawn drawn(plan_with(client("10.0.0.0/24", {80, 60, 40, 20})));
  Plan other = small_plan();
  std::reverse(other.pops.begin(), other.pops.end());
  for (FrontendPlan& frontend : other.frontends) frontend.pop = static_cast<PopIndex>(3 - frontend.pop);
  SitePlan before = other.sites[0];
  before.name = "another.test";
  before.frontends = {0, 1};
  other.sites.insert(other.sites.begin(), before);
  other.clients = {client("10.0.0.0/24", {30, 30, 30, 30})};
  drawn.plan = other;
  drawn.step();
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{0, 1, 2, 3})) << "pop3, which was best, is 0 now";
}

TEST(Atlas, AnOperatorsOrderIsNoMatterOfCosts) {
  Plan plan = plan_with(client("10.0.0.0/24", {20, 40, 60, 80}));
  plan.sites[0].policy.policy = Policy::failover;
  plan.sites[0].policy.failover = {3, 1};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{3, 1, 0, 2}));
}

TEST(Atlas, WhoStandsBehindAnOperatorsOrderChangesAsSlowlyAsOthers) {
  Plan plan = plan_with(client("10.0.0.0/24", {20, 22, 60, 80}));
  plan.sites[0].policy.policy = Policy::failover;
  plan.sites[0].policy.failover = {3};
  Drawn drawn(plan);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{3, 0, 1, 2}));
  drawn.plan.clients = {client("10.0.0.0/24", {22, 20, 60, 80})};
  drawn.run(600);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{3, 0, 1, 2})) << "it is not better by enough";
  drawn.plan.clients = {client("10.0.0.0/24", {60, 20, 62, 80})};
  drawn.run(60);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{3, 0, 1, 2})) << "it is not for long enough";
  drawn.run(190);
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{3, 1, 0, 2}));
  drawn.plan.sites[0].policy.failover = {2, 3};
  drawn.step();
  EXPECT_EQ(order_at(*drawn.atlas, "10.0.0.1"), (Pops{2, 3, 1, 0})) << "an operator's word counts at once";
}

TEST(Atlas, FencesHoldUnlessNobodyIsInside) {
  Plan plan = plan_with(client("10.0.0.0/24", {20, 40, 60, 80}));
  plan.clients[0].area = "DE";
  plan.sites[0].policy.fences = {{{"FR"}, {0}}, {{"AT", "DE"}, {2, 3}}};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{2, 3}));
  EXPECT_EQ(order_at(*drawn(plan), "10.9.0.1").size(), 4U) << "whose area is not known";
  plan.sites[0].frontends = {0, 1, 2, 3};
  EXPECT_EQ(order_at(*drawn(plan), "10.0.0.1"), (Pops{0, 1}));
}

ClientPlan told(std::string_view network, std::string area, std::optional<Location> place = {}) {
  ClientPlan client;
  client.network = net(network);
  client.area = std::move(area);
  client.place = place;
  return client;
}

TEST(Atlas, FencesHoldWhateverADatabaseSaysOfPlaces) {
  Plan plan = small_plan();
  plan.sites[0].policy.fences = {{{"NO"}, {3}}, {{"CH"}, {2}}};
  plan.clients = {told("198.51.100.0/23", "", Location{60, 10}), told("203.0.112.0/20", "NO")};
  add_geography(plan.clients, {told("198.51.100.0/24", "CH", Location{47, 8}), told("203.0.112.0/22", "CH")});
  const SharedAtlas atlas = drawn(plan);
  EXPECT_EQ(order_at(*atlas, "203.0.113.1"), Pops{3}) << "an operator's area stands before a database's";
  EXPECT_EQ(order_at(*atlas, "203.0.120.1"), Pops{3});
  EXPECT_EQ(order_at(*atlas, "198.51.100.1"), Pops{2}) << "who says a place does not say that there is no area";
  EXPECT_EQ(order_at(*atlas, "198.51.101.1").size(), 4U);
}

TEST(Atlas, SitesAlikeAreOneClass) {
  Plan plan = small_plan();
  for (int i = 0; i < 9; ++i) {
    plan.sites.push_back(plan.sites[0]);
    plan.sites.back().name += std::to_string(i);
    if (i >= 6) plan.sites.back().policy.penalty_ms = {0, 0, 0, 50};
  }
  EXPECT_EQ(drawn(plan)->classes.size(), 2U);
}

TEST(Atlas, KeepsItsNumberWhileNothingChanges) {
  Drawn drawn(random_plan(1));
  const std::uint64_t number = drawn.atlas->number;
  drawn.run(100);
  EXPECT_EQ(drawn.atlas->number, number);
  drawn.plan.sites[0].ttl = 30s;
  drawn.step();
  EXPECT_EQ(drawn.atlas->number, number + 1);
}

TEST(Atlas, PlansThatDoNotFitTogetherAreRefused) {
  const auto refused = [](const std::function<void(Plan&)>& spoil) {
    Plan plan = random_plan(2);
    spoil(plan);
    AtlasMaker maker;
    return !maker.draw(plan, Time{}).ok();
  };
  EXPECT_FALSE(refused([](Plan&) {}));
  EXPECT_TRUE(refused([](Plan& plan) { plan.frontends[0].pop = 4; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.frontends[0].links[0].backend = 1; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.frontends[0].v4 = plan.frontends[0].v6; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.frontends[0].name = "two words"; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].frontends = {1, 0}; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].frontends = {8}; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].ttl = 0s; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].answers = 5; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[1].name = "shop.test"; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].policy.policy = Policy::weighted; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.sites[0].policy.failover = {1, 1}; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.clients[0].demand = -1; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.clients[0].round_trips = {{0, std::nan(""), {}}}; }));
  EXPECT_TRUE(refused([](Plan& plan) { std::swap(plan.clients[0], plan.clients[1]); }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.pops[0].capacity = 0; }));
  EXPECT_TRUE(refused([](Plan& plan) { plan.pops.resize(70'000); }));
}

TEST(Atlas, NothingAtAllIsAnAtlas) {
  const SharedAtlas atlas = drawn(Plan());
  EXPECT_EQ(atlas->find("shop.test"), nullptr);
  EXPECT_EQ(atlas->cells.find(Family::v4, 0).profile, 0U);
}

TEST(Atlas, GoesOnFromTheOneBeforeWhereTheLastIsNotUsed) {
  for (const bool taken_back : {false, true}) {
    AtlasMaker maker;
    Plan plan = small_plan();
    plan.clients = {client("10.0.0.0/24", {10, 12, 90, 90})};
    ASSERT_TRUE(maker.draw(plan, Time{1h}));
    Plan without = plan;
    without.sites.clear();
    ASSERT_TRUE(maker.draw(without, Time{1h} + 5s));
    if (taken_back) maker.take_back();
    plan.clients = {client("10.0.0.0/24", {12, 11, 90, 90})};  // better, and not by enough for who is used to another
    const SharedAtlas atlas = maker.draw(plan, Time{1h} + 10s).value();
    const std::uint32_t profile = atlas->cells.find(Family::v4, net("10.0.0.0/24").first).profile;
    EXPECT_EQ(atlas->order(profile, 0).pops.front(), taken_back ? 0 : 1);
  }
}

}  // namespace ringway::dns::steering

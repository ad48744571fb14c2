// Single rounds with the figures that decide them.

#include "manager/assigner/assigner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "manager/assigner/nearness.h"

namespace ringway::manager::assigner {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kStart{seconds(1000)};

/// One site on gateways of 100 exchanges/s, each of which reports each second what `use` says of it.
struct Fixture {
  Fixture() {
    for (const char* name : {"f1", "f2", "f3", "f4"}) plan.frontends[name].exchanges_per_s = 100;
    for (const char* name : {"b1", "b2", "b3"}) plan.backends[name].exchanges_per_s = 100;
    plan.sites["shop"];
    measurements.since = now;
  }

  void step() {
    now += seconds(1);
    report(Role::frontend);
    report(Role::backend);
    round = assign(plan, measurements, assignment, now);
    assignment = round.next;
    for (const Move& move : round.moves) moves.push_back(move);
  }

  void run(int count) {
    for (int i = 0; i < count; ++i) step();
  }

  void report(Role role) {
    const bool front = role == Role::frontend;
    for (const auto& [name, gateway] : front ? plan.frontends : plan.backends) {
      if (silent.contains(name)) continue;
      GatewayFigures figures = reports[name];
      for (const auto& [site, assigned] : assignment.sites) {
        if (!(front ? assigned.frontends : assigned.backends).seats.contains(name)) continue;
        figures.sites.try_emplace(site).first->second.requests_per_s = use[name] * 100;
      }
      figures.exchanges_per_s = use[name] * 100;
      hear(front ? measurements.frontends : measurements.backends, name, figures, now);
    }
  }

  [[nodiscard]] std::string serving(Role role) const {
    const SiteAssignment& site = assignment.sites.at("shop");
    std::vector<std::string> names;
    for (const auto& [name, seat] : (role == Role::frontend ? site.frontends : site.backends).seats) {
      if (seat.state == SeatState::serving) names.push_back(name);
    }
    return fmt::format("{}", fmt::join(names, " "));
  }

  [[nodiscard]] const Seat& front(const char* name) const {
    return assignment.sites.at("shop").frontends.seats.at(name);
  }

  [[nodiscard]] const Move* last(MoveKind kind) const {
    const auto found = std::find_if(moves.rbegin(), moves.rend(), [&](const Move& move) { return move.kind == kind; });
    return found == moves.rend() ? nullptr : &*found;
  }

  Plan plan;
  Measurements measurements;
  Assignment assignment;
  Round round;
  Time now = kStart;
  std::map<std::string, double> use;
  std::map<std::string, GatewayFigures> reports;
  std::set<std::string> silent;
  std::vector<Move> moves;
};

}  // namespace

TEST(Assigner, FirstRoundGivesEachSiteItsMinimum) {
  Fixture world;
  world.plan.sites["shop"].frontends.min = 2;
  world.step();
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
  EXPECT_EQ(world.serving(Role::backend), "b1");
  ASSERT_EQ(world.moves.size(), 3U);
  EXPECT_EQ(world.moves[0].why, "0 of at least 2 front-ends serve the site; this one is used to 0 %");
  EXPECT_TRUE(world.assignment.moved_frontends.empty());  // what the plan says is not a reassignment
}

TEST(Assigner, NewClientsComeOnceTheFrontendHasTheSiteInUse) {
  Fixture world;
  world.plan.sites["shop"].frontends.min = 1;
  world.run(2);
  EXPECT_EQ(world.front("f1").weight, 1000U);
  world.plan.sites["shop"].frontends.min = 2;
  world.step();
  EXPECT_EQ(world.front("f2").weight, 0U);
  world.step();
  EXPECT_EQ(world.front("f2").weight, 500U);
}

TEST(Assigner, CrowdedSiteGetsAnotherAndTheReasonHasTheFigures) {
  Fixture world;
  world.run(20);
  world.use["f1"] = 0.89;
  world.run(60);
  EXPECT_EQ(world.serving(Role::frontend), "f1");
  world.use["f1"] = 0.99;
  world.run(10);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
  const Move* move = world.last(MoveKind::added);
  ASSERT_NE(move, nullptr);
  EXPECT_EQ(move->cause, Cause::crowd);
  EXPECT_EQ(move->why, "the site's 1 front-end is used to 92 %; this one to 0 %, 30 ms from them");
}

TEST(Assigner, RefusedRequestsCountAsIfTheyHadBeenServed) {
  Fixture world;
  world.run(20);
  world.use["f1"] = 1;
  world.reports["f1"].sites["shop"].refused_per_s = 120;
  world.run(15);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2 f3");  // 2.2 gateways' worth at no more than 0.8 each
}

TEST(Assigner, GatewayIsReassignedOnceAMinute) {
  Fixture world;
  world.plan.frontends.erase("f3");
  world.plan.frontends.erase("f4");
  world.plan.sites["bank"].frontends.pinned = {"f1"};
  world.plan.sites["shop"].frontends.pinned = {"f1"};
  world.run(20);
  world.use["f1"] = 0.99;
  world.run(8);
  const Move* move = world.last(MoveKind::added);
  ASSERT_EQ(move->gateway, "f2");
  const std::string helped = move->site;
  EXPECT_EQ(world.assignment.moved_frontends.count("f2"), 1U);
  world.run(50);
  EXPECT_EQ(world.last(MoveKind::added)->site, helped);
}

TEST(Assigner, CalmSiteGivesItsLastOneBackWhoKeepsItForThoseWhoStillCome) {
  Fixture world;
  world.run(20);
  world.use["f1"] = 1.1;
  world.run(10);
  ASSERT_EQ(world.serving(Role::frontend), "f1 f2");
  world.use["f1"] = world.use["f2"] = 0.3;
  world.run(120);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
  world.run(60);
  EXPECT_EQ(world.serving(Role::frontend), "f1");
  EXPECT_EQ(world.front("f2").state, SeatState::leaving);
  EXPECT_EQ(world.front("f2").weight, 0U);
  world.run(120);
  EXPECT_TRUE(world.assignment.sites.at("shop").frontends.seats.contains("f2"));  // some have not noticed yet
  world.use["f2"] = 0;
  world.run(25);
  EXPECT_FALSE(world.assignment.sites.at("shop").frontends.seats.contains("f2"));
}

TEST(Assigner, NobodyWithRoomIsAShortage) {
  Fixture world;
  world.run(20);
  for (const char* name : {"f1", "f2", "f3", "f4"}) world.use[name] = 0.97;
  world.run(20);
  ASSERT_EQ(world.round.shortages.size(), 1U);
  EXPECT_EQ(world.round.shortages[0].why,
            "the site's 1 front-end is used to 97 %, and no other has room and was not reassigned within a minute");
  world.plan.sites["shop"].frontends.max = 1;
  world.step();
  EXPECT_EQ(world.round.shortages[0].why,
            "the site's 1 front-end is used to 97 %, and they are as many as it may have");
}

TEST(Assigner, PinsHoldAndExclusionsAreStronger) {
  Fixture world;
  world.plan.sites["shop"].frontends.pinned = {"f3"};
  world.plan.sites["shop"].frontends.excluded = {"f1"};
  world.run(2);
  EXPECT_EQ(world.serving(Role::frontend), "f3");
  world.plan.sites["shop"].frontends.excluded = {"f1", "f3"};
  world.step();
  EXPECT_EQ(world.serving(Role::frontend), "f2");
  EXPECT_EQ(world.front("f3").state, SeatState::leaving);
  world.plan.sites["shop"].frontends.excluded = {};
  world.step();
  EXPECT_EQ(world.serving(Role::frontend), "f2 f3");
}

TEST(Assigner, SilentGatewayIsReplacedAndServesAgainAfterItsTrial) {
  Fixture world;
  world.run(20);
  world.silent.insert("f1");
  world.run(7);
  EXPECT_EQ(world.serving(Role::frontend), "f2");
  EXPECT_EQ(world.front("f1").state, SeatState::away);
  EXPECT_EQ(world.last(MoveKind::hindered)->why, "it is not heard any more");
  EXPECT_EQ(world.last(MoveKind::added)->cause, Cause::failure);
  world.silent.clear();
  world.run(9);
  EXPECT_EQ(world.serving(Role::frontend), "f2");
  world.run(3);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
}

TEST(Assigner, GatewayThatComesAndGoesIsReplacedOnce) {
  Fixture world;
  world.run(20);
  world.moves.clear();
  for (int i = 0; i < 30; ++i) {
    world.silent.insert("f1");
    world.run(8);
    world.silent.clear();
    world.run(6);
  }
  EXPECT_EQ(world.serving(Role::frontend), "f2");
  EXPECT_EQ(world.moves.size(), 2U);  // f1 is hindered, f2 added
}

TEST(Assigner, FullPlaceCountsAsFullGateways) {
  Fixture world;
  world.plan.places["oslo"].bits_per_s = 1e9;
  world.plan.frontends["f1"].place = world.plan.frontends["f2"].place = "oslo";
  world.run(40);
  world.use["f1"] = 0.2;
  for (const char* name : {"f1", "f2"}) world.reports[name].bits_per_s = 0.48e9;
  world.run(12);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f3");
  EXPECT_EQ(world.last(MoveKind::added)->why,
            "the site's 1 front-end is used to 91 %; this one to 0 %, 30 ms from them");
}

TEST(Assigner, InNeedWhoIsJustBackWillDo) {
  Fixture world;
  for (const char* name : {"f2", "f3", "f4"}) world.plan.frontends.erase(name);
  world.run(20);
  world.silent.insert("f1");
  world.run(7);
  EXPECT_EQ(world.serving(Role::frontend), "");
  EXPECT_FALSE(world.round.shortages.empty());
  EXPECT_EQ(world.front("f1").weight, 1000U);  // better an old answer than none
  world.silent.clear();
  world.step();
  EXPECT_EQ(world.serving(Role::frontend), "f1");
}

TEST(Assigner, BackendThatReachesNoOriginIsPassedOver) {
  Fixture world;
  world.run(20);
  world.reports["b1"].sites["shop"].origins_up = 0;
  world.run(2);
  EXPECT_EQ(world.serving(Role::backend), "b2");
  world.run(2);
  EXPECT_EQ(world.front("f1").backends, std::vector<std::string>{"b2"});
  for (const char* name : {"b2", "b3"}) world.reports[name].sites["shop"].origins_up = 0;
  world.plan.sites["shop"].backends.max = 2;
  world.run(5);
  EXPECT_EQ(world.serving(Role::backend), "");  // and nobody else is asked in vain
  EXPECT_EQ(world.assignment.sites.at("shop").backends.seats.size(), 2U);
  EXPECT_EQ(world.front("f1").backends.size(), 2U);
}

TEST(Assigner, RefusingOriginsBringAnotherBackend) {
  Fixture world;
  world.run(40);
  world.use["b1"] = 0.3;
  world.reports["b1"].sites["shop"].refused_per_s = 5;
  world.run(10);
  EXPECT_EQ(world.serving(Role::backend), "b1 b2");
  EXPECT_EQ(world.last(MoveKind::added)->cause, Cause::crowd);
}

TEST(Assigner, NearBackendComesFirstAndStaysUntilAnotherIsClearlyNearer) {
  Fixture world;
  world.plan.sites["shop"].backends.min = 3;
  const auto link = [&](const char* name, double rtt) { world.reports["f1"].links[name] = {rtt, 0, 0}; };
  link("b1", 60);
  link("b2", 40);
  link("b3", 50);
  world.run(3);
  EXPECT_EQ(world.front("f1").backends, (std::vector<std::string>{"b2", "b3", "b1"}));
  link("b3", 37);  // 3 ms
  world.run(300);
  EXPECT_EQ(world.front("f1").backends[0], "b2");
  link("b3", 30);
  world.run(300);
  EXPECT_EQ(world.front("f1").backends[0], "b3");
  world.reports["f1"].links["b3"].loss = 0.1;  // as long again
  world.run(300);
  EXPECT_EQ(world.front("f1").backends[0], "b2");
}

TEST(Assigner, SpreadIsMendedWhenAPlaceComes) {
  Fixture world;
  world.plan.sites["shop"].frontends.min = 2;
  world.plan.sites["shop"].frontends.max = 2;
  for (auto& [name, gateway] : world.plan.frontends) gateway.place = "oslo";
  world.plan.places["oslo"];
  world.run(20);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
  world.plan.places["milan"];
  world.plan.frontends["f4"].place = "milan";
  world.step();
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2 f4");  // first one more, and later one less
  EXPECT_EQ(world.last(MoveKind::added)->why, "the site's 2 front-ends stand in one place");
  world.run(40);
  EXPECT_EQ(world.serving(Role::frontend).size(), 5U);
  EXPECT_NE(world.serving(Role::frontend).find("f4"), std::string::npos);
  world.run(400);
  EXPECT_EQ(world.serving(Role::frontend).size(), 5U);
}

TEST(Assigner, FullFrontendSendsNewClientsToTheOthers) {
  Fixture world;
  world.plan.sites["shop"].frontends.min = 2;
  world.run(40);
  EXPECT_EQ(world.front("f1").weight, 500U);
  world.use["f1"] = 1.1;
  world.use["f2"] = 0.2;
  world.run(20);
  EXPECT_LT(world.front("f1").weight, 450U);
  EXPECT_EQ(world.serving(Role::frontend), "f1 f2");
  EXPECT_EQ(world.last(MoveKind::shed)->gateway, "f1");
  world.use["f1"] = world.use["f2"] = 0.5;
  world.run(120);
  EXPECT_EQ(world.front("f1").weight, 500U);
}

TEST(Measuring, FollowsAndForgets) {
  std::map<std::string, Measured> gateways;
  GatewayFigures report;
  report.exchanges_per_s = 100;
  report.sites["shop"].requests_per_s = 100;
  Time now = kStart;
  hear(gateways, "f1", report, now);
  EXPECT_EQ(gateways["f1"].figures.exchanges_per_s, 100);
  report.exchanges_per_s = 200;
  report.sites.clear();
  for (int i = 0; i < 3; ++i) hear(gateways, "f1", report, now += seconds(1));
  EXPECT_NEAR(gateways["f1"].figures.exchanges_per_s, 163.2, 0.1);  // one time constant: 1 - 1/e
  EXPECT_TRUE(gateways["f1"].figures.sites.empty());
  EXPECT_EQ(gateways["f1"].alive_since, kStart);
  hear(gateways, "f1", report, now += milliseconds(5001));
  EXPECT_EQ(gateways["f1"].figures.exchanges_per_s, 200);
  EXPECT_EQ(gateways["f1"].alive_since, now);
}

TEST(NearnessOfPlaces, IsAsFibresLie) {
  const PlacePlan berlin{52.52, 13.40};
  const PlacePlan sydney{-33.87, 151.21};
  EXPECT_NEAR(milliseconds_between(berlin, sydney), 242, 3);  // 16,080 km
  EXPECT_EQ(milliseconds_between(berlin, berlin), 1);
}

}  // namespace ringway::manager::assigner

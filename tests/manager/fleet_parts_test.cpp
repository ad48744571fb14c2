#include <fmt/format.h>
#include <gtest/gtest.h>

#include "manager/fleet/client_table.h"
#include "manager/fleet/drains.h"
#include "manager/fleet/event_book.h"
#include "manager/fleet/node.h"
#include "manager/fleet/planner.h"
#include "manager/resources/kinds.h"
#include "tests/manager/fleet_model.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

agent::Report counted(std::uint64_t exchanges, std::uint64_t requests) {
  agent::Report report;
  report.exchanges = exchanges;
  agent::SiteReport site;
  site.name = "shop";
  site.requests = requests;
  site.rings = {requests, 0, 0, 0, 0};
  report.sites = {site};
  return report;
}

TEST(NodeRates, AreOfWhatWasCountedBetween) {
  NodeRates rates;
  rates.hear(counted(1'000'000, 500'000), Time(10s));
  EXPECT_EQ(rates.exchanges, 0) << "that may have taken a year";
  rates.hear(counted(1'000'020, 500'010), Time(12s));
  EXPECT_EQ(rates.exchanges, 10);
  EXPECT_EQ(rates.sites.at("shop").requests, 5);
  EXPECT_EQ(rates.sites.at("shop").rings.at(0), 5);
}

TEST(NodeRates, BeginAtNothingWhereAGatewayDid) {
  NodeRates rates;
  rates.hear(counted(1000, 500), Time(10s));
  rates.hear(counted(30, 20), Time(11s));
  EXPECT_EQ(rates.exchanges, 30);
  EXPECT_EQ(rates.sites.at("shop").requests, 20);
}

TEST(NodeRates, TakeABunchAsOne) {
  NodeRates rates;
  rates.hear(counted(0, 0), Time(10s));
  rates.hear(counted(10, 10), Time(11s));
  rates.hear(counted(20, 20), Time(11s + 1ms));
  EXPECT_EQ(rates.exchanges, 10);
  rates.hear(counted(30, 30), Time(12s));
  EXPECT_EQ(rates.exchanges, 20);
}

TEST(Node, FiguresCountOnlyOriginsThatAnswer) {
  Node node;
  node.report = counted(0, 0);
  node.report.sites[0].origins = {{"a", 10, 40, 0, 0, true}, {"b", 0, 40, 0, 0, false}};
  node.report.links = {{"host-1", 20'000, 0.01, 0.03, 0.5}};
  const assigner::GatewayFigures figures = figures_of(node);
  EXPECT_EQ(figures.sites.at("shop").origins_up, 1U);
  EXPECT_EQ(figures.sites.at("shop").origins_busy, 0.25);
  EXPECT_EQ(figures.links.at("host-1").loss, 0.03);
  EXPECT_EQ(figures.health, assigner::Health::well);
}

TEST(ClientTable, KnowsClientsByTheirNetwork) {
  ClientTable table(100);
  table.hear("pop-1", {{"192.0.2.0/24", 3, 10'000}, {"2001:db8:1::/48", 1, 30'000}, {"nonsense", 1, 1}}, Time(1s));
  table.hear("pop-2", {{"192.0.2.0/24", 3, 50'000}}, Time(1s));
  EXPECT_EQ(table.size(), 3U);
  const auto found = table.find(IpAddress::parse("192.0.2.77").value());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].rtt_ms, 10);
  EXPECT_EQ(table.find(IpAddress::parse("2001:db8:1:2::9").value()).size(), 1U);
  EXPECT_TRUE(table.find(IpAddress::parse("192.0.3.77").value()).empty());
}

TEST(ClientTable, ForgetsTheOldestWhereItIsFull) {
  ClientTable table(100);
  for (int i = 0; i < 1000; ++i) {
    table.hear("pop-1", {{fmt::format("10.{}.{}.0/24", i / 250, i % 250), 1, 10'000}}, Time(10000s + i * 1s));
    EXPECT_LE(table.size(), 100U);
  }
  EXPECT_GE(table.size(), 50U);
  EXPECT_FALSE(table.find(IpAddress::parse("10.3.249.1").value()).empty()) << "the latest is there";
}

/// The steering believes half as much a day later (redirector_dns/limits.h): so long at least it has to be there.
TEST(ClientTable, RemembersForDays) {
  ClientTable table(100);
  table.hear("pop-1", {{"192.0.2.0/24", 3, 10'000}}, Time(1s));
  table.forget(Time(48h));
  EXPECT_EQ(table.size(), 1U);
  table.forget(Time(100h));
  EXPECT_EQ(table.size(), 0U);
}

TEST(DrainTarget, IsOneOfFour) {
  EXPECT_EQ(parse_drain_target("pop:berlin"), (DrainTarget{DrainTarget::Kind::pop, "berlin", ""}));
  EXPECT_EQ(parse_drain_target("origin:shop:127.0.0.1:8000"),
            (DrainTarget{DrainTarget::Kind::origin, "shop", "127.0.0.1:8000"}));
  EXPECT_EQ(parse_drain_target("origin:shop:https://127.0.0.1:8000"),
            (DrainTarget{DrainTarget::Kind::origin, "shop", "127.0.0.1:8000"}));
  for (const std::string_view text : {"", "pop", "pop:", "site:shop", "origin:shop", "origin:shop:", "frontend"}) {
    EXPECT_FALSE(parse_drain_target(text)) << text;
  }
}

TEST(Drains, RefuseTheLastOrigin) {
  testing::FleetWorld world;
  world.build(1, 1, 1, 1);
  const Snapshot& head = world.ledger.registry().head();
  const DrainTarget first{DrainTarget::Kind::origin, "site-0000", "127.0.0.1:8000"};
  const DrainTarget second{DrainTarget::Kind::origin, "site-0000", "127.0.0.1:8001"};
  EXPECT_FALSE(refusal_of(first, head, {}));
  Drains drains;
  drains.origins["site-0000"] = {"127.0.0.1:8000"};
  EXPECT_EQ(refusal_of(second, head, drains)->kind, DrainRefusal::Kind::last_origin);
  EXPECT_EQ(refusal_of({DrainTarget::Kind::origin, "site-0000", "127.0.0.1:9"}, head, {})->kind,
            DrainRefusal::Kind::unknown);
  EXPECT_EQ(refusal_of({DrainTarget::Kind::pop, "nowhere", ""}, head, {})->kind, DrainRefusal::Kind::unknown);
}

TEST(Assignment, SurvivesAsARecord) {
  const Time now(100000s);
  const WallTime wall(1'700'000'000s);
  assigner::Assignment assignment;
  assigner::Seat seat;
  seat.state = assigner::SeatState::leaving;
  seat.since = now - 500s;
  seat.changed = now - 20s;
  seat.weight = 700;
  seat.backends = {"host-2", "host-1"};
  assignment.sites["shop"].frontends.seats["pop-1"] = seat;
  const auto read = parse_assignment(assignment_json(assignment, now, wall), now + 5s, wall + 5s);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(same_seats(*read, assignment));
  EXPECT_EQ(read->sites.at("shop").frontends.seats.at("pop-1"), seat);
  EXPECT_EQ(parse_assignment(assignment_json(assignment, now, wall), now, wall - 3600s)
                ->sites.at("shop")
                .frontends.seats.at("pop-1")
                .since,
            now)
      << "a clock that was put back leaves nothing in the future";
}

TEST(Plan, IsOfBothRevisionsWhileOneSpreads) {
  testing::FleetWorld world;
  world.build(1, 1, 1, 2);
  const Snapshot before = world.ledger.registry().head();
  world.commit({{kSites, "site-0000", std::nullopt}});
  const Snapshot& after = world.ledger.registry().head();
  const Snapshot* both[] = {&before, &after};
  EXPECT_TRUE(plan_of(both, {}).sites.contains("site-0000"));
  EXPECT_FALSE(plan_of(std::span(both).last(1), {}).sites.contains("site-0000"));
  Drains drains;
  drains.pops = {"place-000"};
  EXPECT_EQ(plan_of(both, drains).places.at("place-000").admin, assigner::Admin::draining);
}

TEST(EventBook, TellsWhatLastsTwice) {
  testing::FleetWorld world;
  EventBook& book = world.fleet->events();
  for (int i = 0; i < 5; ++i) {
    book.lasts({"shortage", "site:shop", "nobody is there"});
    book.end_round();
  }
  book.end_round();
  book.flush();
  world.loop.settle();
  EXPECT_EQ(world.events("nobody is there").size(), 2U);
}

TEST(EventBook, IsBounded) {
  testing::FleetWorld world;
  EventBook& book = world.fleet->events();
  for (int i = 0; i < 5000; ++i) book.tell({"node", fmt::format("frontend:pop-{}", i), "it is connected"});
  book.flush();
  world.loop.settle();
  EXPECT_EQ(world.events("it is connected").size(), limits::kMaxEventsPerTurn);
  EXPECT_EQ(world.events("more events").size(), 1U);
}

}  // namespace
}  // namespace ringway::manager

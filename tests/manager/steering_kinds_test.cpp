#include "manager/resources/steering_kinds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "manager/resources/changes.h"
#include "manager/resources/compile.h"
#include "manager/resources/kinds.h"
#include "redirector_dns/limits.h"
#include "tests/manager/fleet_model.h"

namespace ringway::manager {
namespace {

using testing::FleetWorld;
using namespace std::chrono_literals;

constexpr const char* kHead = "$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 30\n@ IN NS ns1\nns1 IN A 192.0.2.53\n";

Change zone(const std::string& name, const std::string& more) {
  return {kZones, name, fmt::format(R"({{"name": {}, "records": {}}})", json_quote(name), json_quote(kHead + more))};
}
Change redirector(const std::string& name) {
  return {kRedirectors, name, fmt::format(R"({{"name": "{}", "addresses": ["192.0.2.53"]}})", name)};
}
Change site(const std::string& steering) {
  return {kSites, "shop",
          fmt::format(R"({{"name": "shop", "hosts": ["shop.test"], "origins": [{{"address": "127.0.0.1:8000"}}],
                          "steering": {}}})",
                      steering)};
}
const Change kBerlin = {kPops, "berlin", R"({"name": "berlin", "latitude": 52.5, "longitude": 13.4})"};

/// Everything that is wrong with these resources, "pointer: message (hint)".
std::vector<std::string> faults_of(const std::vector<Change>& changes) {
  const ResourceKinds kinds = resource_kinds();
  std::vector<ChangeFault> faults;
  const Snapshot snapshot = applied(kinds, {}, changes, 1, faults);
  std::vector<std::string> said;
  const auto say = [&](const FieldFault& fault) {
    said.push_back(fmt::format("{}: {} ({})", fault.pointer, fault.message, fault.hint));
  };
  for (const ChangeFault& fault : faults) say(fault.fault);
  for (const ResourceFault& fault : check_all(kinds, snapshot)) say(fault.fault);
  return said;
}

TEST(SteeringKinds, JudgeAZoneByLine) {
  const auto said = faults_of({zone("shop.test", "www IN AA 192.0.2.1\nmail IN MX 10\n")});
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(said[0].starts_with("/records: line 5: 'AA' is neither a type")) << said[0];
  EXPECT_TRUE(said[1].starts_with("/records: line 6: ")) << said[1];
}

TEST(SteeringKinds, NameTheLineOfASiteThatIsNot) {
  const auto said = faults_of({site("{}"), zone("shop.test",
                                                "www IN SITE shpo\ndb 60 IN SITE shop/backends\n"
                                                "site IN A 192.0.2.1\n  SITE other/backends\n")});
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0], "/records: line 5: there is no \"shpo\" in /v1/sites (did you mean \"shop\"?)");
  EXPECT_TRUE(said[1].starts_with("/records: line 8: there is no \"other\" in /v1/sites")) << said[1];
}

TEST(SteeringKinds, KnowASiteRecordFromOtherWords) {
  const auto said = faults_of({site("{}"), zone("shop.test",
                                                "v IN TXT SITE other\nSITE IN MX 10 site\n"
                                                "$GENERATE 1-3 www-$ 300 IN SITE shop\n$GENERATE 1-2 w$ SITE shop-$\n"
                                                "$GENERATE 1-9 x$ IN SITE none\n")});
  ASSERT_EQ(said.size(), 3U);
  EXPECT_TRUE(said[0].starts_with("/records: line 8: there is no \"shop-1\" in /v1/sites")) << said[0];
  EXPECT_TRUE(said[1].starts_with("/records: line 8: there is no \"shop-2\" in /v1/sites")) << said[1];
  EXPECT_TRUE(said[2].starts_with("/records: line 9: there is no \"none\" in /v1/sites")) << said[2];
}

/// A few words of $GENERATE make as much as a large file, and are read while all others wait.
TEST(SteeringKinds, BoundWhatAZoneMakesOfFewWords) {
  std::string deep;
  for (int i = 0; i < 29; ++i) deep += "a.";
  const auto names = faults_of({zone("shop.test", "$GENERATE 0-65000 " + deep + "$ TXT x\n")});
  ASSERT_EQ(names.size(), 1U);
  EXPECT_TRUE(names[0].starts_with("/records: line 5: a zone that a manager tells has at most 250000 names"))
      << names[0];
  const auto octets = faults_of({zone("shop.test", "$GENERATE 0-65000 $ TXT " + std::string(200, 'x') + "\n")});
  ASSERT_EQ(octets.size(), 1U);
  EXPECT_TRUE(octets[0].starts_with("/records: line 5: a zone that a manager tells has at most 4 MiB")) << octets[0];
}

TEST(SteeringKinds, TakeAReverseZoneOfManyAddresses) {
  std::string lines;
  for (std::uint64_t i = 0; i < 2500; ++i) {
    const std::string nibbles = fmt::format("{:016x}{:016x}", i * 0x9e3779b97f4a7c15ULL, i * 0xbf58476d1ce4e5b9ULL);
    for (const char nibble : nibbles.substr(2)) lines.append(1, nibble).append(1, '.');
    lines += fmt::format("b.d PTR host-{}.shop.test.\n", i);
  }
  EXPECT_EQ(faults_of({zone("ip6.arpa", lines)}), std::vector<std::string>());
  EXPECT_EQ(faults_of({zone("d.ip6.arpa", "$GENERATE 0-65535 ${0,7,n} PTR host-$.shop.test.\n")}),
            std::vector<std::string>());
}

TEST(SteeringKinds, BoundFrontendsAndTheirPopsByWhatCanBeSteered) {
  std::vector<Change> changes;
  for (unsigned i = 0; i < limits::kMaxPops; ++i) {
    const std::string name = fmt::format("p{:03}", i);
    changes.push_back({kPops, name, fmt::format(R"({{"name": "{}", "latitude": 1, "longitude": 1}})", name)});
    changes.push_back(
        {kFrontends, name, fmt::format(R"({{"name": "{0}", "pop": "{0}", "addresses": ["192.0.2.1"]}})", name)});
  }
  EXPECT_EQ(faults_of(changes), std::vector<std::string>{"/pop: front-ends stand in at most 255 POPs ()"});
  changes.pop_back();
  EXPECT_TRUE(faults_of(changes).empty()) << "a POP where nobody stands is no matter";
}

TEST(SteeringKinds, WantAZonesNameAsItIsAskedFor) {
  EXPECT_EQ(faults_of({zone("Shop.test", "")}).size(), 1U);
  EXPECT_EQ(faults_of({zone("shop.test.", "")}).size(), 1U);
  EXPECT_TRUE(faults_of({zone("shop.test", ""), zone("2.0.192.in-addr.arpa", "")}).empty());
}

TEST(SteeringKinds, RefuseTextsThatNoMessageHolds) {
  EXPECT_EQ(faults_of({zone("shop.test", std::string(300'000, ';'))}).size(), 1U);
  EXPECT_EQ(faults_of({zone("shop.test", std::string("; \x01\n"))}).size(), 1U);
  EXPECT_TRUE(faults_of({zone("shop.test", "; ü\n")}).empty());
}

TEST(SteeringKinds, CheckWhatASitesSteeringNames) {
  EXPECT_TRUE(faults_of({kBerlin, site(R"({"policy": "weighted", "shares": [{"pop": "berlin", "share": 2}],
      "fences": [{"areas": ["DE"], "pops": ["berlin"]}], "ttl": "10s", "answers": 1, "alpn": "http/1.1"})")})
                  .empty());
  const auto said = faults_of({kBerlin, site(R"({"policy": "failover", "failover": ["berlin", "berlni"],
      "fences": [{"areas": ["DE"], "pops": ["paris"]}], "alpn": "h2"})")});
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0], "/steering/failover/1: there is no \"berlni\" in /v1/pops (did you mean \"berlin\"?)");
  EXPECT_TRUE(said[1].starts_with("/steering/fences/0/pops/0: ")) << said[1];
  EXPECT_EQ(said[2], "/steering/alpn: no front-end speaks \"h2\" (allowed: http/1.1)");
}

TEST(SteeringKinds, WantSharesWhereThePolicyIsWeighted) {
  EXPECT_EQ(faults_of({site(R"({"policy": "weighted"})")}).size(), 1U);
  EXPECT_EQ(faults_of({kBerlin, site(R"({"shares": [{"pop": "berlin"}]})")}).size(), 1U);
  EXPECT_EQ(faults_of({kBerlin, site(R"({"policy": "failover", "failover": ["berlin", "berlin"]})")}).size(), 1U);
}

TEST(SteeringKinds, HaveEachNetworkOnce) {
  const Change a = {kNetworks, "a", R"({"name": "a", "networks": ["192.0.2.0/24", "2001:db8::/32"], "area": "DE"})"};
  const Change b = {kNetworks, "b", R"({"name": "b", "networks": ["192.0.2.0/24", "192.0.2.1/24"], "latitude": 1})"};
  EXPECT_TRUE(faults_of({a}).empty());
  EXPECT_EQ(faults_of({b}).size(), 2U);  // bits beyond the prefix, half a place
  const auto said = faults_of({a, {kNetworks, "b", R"({"name": "b", "networks": ["192.0.2.0/24"]})"}});
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0], "/networks/0: the network 192.0.2.0/24 stands in a as well ()");
}

TEST(SteeringKinds, GiveAllZonesToEachRedirector) {
  const ResourceKinds kinds = resource_kinds();
  std::vector<ChangeFault> faults;
  const Snapshot snapshot =
      applied(kinds, {},
              {zone("a.test", ""), zone("b.test", "x IN TXT \"a \\\" b\"\n"), redirector("ns-1"), redirector("ns-2")},
              1, faults);
  ASSERT_TRUE(faults.empty());
  const GatewayContents contents = compile(snapshot, {});
  ASSERT_EQ(contents.redirectors.size(), 2U);
  EXPECT_EQ(contents.redirectors.at("ns-1"), contents.redirectors.at("ns-2"));
  const agent::Sections& sections = contents.redirectors.at("ns-1");
  ASSERT_EQ(sections.size(), 2U);
  FieldFaults wrong;
  const ResourcePtr again = read_resource(*kinds.find(kZones), sections.at("zones/b.test"), 1, wrong);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->as<DnsZone>().records, kHead + std::string("x IN TXT \"a \\\" b\"\n"));
}

// --- The fleet's redirectors

TEST(FleetRedirectors, GetZonesLikeGatewaysGetSites) {
  FleetWorld world;
  world.build(1, 1, 1, 1);
  world.commit({zone("a.test", "www IN SITE site-0000\n"), redirector("ns-1")});
  world.connect_all();
  world.connect(world.add(tmp::Role::redirector, "ns-1"));
  world.run(3s);
  EXPECT_TRUE(world.all_have(2));
  EXPECT_NE(world.agent("redirector:ns-1").section("zones/a.test"), "");
  EXPECT_EQ(world.fleet->assignment().sites.at("site-0000").backends.seats.size(), 1U) << "it is no back-end";
}

TEST(FleetRedirectors, StopAZoneThatIsRefused) {
  FleetWorld world({2s, 30s, 5s});
  world.build(1, 1, 1, 1);
  world.commit({zone("a.test", ""), redirector("ns-1"), redirector("ns-2")});
  world.connect_all();
  for (const char* name : {"ns-1", "ns-2"}) world.connect(world.add(tmp::Role::redirector, name));
  world.run_until([&] { return world.fleet->rollouts().good() == 2; }, 30s);
  const agent::Sections before = world.agent("redirector:ns-1").sections;
  for (const char* name : {"redirector:ns-1", "redirector:ns-2"}) world.agent(name).refuses.insert(3);
  world.commit({zone("a.test", "mail IN A 192.0.2.9\n")});
  world.run(8s);
  EXPECT_EQ(world.ledger.registry().number(), 4U) << "what was before is brought back";
  EXPECT_EQ(world.agent("redirector:ns-1").sections, before);
  EXPECT_EQ(world.agent("redirector:ns-2").sections, before);
  std::size_t tried = 0;
  for (const char* name : {"redirector:ns-1", "redirector:ns-2"}) {
    for (const agent::ContentMark& mark : world.agent(name).sent) tried += mark.revision == 3 ? 1 : 0;
  }
  EXPECT_EQ(tried, 1U) << "one tries first";
}

TEST(FleetRedirectors, AreForeignWhereTheyKnowAnotherHistory) {
  FleetWorld world;
  world.commit({zone("a.test", ""), redirector("ns-1")});
  testing::FakeAgent& agent = world.add(tmp::Role::redirector, "ns-1");
  agent.in_use = {5, 9, "00", 1, "x"};
  world.connect(agent);
  world.run(3s);
  EXPECT_TRUE(agent.sent.empty());
  ASSERT_NE(world.fleet->find({tmp::Role::redirector, "ns-1"}), nullptr);
  EXPECT_TRUE(world.fleet->find({tmp::Role::redirector, "ns-1"})->foreign);
}

}  // namespace
}  // namespace ringway::manager

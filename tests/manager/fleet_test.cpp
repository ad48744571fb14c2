#include "manager/fleet/fleet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "base/config_json.h"
#include "manager/fleet/fleet_status.h"
#include "manager/fleet/planner.h"
#include "manager/record_types.h"
#include "manager/resources/kinds.h"
#include "tests/manager/fleet_model.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/fingerprint.h"

namespace ringway::manager {
namespace {

using testing::FakeAgent;
using testing::FleetWorld;
using namespace std::chrono_literals;

Change site_change(const std::string& name, const std::string& more) {
  return {kSites, name,
          fmt::format(R"({{"name": "{0}", "hosts": ["{0}.test"], "origins": [{{"address": "127.0.0.1:8000"}},
                          {{"address": "127.0.0.1:8001"}}], "frontends": {{"min": 2}}, "backends": {{"min": 2}}{1}}})",
                      name, more)};
}

constexpr const char* kDrained = R"({"since": "2026-11-21T12:00:01Z", "by": "user:ada"})";

TEST(Fleet, TellsEachGatewayWhatItIsToHave) {
  FleetWorld world;
  world.build(2, 2, 2, 3);
  world.connect_all();
  world.run(2s);
  EXPECT_TRUE(world.all_have(1));
  for (const auto& [name, agent] : world.agents) {
    EXPECT_TRUE(agent->sections.contains("link")) << name;
    EXPECT_EQ(agent->in_use.epoch, 1U);
    EXPECT_EQ(agent->welcomes.size(), 1U);
  }
  std::size_t seats = 0;
  for (const auto& [site, assigned] : world.fleet->assignment().sites) {
    for (const auto& [name, seat] : assigned.frontends.seats) {
      ++seats;
      EXPECT_NE(world.agent("frontend:" + name).section("sites/" + site), "");
    }
  }
  EXPECT_GE(seats, 6U);
}

TEST(Fleet, SendsNothingTwice) {
  FleetWorld world;
  world.build(2, 2, 2, 3);
  world.connect_all();
  world.run(15s);
  std::map<std::string, std::size_t> before;
  for (const auto& [name, agent] : world.agents) before[name] = agent->sent.size();
  world.run(20s);
  for (const auto& [name, agent] : world.agents) EXPECT_EQ(agent->sent.size(), before[name]) << name;
}

TEST(Fleet, SendsOnlyWhatChanges) {
  FleetWorld world;
  world.build(1, 2, 2, 20);
  world.connect_all();
  world.run(15s);
  for (const auto& [name, agent] : world.agents) agent->sections_received = 0;
  world.commit({site_change("site-0003", R"(, "weight": 7)")});
  world.run(2s);
  EXPECT_TRUE(world.all_have(2));
  for (const auto& [name, agent] : world.agents) EXPECT_LE(agent->sections_received, 1U) << name;
}

TEST(Fleet, StopsARevisionThatIsRefusedAndBringsBackWhatWas) {
  FleetWorld world({2s, 30s, 5s});
  world.build(3, 2, 2, 3);
  world.connect_all();
  world.run(3s);
  ASSERT_TRUE(world.all_have(1));
  const agent::Sections before = world.agent("frontend:pop-000-00").sections;
  for (auto& [name, agent] : world.agents) agent->refuses.insert(2);
  world.commit({site_change("site-0000", R"(, "weight": 7)"), site_change("site-0001", R"(, "weight": 7)"),
                site_change("site-0002", R"(, "weight": 7)")});
  world.run(5s);
  EXPECT_EQ(world.ledger.registry().number(), 3U);
  EXPECT_TRUE(world.all_have(3));
  EXPECT_EQ(world.ledger.registry().revision(3)->author, "manager");
  EXPECT_EQ(world.agent("frontend:pop-000-00").sections, before);
  EXPECT_EQ(world.events("revision 2 is stopped").size(), 1U);
  std::size_t tried = 0;
  for (const auto& [name, agent] : world.agents) {
    tried += static_cast<std::size_t>(
        std::count_if(agent->sent.begin(), agent->sent.end(), [](const auto& mark) { return mark.revision == 2; }));
  }
  EXPECT_EQ(tried, 1U) << "one gateway tries first, and once";
}

TEST(Fleet, OffersWhatWasRefusedToAGatewayThatRefusesItNoMore) {
  FleetWorld world({0s, 30s, 5s});
  world.build(1, 1, 1, 1);
  world.connect_all();
  world.run(3s);
  for (auto& [name, agent] : world.agents) agent->refuses.insert(2);
  const Change change = site_change("site-0000", R"(, "weight": 7)");
  world.commit({change});
  world.run(5s);
  ASSERT_TRUE(world.all_have(3));
  for (auto& [name, agent] : world.agents) agent->forgive();
  world.run(3s);
  world.commit({change});
  world.run(5s);
  EXPECT_TRUE(world.all_have(4));
}

TEST(Fleet, StopsARevisionThatAGatewayCrashesOn) {
  FleetWorld world({2s, 30s, 5s});
  world.build(3, 2, 2, 3);
  world.connect_all();
  world.run(3s);
  for (auto& [name, agent] : world.agents) agent->crashes_on.insert(2);
  world.commit({site_change("site-0000", R"(, "weight": 7)"), site_change("site-0001", R"(, "weight": 7)"),
                site_change("site-0002", R"(, "weight": 7)")});
  world.run(8s);
  EXPECT_EQ(world.ledger.registry().number(), 3U);
  EXPECT_TRUE(world.all_have(3));
}

TEST(Fleet, SpreadsInWaves) {
  FleetWorld world({3s, 30s, 5s});
  world.build(4, 2, 2, 3);
  world.connect_all();
  world.run(3s);
  world.commit({site_change("site-0000", R"(, "weight": 7)"), site_change("site-0001", R"(, "weight": 7)"),
                site_change("site-0002", R"(, "weight": 7)")});
  world.run(2s);
  std::size_t have = 0;
  for (const auto& [name, agent] : world.agents) have += agent->in_use.revision == 2 ? 1 : 0;
  EXPECT_EQ(have, 1U);
  const Duration took = world.run_until([&] { return world.all_have(2); }, 60s);
  const auto gates = static_cast<int>(world.fleet->rollouts().last()->waves.size());
  EXPECT_GE(gates, 2);
  EXPECT_GT(took, 3s * (gates - 1) - 2s);
  EXPECT_LT(took, 3s * gates + 4s);
}

TEST(Fleet, ANewSiteSpreadsInWavesToo) {
  FleetWorld world({3s, 30s, 5s});
  world.build(4, 2, 4, 3);
  world.connect_all();
  world.run(3s);
  world.commit({site_change("site-new", "")});
  world.run(1s);
  ASSERT_TRUE(world.fleet->rollouts().last());
  EXPECT_EQ(world.fleet->rollouts().last()->state, RolloutState::spreading);
  EXPECT_GE(world.fleet->rollouts().last()->waves.size(), 2U) << "those that get the site";
  EXPECT_LT(world.run_until([&] { return world.all_have(2); }, 60s), 20s);
  std::size_t have = 0;
  for (const auto& [name, agent] : world.agents) have += agent->section("sites/site-new").empty() ? 0 : 1;
  EXPECT_GE(have, 4U);
}

/// One site at two of three front-ends, one of which is drained while the back-ends answer nothing.
class Replacement : public ::testing::Test {
 protected:
  Replacement() {
    world.build(1, 3, 2, 1);
    world.connect_all();
    world.run(15s);
    std::string drained;
    for (const char* name : {"frontend:pop-000-00", "frontend:pop-000-01", "frontend:pop-000-02"}) {
      (world.agent(name).sites().empty() ? spare : drained) = name;
    }
    set_backends_mute(true);
    world.put("drains", drained, kDrained);
  }
  void set_backends_mute(bool mute) {
    for (const char* name : {"backend:host-000", "backend:host-001"}) world.agent(name).mute = mute;
  }
  [[nodiscard]] bool spare_has_site() { return !world.agent(spare).sites().empty(); }

  FleetWorld world;
  std::string spare;
};

TEST_F(Replacement, IsToldOnceItsBackendsKnowIt) {
  ASSERT_FALSE(spare.empty());
  world.run(400ms);
  EXPECT_FALSE(spare_has_site());
  set_backends_mute(false);
  world.run(200ms);
  EXPECT_TRUE(spare_has_site());
}

TEST_F(Replacement, DoesNotWaitForSilentBackends) {
  world.run(1s);
  EXPECT_TRUE(spare_has_site());
}

TEST(Fleet, DrainsABackendWithinASecond) {
  FleetWorld world;
  world.build(2, 2, 3, 4);
  world.connect_all();
  world.run(15s);
  const auto goes_to = [&](const std::string& backend) {
    for (const auto& [name, agent] : world.agents) {
      if (agent->identity().role != tmp::Role::frontend) continue;
      for (const auto& [section, text] : agent->sections) {
        if (text.find("\"" + backend + "\"") != std::string::npos) return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(goes_to("host-000"));
  world.put(kDrainKind, "backend:host-000", kDrained);
  EXPECT_LE(world.run_until([&] { return !goes_to("host-000"); }, 10s), 1s);
  EXPECT_FALSE(world.agent("backend:host-000").sites().empty()) << "what is in flight ends there";
  const std::string drains = drains_json(*world.fleet);
  EXPECT_NE(drains.find(R"("target": "backend:host-000")"), std::string::npos) << drains;
  world.put(kDrainKind, "backend:host-000", std::nullopt);
  EXPECT_LE(world.run_until([&] { return goes_to("host-000"); }, 10s), 1500ms);
}

TEST(Fleet, DrainsAnOriginWithinASecond) {
  FleetWorld world;
  world.build(1, 2, 2, 2);
  world.connect_all();
  world.run(5s);
  const auto have_origin = [&] {
    return world.agent("backend:host-000").section("sites/site-0000").find("127.0.0.1:8001") != std::string::npos ||
           world.agent("backend:host-001").section("sites/site-0000").find("127.0.0.1:8001") != std::string::npos;
  };
  ASSERT_TRUE(have_origin());
  world.put(kDrainKind, "origin:site-0000:127.0.0.1:8001", kDrained);
  EXPECT_LE(world.run_until([&] { return !have_origin(); }, 10s), 1s);
  EXPECT_NE(world.agent("backend:host-000").section("sites/site-0001").find("127.0.0.1:8001"), std::string::npos);
}

TEST(Fleet, HangsUpOnTheRevokedWithinASecond) {
  FleetWorld world;
  world.build(1, 2, 2, 1);
  world.connect_all();
  world.run(3s);
  world.reconnect = false;
  world.put(kRevocationKind, "frontend:pop-000-00",
            R"({"role": "frontend", "name": "pop-000-00", "time": "2026-11-21T12:00:01Z", "author": "user:ada"})");
  EXPECT_LE(world.run_until([&] { return !world.agent("frontend:pop-000-00").connected(); }, 10s), 1s);
  world.run(200ms);
  FakeAgent& other = world.agent("frontend:pop-000-01");
  EXPECT_TRUE(other.connected());
  EXPECT_EQ(other.welcomes.back().revoked_identities, std::vector<std::string>{"frontend:pop-000-00"});
  world.connect(world.agent("frontend:pop-000-00"));
  world.run(200ms);
  EXPECT_FALSE(world.agent("frontend:pop-000-00").connected()) << "it may not come back";
}

TEST(Fleet, LeavesGatewaysOfAnotherHistoryAloneUntilATakeover) {
  FleetWorld world;
  world.build(1, 2, 2, 1);
  FakeAgent& stranger = world.add(tmp::Role::frontend, "pop-000-00");
  stranger.in_use = {4, 9, std::string(64, 'a'), 1, "f00"};
  world.connect(stranger);
  world.run(5s);
  EXPECT_TRUE(stranger.sent.empty());
  EXPECT_NE(status_json(*world.fleet).find(R"("state": "foreign")"), std::string::npos);
  EXPECT_EQ(world.events("another history").size(), 1U) << "told once while it lasts";
  world.put(kFleetKind, kTakeover, world.fleet->takeover_json());
  world.run(2s);
  EXPECT_EQ(stranger.in_use.revision, 1U);
  EXPECT_GT(stranger.in_use.epoch, 4U);
}

TEST(Fleet, AFollowerHangsUp) {
  FleetWorld world;
  world.build(1, 1, 1, 1);
  world.connect_all();
  world.run(2s);
  world.reconnect = false;
  world.lead = {false, 2, "m2"};
  world.run(2s);
  for (const auto& [name, agent] : world.agents) EXPECT_FALSE(agent->connected()) << name;
  FakeAgent& agent = world.agent("backend:host-000");
  world.connect(agent);
  world.run(200ms);
  EXPECT_FALSE(agent.connected());
  EXPECT_EQ(world.fleet->sessions(), 0U);
}

TEST(Fleet, ANewLeaderGoesOnWithTheAssignment) {
  FleetWorld world;
  world.build(4, 3, 4, 6);
  world.connect_all();
  world.run(30s);
  const auto before = world.fleet->assignment();
  ASSERT_NE(world.ledger.record(kAssignmentKind, "last"), nullptr);
  world.lead = {false, 2, "m2"};
  world.run(2s);
  world.lead = {true, 3, "m1"};
  world.run(30s);
  const auto names = [](const assigner::Seating& seating) {
    std::set<std::string> all;
    for (const auto& [name, seat] : seating.seats) all.insert(name);
    return all;
  };
  ASSERT_EQ(before.sites.size(), 6U);
  for (const auto& [site, assigned] : before.sites) {
    const assigner::SiteAssignment& now = world.fleet->assignment().sites.at(site);
    EXPECT_EQ(names(now.frontends), names(assigned.frontends)) << site;
    EXPECT_EQ(names(now.backends), names(assigned.backends)) << site;
  }
  for (const auto& [name, agent] : world.agents) EXPECT_EQ(agent->in_use.revision, 1U);
}

/// As after a crash right after a site was assigned, or with an older backup.
TEST(Fleet, ANewLeaderWhoKnowsNoAssignmentTakesNoSiteAway) {
  FleetWorld world;
  world.build(1, 2, 1, 3);
  world.connect_all();
  world.run(10s);
  std::map<std::string, std::vector<std::string>> before;
  for (const auto& [name, agent] : world.agents) before[name] = agent->sites();
  world.put(kAssignmentKind, "last", std::nullopt);
  world.lead = {false, 2, "m2"};
  world.run(1s);
  world.reconnect = false;
  world.lead = {true, 3, "m1"};
  // The back-end comes last: until then the front-ends have nowhere to send what they serve.
  for (const auto& [name, agent] : world.agents) {
    if (name.starts_with("frontend")) world.connect(*agent);
  }
  for (int second = 0; second < 20; ++second) {
    if (second == 5) world.connect(world.agent("backend:host-000"));
    world.run(1s);
    for (const auto& [name, agent] : world.agents) EXPECT_EQ(agent->sites(), before[name]) << name << " " << second;
  }
}

TEST(Fleet, HoldsOnlyOneConnectionOfAGateway) {
  FleetWorld world;
  world.build(1, 1, 1, 1);
  world.connect_all();
  world.run(2s);
  world.connect(world.agent("frontend:pop-000-00"));  // the old one is half open
  world.run(500ms);
  EXPECT_EQ(world.fleet->sessions(), 2U);
  EXPECT_TRUE(world.agent("frontend:pop-000-00").connected());
}

TEST(Fleet, HangsUpOnTheSilent) {
  FleetWorld world;
  world.build(1, 1, 1, 1);
  world.connect_all();
  world.run(2s);
  world.reconnect = false;
  world.agent("frontend:pop-000-00").mute = true;
  world.run(20s);
  EXPECT_FALSE(world.agent("frontend:pop-000-00").connected());
  EXPECT_NE(status_json(*world.fleet).find(R"("state": "away")"), std::string::npos);
}

TEST(Fleet, StatusIsJsonWithEverything) {
  FleetWorld world;
  world.build(2, 2, 2, 2);
  world.connect_all();
  for (auto& [name, agent] : world.agents) agent->requests_per_s = 10;
  world.agent("frontend:pop-000-00").figures.links = {{"host-000", 12'000, 0.01, 0, 0.5}};
  world.run(8s);
  const std::string text = status_json(*world.fleet);
  config::Report report("status", text);
  const auto tree = config::parse_json(text, report);
  ASSERT_TRUE(tree) << report.text() << text;
  for (const char* key : {"time", "manager", "leader", "leads", "epoch", "revision", "rollout", "sites", "gateways",
                          "pops", "links", "drains"}) {
    EXPECT_NE(tree->find(key), nullptr) << key;
  }
  const config::TreeNode& site = tree->find("sites")->value.items.at(0);
  EXPECT_NEAR(std::stod(site.find("requests_per_s")->value.scalar), 20, 10);
  EXPECT_EQ(site.find("rings")->value.items.at(2).scalar, "1");
  EXPECT_EQ(tree->find("gateways")->value.items.size(), 6U);
  EXPECT_EQ(tree->find("links")->value.items.at(0).find("rtt_ms")->value.scalar, "12");
}

TEST(Fleet, AThousandComeBackAtOnce) {
  FleetWorld world;
  world.build(100, 8, 200, 500);
  world.connect_all();
  ASSERT_LT(world.run_until([&] { return world.all_have(1); }, 30s), 5s);
  world.run(5s);
  for (auto& [name, agent] : world.agents) {
    agent->cut();
    agent->sent.clear();
  }
  const auto began = std::chrono::steady_clock::now();
  world.run(5s);
  const auto took = std::chrono::steady_clock::now() - began;
  std::size_t told = 0;
  for (auto& [name, agent] : world.agents) {
    EXPECT_TRUE(agent->connected());
    told += agent->sent.size();
  }
  EXPECT_LT(told, 100U) << "what they have in use is right";
  world.commit({site_change("site-0003", R"(, "weight": 7)")});
  EXPECT_LT(world.run_until([&] { return world.all_have(2); }, 30s), 2s);
  RecordProperty("storm_ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  fmt::print("5 s of 1,000 agents that came back at once: {} ms of one core\n",
             std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

/// What goes wrong, at random; agents check for themselves that what they are told fits what they have.
class Misfortune {
 public:
  Misfortune(FleetWorld& world, std::uint64_t seed) : world_(world), random_(seed) {}

  void strike() {
    switch (random_.below(7)) {
      case 0: return any_agent().cut();
      case 1: return change_site();
      case 2: return put_drain("backend:host-000");
      case 3: return put_drain("pop:place-001");
      case 4: return put_drain("origin:site-0001:127.0.0.1:8001");
      case 5: return change_leader();
      default: any_agent().refuses.insert(world_.ledger.registry().number() + 1);
    }
  }
  void make_good() {
    for (const auto& [name, drain] : world_.fleet->drains().all) world_.put(kDrainKind, name, std::nullopt);
    for (auto& [name, agent] : world_.agents) agent->refuses.clear();
  }

 private:
  FakeAgent& any_agent() {
    auto chosen = world_.agents.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(random_.below(world_.agents.size())));
    return *chosen->second;
  }
  void change_site() {
    world_.commit({site_change(fmt::format("site-{:04}", random_.below(5)),
                               fmt::format(R"(, "weight": {})", 1 + random_.below(100)))});
  }
  void put_drain(const std::string& target) {
    const bool drained = world_.ledger.record(kDrainKind, target) != nullptr;
    world_.put(kDrainKind, target, drained ? std::nullopt : std::optional<std::string>(kDrained));
  }
  void change_leader() {
    const std::uint64_t epoch = world_.lead.epoch + 1;
    world_.lead = {false, epoch, "m2"};
    world_.run(1500ms);
    world_.lead = {true, epoch + 1, "m1"};
  }

  FleetWorld& world_;
  SeededRandom random_;
};

TEST(Fleet, ComesToRestWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    FleetWorld world({1s, 10s, 5s});
    world.build(3, 2, 3, 4);
    world.connect_all();
    world.run(5s);
    Misfortune misfortune(world, seed);
    for (int i = 0; i < 40; ++i) {
      misfortune.strike();
      world.run(std::chrono::milliseconds(100 * (1 + i % 17)));
    }
    misfortune.make_good();
    // Contents that were refused are not sent again: only another revision brings everybody together.
    world.commit({site_change("site-0000", R"(, "weight": 99)"), site_change("site-0001", R"(, "weight": 98)")});
    world.run(90s);
    EXPECT_EQ(world.fleet->rollouts().last()->state, RolloutState::done);
    EXPECT_TRUE(world.all_have(world.ledger.registry().number()));
    ContentBook book(world.ledger.registry());
    book.set(routes_of(world.fleet->assignment()), {});
    for (const auto& [name, agent] : world.agents) {
      const Content& content = book.content(agent->identity(), world.ledger.registry().number());
      EXPECT_EQ(agent->sections, *content.sections) << name;
    }
  }
}

// --- Certificates over a session

class FleetCertificates : public ::testing::Test {
 protected:
  static std::shared_ptr<const tmp::Authority> authority() {
    static const auto kMade = std::make_shared<const tmp::Authority>(
        tmp::make_authority(ringway::testing::ManualLoop().wall() - std::chrono::hours(1)).value());
    return kMade;
  }
  /// As hexadecimal.
  std::string token_for(const tmp::PeerIdentity& identity) {
    const auto made =
        make_enrolment({identity, kDefaultEnrolmentLife, {"192.0.2.1:7500"}, "user:ada"},
                       *tmp::fingerprint_of(authority()->certificate), world_.loop.wall(), world_.loop.loop().random);
    EXPECT_TRUE(made);
    world_.put(made->record.kind, made->record.name, made->record.content);
    return to_hex(tmp::parse_enrolment_token(made->text)->secret);
  }
  /// Without a certificate, or with one; what came back.
  agent::Issued ask(const std::string& secret, const std::string& request,
                    std::optional<tmp::PeerCertificate> certificate = std::nullopt) {
    FakeAgent agent({tmp::Role::frontend, "nobody"}, "0");
    auto stream = agent.connect();
    world_.fleet->accept(std::move(stream), {IpAddress::v4({192, 0, 2, 9}), std::move(certificate)});
    agent::Message message;
    message.request = agent::CertificateRequest{secret, request};
    agent.send(message);
    world_.loop.advance(100ms);
    agent.take();
    return agent.issued.empty() ? agent::Issued{} : agent.issued.front();
  }

  FleetWorld world_{{0s, 30s, 5s}, authority()};
};

TEST_F(FleetCertificates, AreGivenForATokenAndRenewed) {
  world_.run(100ms);
  const tmp::PeerIdentity pop = {tmp::Role::frontend, "pop-1"};
  const auto request = tmp::make_certificate_request(pop);
  ASSERT_TRUE(request);
  const std::string secret = token_for(pop);
  const agent::Issued first = ask(secret, request->request);
  EXPECT_EQ(first.refusal, "");
  EXPECT_NE(first.certificate.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_EQ(world_.ledger.records(kCertificateKind).size(), 1U) << "written before it is answered";
  const std::string serial = world_.ledger.records(kCertificateKind).begin()->first;
  const agent::Issued renewed =
      ask("", request->request, tmp::PeerCertificate{pop, serial, world_.loop.wall() - std::chrono::hours(24)});
  EXPECT_NE(renewed.certificate, "") << renewed.refusal << ": an expired one is good for its renewal";
  const auto other = tmp::make_certificate_request(pop);
  EXPECT_NE(ask(secret, other->request).refusal.find("used"), std::string::npos);
  EXPECT_EQ(world_.ledger.log("audit").entries().size(), 2U);
}

TEST_F(FleetCertificates, WaitAfterTooManyWrongTokens) {
  world_.run(100ms);
  const tmp::PeerIdentity pop = {tmp::Role::frontend, "pop-1"};
  const auto request = tmp::make_certificate_request(pop);
  for (int i = 0; i < 12; ++i) EXPECT_NE(ask(std::string(32, 'a'), request->request).refusal, "");
  EXPECT_NE(ask(token_for(pop), request->request).refusal.find("too many"), std::string::npos);
}

TEST_F(FleetCertificates, StrangersMaySayNothingElse) {
  world_.run(100ms);
  FakeAgent agent({tmp::Role::frontend, "pop-1"}, "0");
  world_.fleet->accept(agent.connect(), {IpAddress::v4({192, 0, 2, 9}), std::nullopt});
  agent.say_hello();
  world_.loop.advance(100ms);
  EXPECT_FALSE(agent.connected());
  EXPECT_EQ(world_.fleet->sessions(), 0U);
}

}  // namespace
}  // namespace ringway::manager

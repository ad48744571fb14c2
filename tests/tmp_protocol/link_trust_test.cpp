// What becomes of links when certificates end, are renewed, or are revoked.

#include <gtest/gtest.h>

#include "tests/sim/identities.h"
#include "tests/tmp_protocol/link_pair.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

void update(sim::Machine& machine, const std::function<void(EndpointSettings&)>& change) {
  EndpointSettings settings = machine.settings();
  change(settings);
  machine.use(settings);
  machine.node().post(
      [&machine] { machine.endpoint().update(std::make_shared<const EndpointSettings>(machine.settings())); });
}

std::shared_ptr<const Revocations> revocations(Revocations revoked) {
  return std::make_shared<const Revocations>(std::move(revoked));
}

/// Certificates that the tests' authority signs for `life`.
std::shared_ptr<const Identity> identity_for(const PeerIdentity& who, WallTime now, std::chrono::seconds life) {
  return Identity::from_pem(*make_identity(sim::test_authority(), {who, life, {}}, now, {})).value();
}

const PeerIdentity kPop = {Role::frontend, "pop-1"};
const PeerIdentity kHost = {Role::backend, "host-1"};

TEST(LinkTrust, RevocationEndsALiveLinkAtOnce) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  update(pair.host, [](EndpointSettings& settings) { settings.trust.revoked = revocations({{}, {kPop}}); });
  EXPECT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1 && pair.host.talker().downs() == 1; }));
  EXPECT_NE(pair.pop.talker().last_reason().find("is revoked"), std::string::npos) << pair.pop.talker().last_reason();
  pair.network.run_for(30s);
  EXPECT_EQ(pair.host.talker().ups(), 1U) << "and it does not come back";
  EXPECT_NE(pair.host.talker().refusal().find("its certificate is revoked"), std::string::npos);
}

TEST(LinkTrust, EitherEndMayEndIt) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  const std::string serial = pair.host.settings().identity->certificate().serial;
  update(pair.pop, [&](EndpointSettings& settings) { settings.trust.revoked = revocations({{serial}, {}}); });
  EXPECT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1 && pair.host.talker().downs() == 1; }));
  pair.network.run_for(30s);
  EXPECT_FALSE(pair.both_up());
  update(pair.pop, [&](EndpointSettings& settings) { settings.trust.revoked = nullptr; });
  EXPECT_TRUE(pair.run_until(5s, [&] { return pair.both_up(); })) << "a revocation that is lifted";
}

TEST(LinkTrust, RevocationOfOthersBreaksNothing) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  update(pair.host, [](EndpointSettings& settings) {
    settings.trust.revoked = revocations({{"0123"}, {kHost, {Role::frontend, "pop-2"}}});
  });
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(100'000)), "");
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
}

/// Revoked at each moment of a handshake: it never lasts.
TEST(LinkTrust, RevocationReachesAHandshakeUnderWay) {
  for (int step = 0; step < 30; ++step) {
    LinkPair pair(static_cast<std::uint64_t>(step) + 1);
    pair.start_both();
    pair.network.run_for(step * 3ms);
    update(pair.host, [](EndpointSettings& settings) { settings.trust.revoked = revocations({{}, {kPop}}); });
    pair.network.run_for(5s);
    EXPECT_FALSE(pair.host.talker().link() != nullptr) << step;
  }
}

TEST(LinkTrust, RenewedCertificateIsUsedWithoutARestart) {
  LinkPair pair;
  const auto renewed = identity_for(kPop, pair.network.clock().wall(), 24h * 30);
  const std::string old_serial = pair.pop.settings().identity->certificate().serial;
  ASSERT_NE(old_serial, renewed->certificate().serial);
  ASSERT_TRUE(pair.start());
  update(pair.pop, [&](EndpointSettings& settings) { settings.identity = renewed; });
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(100'000)), "") << "nothing in flight breaks";
  // Only the renewed one is good any more: by the next handshake inside the link it must be the one in use.
  pair.network.run_for(62min);
  update(pair.host, [&](EndpointSettings& settings) { settings.trust.revoked = revocations({{old_serial}, {}}); });
  pair.network.run_for(10s);
  EXPECT_EQ(pair.host.talker().downs(), 0U);
  pair.host.node().post([&] { pair.host.link().close("to see with what it comes back"); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1; }));
  EXPECT_TRUE(pair.run_until(3s, [&] { return pair.both_up(); }));
}

struct Expiring : LinkPair {
  /// Both certificates end after `life`.
  explicit Expiring(std::chrono::seconds life) {
    const WallTime now = network.clock().wall();
    EndpointSettings at_pop = pop.settings();
    at_pop.identity = identity_for(kPop, now, life);
    pop.use(at_pop);
    EndpointSettings at_host = host.settings();
    at_host.identity = identity_for(kHost, now, life);
    host.use(at_host);
  }
  void take_expired(std::chrono::seconds grace = kUnlimitedGrace) {
    for (sim::Machine* machine : {&pop, &host}) {
      EndpointSettings settings = machine->settings();
      settings.trust = {ExpiredPeers::accept_known, grace, nullptr};
      machine->use(settings);
    }
  }
};

TEST(LinkTrust, ALinkEndsWhenItsCertificatesHave) {
  Expiring pair(90min);
  ASSERT_TRUE(pair.start());
  pair.network.run_for(119min);
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
  pair.network.run_for(5min);
  EXPECT_GE(pair.pop.talker().downs(), 1U);
  EXPECT_FALSE(pair.both_up());
}

TEST(LinkTrust, ALinkGoesOnByGraceAndTellsEachHour) {
  Expiring pair(90min);
  pair.take_expired();
  ASSERT_TRUE(pair.start());
  pair.network.run_for(119min);
  EXPECT_EQ(pair.pop.talker().expired_peers(), 0U);
  pair.network.run_for(5h);
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
  EXPECT_EQ(pair.pop.talker().expired_peers(), 5U) << "each hour";
  EXPECT_EQ(pair.host.talker().expired_peers(), 5U);
  // And new links are made.
  pair.host.node().post([&] { pair.host.link().close("once more"); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1; }));
  EXPECT_TRUE(pair.run_until(3s, [&] { return pair.both_up(); }));
  EXPECT_EQ(pair.host.talker().expired_peers(), 6U);
}

TEST(LinkTrust, GraceThatIsSetEnds) {
  Expiring pair(90min);
  pair.take_expired(2h);
  ASSERT_TRUE(pair.start());
  pair.network.run_for(3h + 29min);
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
  pair.network.run_for(1h);
  EXPECT_GE(pair.pop.talker().downs(), 1U);
  EXPECT_FALSE(pair.both_up());
}

TEST(LinkTrust, ClockStepsOfAnHourBreakNoLink) {
  for (const std::chrono::seconds step : {std::chrono::seconds(1h), std::chrono::seconds(-1h)}) {
    Expiring pair(24h * 30);
    ASSERT_TRUE(pair.start());
    pair.network.step_wall(step);
    pair.network.run_for(3h);
    EXPECT_EQ(pair.pop.talker().downs(), 0U);
    pair.host.node().post([&] { pair.host.link().close("to see it come back"); });
    ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1; }));
    EXPECT_TRUE(pair.run_until(3s, [&] { return pair.both_up(); }));
  }
}

}  // namespace
}  // namespace ringway::tmp

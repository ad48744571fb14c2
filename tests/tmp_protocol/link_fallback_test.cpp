// Links where UDP is blocked: over carriers, and back.

#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/tmp_protocol/link_pair.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

class LinkFallback : public testing::Test {
 protected:
  explicit LinkFallback(std::uint64_t seed = 1) : pair_(seed) {
    pair_.pop.node().set_takes_carriers(true);
    pair_.host.node().set_takes_carriers(true);
  }
  void block_udp(bool blocked) {
    pair_.set_both([blocked](sim::PathConditions& path) { path.blackout = blocked; });
  }
  [[nodiscard]] static bool carried(sim::Machine& machine) {
    return machine.link().up() && machine.link().quality().travel == Travel::carrier;
  }
  [[nodiscard]] bool both_carried() { return carried(pair_.pop) && carried(pair_.host); }
  [[nodiscard]] bool both_direct() { return pair_.both_up() && !carried(pair_.pop) && !carried(pair_.host); }

  LinkPair pair_;
};

TEST_F(LinkFallback, StaysOnUdpWhereItPasses) {
  ASSERT_TRUE(pair_.start());
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(300'000)), "");
  EXPECT_TRUE(both_direct());
  EXPECT_EQ(pair_.network.carried_octets(), 0U);
}

TEST_F(LinkFallback, IsMadeOverACarrierWhereUdpIsBlocked) {
  block_udp(true);
  pair_.start_both();
  // 300 ms of patience, two round trips for the carrier and two for the handshake in it.
  ASSERT_TRUE(pair_.run_until(400ms, [&] { return pair_.both_up(); }));
  EXPECT_TRUE(both_carried());
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(3'000'000)), "");
  EXPECT_EQ(pair_.exchange(pair_.host, echo_of(300'000)), "");
  EXPECT_EQ(pair_.pop.link().counters().times_carried, 1U);
  EXPECT_EQ(pair_.host.link().counters().times_carried, 1U);
  EXPECT_EQ(pair_.pop.link().counters().times_returned, 0U);
}

TEST_F(LinkFallback, TakesUdpWhereThatIsUpFirst) {
  pair_.set_both([](sim::PathConditions& path) { path.delay = 250ms; });
  ASSERT_TRUE(pair_.start());
  EXPECT_TRUE(both_direct()) << "the carrier, begun at 300 ms, would take a second more";
  pair_.network.run_for(10s);
  EXPECT_EQ(pair_.network.carriers(), 0U) << "and is given up";
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(100'000)), "");
}

TEST_F(LinkFallback, TakesTheCarrierWhereOneDirectionOfUdpIsBlocked) {
  pair_.back().blackout = true;
  ASSERT_TRUE(pair_.start());
  EXPECT_TRUE(both_carried());
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(100'000)), "");
  pair_.network.run_for(120s);
  EXPECT_TRUE(both_carried()) << "there are no echoes";
}

TEST_F(LinkFallback, StaysCarriedWhereOnlySmallDatagramsPass) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  block_udp(false);
  pair_.set_both([](sim::PathConditions& path) { path.mtu_octets = 1000; });
  pair_.network.run_for(120s);
  EXPECT_TRUE(both_carried());
}

TEST_F(LinkFallback, ReturnsToUdpUnderExchanges) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  pair_.set_both([](sim::PathConditions& path) { path.octets_per_s = 1'000'000; });
  const std::uint32_t number = pair_.ledger.add(echo_of(20'000'000));  // 20 seconds
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  pair_.network.run_for(3s);
  EXPECT_TRUE(both_carried());
  block_udp(false);
  ASSERT_TRUE(pair_.run_until(45s, [&] { return both_direct(); }));
  EXPECT_FALSE(pair_.ledger.all_over());
  ASSERT_TRUE(pair_.run_until(60s, [&] { return pair_.ledger.all_over(); }));
  EXPECT_EQ(pair_.ledger.verdict(number), "");
  EXPECT_EQ(pair_.pop.link().counters().times_returned, 1U);
  EXPECT_EQ(pair_.host.link().counters().times_returned, 1U);
  EXPECT_EQ(pair_.pop.talker().downs(), 0U);
  pair_.network.run_for(10s);
  EXPECT_EQ(pair_.network.carriers(), 0U);
}

TEST_F(LinkFallback, FallsBackUnderExchangesWhereUdpBecomesBlocked) {
  ASSERT_TRUE(pair_.start());
  pair_.set_both([](sim::PathConditions& path) { path.octets_per_s = 1'000'000; });
  const std::uint32_t number = pair_.ledger.add(echo_of(10'000'000));
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  pair_.network.run_for(3s);
  block_udp(true);
  ASSERT_TRUE(pair_.run_until(4s, [&] { return both_carried(); }));
  ASSERT_TRUE(pair_.run_until(60s, [&] { return pair_.ledger.all_over(); }));
  EXPECT_EQ(pair_.ledger.verdict(number), "") << "the exchange under way was moved";
  EXPECT_EQ(pair_.pop.talker().downs(), 0U);
  EXPECT_EQ(pair_.host.talker().downs(), 0U);
}

TEST_F(LinkFallback, FallsBackUnderExchangesWhereOneDirectionBecomesBlocked) {
  // What still comes the other way does not say that UDP passes.
  for (const bool out : {false, true}) {
    SCOPED_TRACE(out);
    LinkPair pair;
    pair.pop.node().set_takes_carriers(true);
    pair.host.node().set_takes_carriers(true);
    ASSERT_TRUE(pair.start());
    pair.set_both([](sim::PathConditions& path) { path.octets_per_s = 1'000'000; });
    const std::uint32_t number = pair.ledger.add(echo_of(10'000'000));
    pair.pop.node().post([&] { pair.pop.talker().open(number); });
    pair.network.run_for(3s);
    (out ? pair.out() : pair.back()).blackout = true;
    EXPECT_TRUE(pair.run_until(4s, [&] { return carried(pair.pop) && carried(pair.host); }));
    ASSERT_TRUE(pair.run_until(60s, [&] { return pair.ledger.all_over(); }));
    EXPECT_EQ(pair.ledger.verdict(number), "");
    EXPECT_EQ(pair.pop.talker().downs() + pair.host.talker().downs(), 0U);
  }
}

TEST_F(LinkFallback, GoesOnOverAnotherCarrierWhereOneBreaks) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  pair_.set_both([](sim::PathConditions& path) { path.octets_per_s = 1'000'000; });
  const std::uint32_t number = pair_.ledger.add(echo_of(5'000'000));
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  for (int i = 0; i < 3; ++i) {
    pair_.network.run_for(1s);
    pair_.network.break_carriers();
  }
  ASSERT_TRUE(pair_.run_until(60s, [&] { return pair_.ledger.all_over(); }));
  EXPECT_EQ(pair_.ledger.verdict(number), "");
  EXPECT_EQ(pair_.pop.talker().downs(), 0U);
}

TEST_F(LinkFallback, GoesBackToTheKeptCarrierWhereTheReturnWasTooEarly) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  block_udp(false);
  ASSERT_TRUE(pair_.run_until(10s, [&] { return !carried(pair_.pop); }));
  block_udp(true);
  const std::uint32_t number = pair_.ledger.add(echo_of(100'000));
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  ASSERT_TRUE(pair_.run_until(4s, [&] { return pair_.ledger.all_over(); }));
  EXPECT_EQ(pair_.ledger.verdict(number), "");
  EXPECT_TRUE(both_carried());
}

TEST_F(LinkFallback, LastsIdleWhereUdpGoesInTheMiddleOfTheReturn) {
  // The peer is left on a carrier that breaks, or is not needed any more, while nobody says anything.
  for (const bool breaks : {false, true}) {
    SCOPED_TRACE(breaks);
    LinkPair pair;
    pair.pop.node().set_takes_carriers(true);
    pair.host.node().set_takes_carriers(true);
    pair.set_both([](sim::PathConditions& path) { path.blackout = true; });
    pair.start_both();
    ASSERT_TRUE(pair.run_until(1s, [&] { return pair.both_up(); }));
    pair.set_both([](sim::PathConditions& path) { path.blackout = false; });
    ASSERT_TRUE(pair.run_until(10s, [&] { return !carried(pair.pop); }));
    ASSERT_TRUE(carried(pair.host));
    pair.set_both([](sim::PathConditions& path) { path.blackout = true; });
    pair.network.run_for(1500ms);
    if (breaks) pair.network.break_carriers();
    pair.network.run_for(60s);
    EXPECT_EQ(pair.pop.talker().downs() + pair.host.talker().downs(), 0U) << pair.host.talker().last_reason();
    EXPECT_TRUE(carried(pair.pop) && carried(pair.host));
  }
}

TEST_F(LinkFallback, IsMadeAgainWhereBothAreBlockedForLong) {
  ASSERT_TRUE(pair_.start());
  pair_.set_both([](sim::PathConditions& path) { path.blackout = path.carrier_blackout = true; });
  const std::uint32_t number = pair_.ledger.add(echo_of(1000));
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  ASSERT_TRUE(pair_.run_until(30s, [&] { return pair_.pop.talker().downs() > 0 && pair_.host.talker().downs() > 0; }));
  pair_.set_both([](sim::PathConditions& path) { path.carrier_blackout = false; });
  ASSERT_TRUE(pair_.run_until(10s, [&] { return both_carried(); }));
  pair_.set_both([](sim::PathConditions& path) { path.blackout = false; });
  ASSERT_TRUE(pair_.run_until(45s, [&] { return both_direct(); }));
}

TEST_F(LinkFallback, DoesNothingTwiceThatTcpDoes) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  pair_.set_both([](sim::PathConditions& path) {
    path.octets_per_s = 2'000'000;
    path.loss = 0.02;  // each holds up everything behind it for a round trip
  });
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(10'000'000)), "");
  EXPECT_EQ(pair_.pop.link().counters().octets_resent, 0U);
  EXPECT_EQ(pair_.host.link().counters().octets_resent, 0U);
}

TEST_F(LinkFallback, LeavesTheRateToTcpAtBothEnds) {
  block_udp(true);
  pair_.set_both([](sim::PathConditions& path) {
    path.delay = 50ms;
    path.octets_per_s = 8'000'000;
  });
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(2s, [&] { return both_carried(); }));
  for (sim::Machine* const machine : {&pair_.pop, &pair_.host}) {
    EXPECT_EQ(machine->link().quality().window_octets, machine->settings().congestion.max_window_octets);
  }
  // What the stream's window lets through at first, in the time that the path takes for it: no start-up at all.
  sim::StreamPlan plan;
  plan.ends[1].octets = limits::kFirstStreamWindowOctets;
  const Time asked = pair_.network.now();
  EXPECT_EQ(pair_.exchange(pair_.pop, plan), "");
  EXPECT_LE(pair_.network.now() - asked, 200ms + 40ms);
  block_udp(false);
  ASSERT_TRUE(pair_.run_until(45s, [&] { return both_direct(); }));
  EXPECT_LT(pair_.host.link().quality().window_octets, 1U << 20);
}

TEST_F(LinkFallback, StillServesHighRingsFirst) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  pair_.set_both([](sim::PathConditions& path) { path.octets_per_s = 2'000'000; });
  sim::StreamPlan bulk = echo_of(20'000'000);
  bulk.ring = 4;
  const std::uint32_t bulk_number = pair_.ledger.add(bulk);
  pair_.pop.node().post([&] { pair_.pop.talker().open(bulk_number); });
  pair_.network.run_for(2s);
  sim::StreamPlan probe = echo_of(100);
  probe.ring = 0;
  probe.connection = 8;
  const std::uint32_t number = pair_.ledger.add(probe);
  const Time asked = pair_.network.now();
  pair_.pop.node().post([&] { pair_.pop.talker().open(number); });
  ASSERT_TRUE(pair_.run_until(1s, [&] { return pair_.ledger.report(number, 0).over; }));
  // A round trip, and each way what was decided already: 32 KB at 2 MB/s.
  EXPECT_LE(pair_.network.now() - asked, 20ms + 2 * 17ms);
}

TEST_F(LinkFallback, WithoutABackEndThatTakesCarriersEndsAsBefore) {
  pair_.host.node().set_takes_carriers(false);
  block_udp(true);
  pair_.start_both();
  pair_.network.run_for(20s);
  EXPECT_GT(pair_.pop.talker().downs(), 0U);
  EXPECT_EQ(pair_.pop.talker().last_reason(),
            "no answer: the peer is away, or of another authority; over TLS on TCP: refused");
  block_udp(false);
  ASSERT_TRUE(pair_.run_until(10s, [&] { return both_direct(); }));
}

TEST_F(LinkFallback, KeepsAnIdleLinkCarried) {
  block_udp(true);
  pair_.start_both();
  ASSERT_TRUE(pair_.run_until(1s, [&] { return both_carried(); }));
  pair_.network.run_for(30min);
  EXPECT_TRUE(both_carried());
  EXPECT_EQ(pair_.pop.talker().downs(), 0U);
  EXPECT_EQ(pair_.exchange(pair_.pop, echo_of(1000)), "");
}

}  // namespace
}  // namespace ringway::tmp

// How a link is kept, renewed, ended and made again.

#include <gtest/gtest.h>

#include <array>

#include "tests/sim/identities.h"
#include "tests/tmp_protocol/link_pair.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

TEST(LinkLife, CostsNextToNothingWhileIdle) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.network.run_for(10s);
  const std::uint64_t before = pair.datagrams();
  const std::size_t turns = pair.pop.node().turns();
  pair.network.run_for(600s);
  EXPECT_LT(pair.datagrams() - before, 250U);
  EXPECT_LT(pair.pop.node().turns() - turns, 500U);
  EXPECT_TRUE(pair.both_up());
}

TEST(LinkLife, RenewsItsKeysUnderTrafficForHours) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  // A stream that never rests, through some key updates and two handshakes inside the link.
  sim::StreamPlan plan;
  plan.ends[0].octets = 600'000;
  plan.ends[0].write_pause = 15s;
  plan.ends[1].octets = 600'000;
  plan.ends[1].write_pause = 17s;
  std::array<std::uint32_t, 3> numbers{};
  for (std::uint32_t& number : numbers) number = pair.ledger.add(echo_of(100'000));
  for (const std::uint32_t number : numbers) {
    pair.pop.node().post([&pair, number] { pair.pop.talker().open(number); });
    pair.network.run_for(61min);
    EXPECT_EQ(pair.ledger.verdict(number), "");
  }
  EXPECT_EQ(pair.exchange(pair.pop, plan, 3h), "");
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
  EXPECT_EQ(pair.host.talker().downs(), 0U);
  EXPECT_EQ(pair.pop.link().counters().packets_dropped, 0U);
}

TEST(LinkLife, RenewsItsKeysOverABadPath) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.set_both([](sim::PathConditions& path) {
    path.loss = 0.1;
    path.jitter = 30ms;
    path.copied = 0.05;
  });
  sim::StreamPlan plan = echo_of(3'000'000);
  plan.ends[0].write_pause = plan.ends[1].write_pause = 20s;  // 370 writes: two hours
  EXPECT_EQ(pair.exchange(pair.pop, plan, 4h), "");
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
}

TEST(LinkLife, TellsThePeerWhyItCloses) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.pop.node().post([&] { pair.pop.link().close("maintenance"); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.host.talker().downs() == 1; }));
  EXPECT_EQ(pair.host.talker().last_reason(), "closed by the peer: maintenance");
  pair.network.run_for(30s);
  EXPECT_FALSE(pair.pop.link().up()) << "closed by an administrator: not made again";
  EXPECT_EQ(pair.pop.talker().downs(), 1U);
}

TEST(LinkLife, WhatWasClosedAndIsWantedAgainIsTheSameLink) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  Link* const first = &pair.pop.link();
  for (int round = 0; round < 3; ++round) {
    pair.pop.node().post([&] { first->close("no longer wanted"); });
    ASSERT_TRUE(pair.run_until(5s, [&] { return !pair.both_up(); }));
    pair.network.run_for(10s);
    EXPECT_FALSE(first->up());
    pair.pop.node().post([&] {
      EXPECT_EQ(&pair.pop.endpoint().connect({"host-1", pair.host.node().address()}), first);
    });
    ASSERT_TRUE(pair.run_until(5s, [&] { return pair.both_up(); }));
    EXPECT_EQ(pair.exchange(pair.pop, echo_of(10'000)), "");
  }
  EXPECT_EQ(pair.pop.endpoint().links().size(), 1U);
  EXPECT_EQ(pair.host.endpoint().links().size(), 1U);
}

TEST(LinkLife, IsMadeAgainAfterThePeerClosedIt) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.host.node().post([&] { pair.host.link().close("restarting"); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1; }));
  EXPECT_TRUE(pair.run_until(2s, [&] { return pair.both_up(); }));
}

TEST(LinkLife, DrainsInPeace) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  sim::StreamPlan plan = echo_of(50'000);
  plan.ends[0].write_pause = 100ms;
  const std::uint32_t open_one = pair.ledger.add(plan);
  pair.pop.node().post([&] { pair.pop.talker().open(open_one); });
  pair.network.run_for(100ms);
  pair.host.node().post([&] { pair.host.link().drain(); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().drains() == 1; }));
  const std::uint32_t late_one = pair.ledger.add(plan);
  bool opened = true;
  pair.pop.node().post([&] { opened = pair.pop.talker().open(late_one); });
  pair.network.run_for(20s);
  EXPECT_FALSE(opened);
  EXPECT_EQ(pair.ledger.verdict(open_one), "");
  EXPECT_TRUE(pair.both_up());
}

TEST(LinkLife, ComesBackWithinTwoSecondsOfTheNetwork) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  for (const Duration away : {Duration(30s), Duration(63s), Duration(301s)}) {
    pair.set_both([](sim::PathConditions& path) { path.blackout = true; });
    pair.network.run_for(away);
    EXPECT_FALSE(pair.pop.link().up()) << "a silent peer is noticed";
    pair.set_both([](sim::PathConditions& path) { path.blackout = false; });
    EXPECT_TRUE(pair.run_until(2s + 100ms, [&] { return pair.both_up(); })) << to_seconds(away);
  }
  EXPECT_EQ(pair.host.endpoint().links().size(), 1U) << "the same peer's link is used again";
}

TEST(LinkLife, SurvivesAShortBlackout) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  const std::uint32_t number = pair.ledger.add(echo_of(2'000'000));
  pair.set_both([](sim::PathConditions& path) { path.octets_per_s = 500'000; });
  pair.pop.node().post([&] { pair.pop.talker().open(number); });
  pair.network.run_for(1s);
  pair.set_both([](sim::PathConditions& path) { path.blackout = true; });
  pair.network.run_for(5s);
  pair.set_both([](sim::PathConditions& path) { path.blackout = false; });
  EXPECT_TRUE(pair.run_until(30s, [&] { return pair.ledger.all_over(); }));
  EXPECT_EQ(pair.ledger.verdict(number), "");
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
}

TEST(LinkLife, NoticesARestartedPeerByItsReset) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.network.run_for(5s);
  pair.host.stop();
  pair.host.start();
  const std::uint32_t number = pair.ledger.add(echo_of(10));
  pair.pop.node().post([&] { pair.pop.talker().open(number); });
  ASSERT_TRUE(pair.run_until(200ms, [&] { return pair.pop.talker().downs() == 1; }));
  EXPECT_NE(pair.pop.talker().last_reason().find("forgotten"), std::string::npos);
  EXPECT_EQ(pair.ledger.report(number, 0).heard_abort, StreamCode::link_lost);
  EXPECT_TRUE(pair.run_until(1s, [&] { return pair.both_up(); }));
}

TEST(LinkLife, OneLinkTakesThePlaceOfAnotherOfTheSameAddress) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  EndpointSettings settings = pair.pop.settings();
  settings.reset_key.fill(99);  // so that its resets mean nothing to the host
  pair.pop.stop();
  pair.pop.use(settings);
  pair.pop.start();
  EXPECT_TRUE(pair.run_until(2s, [&] { return pair.host.talker().ups() == 2 && pair.both_up(); }));
  EXPECT_EQ(pair.host.talker().downs(), 1U);
  EXPECT_EQ(pair.host.endpoint().links().size(), 1U);
}

TEST(LinkLife, TakesANewIdentityForWhatComes) {
  LinkPair pair;
  EndpointSettings settings = pair.host.settings();
  settings.identity = sim::foreign_identity("host-1", Role::backend);
  ASSERT_TRUE(pair.start());
  pair.host.node().post([&] { pair.host.endpoint().update(std::make_shared<const EndpointSettings>(settings)); });
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(1000)), "") << "nothing in flight breaks";
  pair.host.node().post([&] { pair.host.link().close("to see who comes back"); });
  pair.network.run_for(5s);
  EXPECT_FALSE(pair.pop.link().up());
}

TEST(LinkLife, EveryLinkClosesWithItsEndpoint) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.host.node().post([&] { pair.host.endpoint().close("going down"); });
  ASSERT_TRUE(pair.run_until(1s, [&] { return pair.pop.talker().downs() == 1; }));
  EXPECT_NE(pair.pop.talker().last_reason().find("going down"), std::string::npos);
}

TEST(LinkLife, HandlersMayDestroyTheirStreamsAndCloseTheLinkInACall) {
  // Each leg destroys its stream inside of the call that ends it; here the link goes inside of one, too.
  struct Closer final : ByteStreamHandler {
    Link* link = nullptr;
    std::unique_ptr<LinkStream> stream;
    int calls = 0;
    void on_data(Slice) override {
      ++calls;
      link->close("inside a call");
      stream.reset();
    }
    void on_end() override { ++calls; }
    void on_writable() override { ++calls; }
    void on_stop(StreamCode) override { ++calls; }
    void on_abort(const StreamEnd&) override { ++calls; }
  };
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  const std::uint32_t number = pair.ledger.add(echo_of(50'000));
  Closer closer;
  pair.pop.node().post([&] {
    closer.link = &pair.pop.link();
    closer.stream = closer.link->open({StreamKind::tcp, 1, 7, std::to_string(number)}, closer);
    closer.stream->finish();
  });
  pair.network.run_for(2s);
  EXPECT_EQ(closer.calls, 1);
  EXPECT_EQ(pair.pop.talker().downs(), 1U);
  EXPECT_EQ(pair.host.talker().downs(), 1U);
  EXPECT_EQ(pair.pop.link().streams(), 0U);
}

}  // namespace
}  // namespace ringway::tmp

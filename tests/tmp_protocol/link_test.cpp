// What a link does while it is up.

#include <gtest/gtest.h>

#include "tests/tmp_protocol/link_pair.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

TEST(Link, ComesUpAfterTwoRoundTripsAtMost) {
  LinkPair pair;
  pair.set_both([](sim::PathConditions& path) { path.delay = 50ms; });
  const Time begun = pair.network.now();
  ASSERT_TRUE(pair.start());
  EXPECT_LE(pair.network.now() - begun, 210ms);
  EXPECT_EQ(pair.pop.link().peer(), "host-1");
  EXPECT_EQ(pair.host.link().peer(), "pop-1");
}

TEST(Link, CarriesStreamsBothWays) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(1)), "");
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(0)), "");
  EXPECT_EQ(pair.exchange(pair.host, echo_of(100'000)), "");
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(3'000'000)), "");
  EXPECT_TRUE(pair.run_until(5s, [&] { return pair.pop.streams() + pair.host.streams() == 0; }));
}

TEST(Link, SendsALoneRequestAtOnce) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.network.run_for(1s);
  const std::uint32_t number = pair.ledger.add(echo_of(100));
  const std::uint64_t before = pair.datagrams();
  pair.pop.node().post([&] { pair.pop.talker().open(number); });
  pair.network.run_for(1us);
  EXPECT_EQ(pair.datagrams(), before + 2) << "the request, and the first probe of the path's MTU";
}

TEST(Link, FillsAPathWithRandomLoss) {
  LinkPair pair;
  pair.set_both([](sim::PathConditions& path) {
    path.delay = 20ms;
    path.loss = 0.01;
    path.octets_per_s = 2'500'000;
    path.queue_octets = 100'000;
  });
  ASSERT_TRUE(pair.start());
  sim::StreamPlan plan;
  plan.ends[0].octets = 25'000'000;
  const Time begun = pair.network.now();
  ASSERT_EQ(pair.exchange(pair.pop, plan, 120s), "");
  // 10 s would be the whole rate.
  EXPECT_LT(to_seconds(pair.network.now() - begun), 14.0);
}

TEST(Link, TellsBothEndsTheQualityOfBothDirections) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.out().loss = 0.1;
  sim::StreamPlan plan;
  plan.ends[0].octets = 2'000'000;
  ASSERT_EQ(pair.exchange(pair.pop, plan, 120s), "");
  EXPECT_GT(pair.pop.link().quality().sent_loss, 0.04);
  EXPECT_LT(pair.pop.link().quality().received_loss, 0.02);
  EXPECT_GT(pair.host.link().quality().received_loss, 0.04);
  EXPECT_NEAR(to_milliseconds(pair.pop.link().quality().smoothed_rtt), 20, 10);
  EXPECT_EQ(pair.pop.link().quality().hosted, 1U);
}

TEST(Link, CountsTheConnectionsWithDemand) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  pair.out().octets_per_s = 100'000;
  for (std::uint32_t i = 0; i < 30; ++i) {
    sim::StreamPlan plan;
    plan.ends[0].octets = 50'000;
    plan.connection = i / 2;  // two exchanges each
    const std::uint32_t number = pair.ledger.add(plan);
    pair.pop.node().post([&pair, number] { pair.pop.talker().open(number); });
  }
  pair.network.run_for(2s);
  EXPECT_EQ(pair.pop.link().quality().hosted, 15U);
}

/// Seconds for 4 MB over 20 Mbit/s.
double lasts(sim::Marks marks) {
  LinkPair pair;
  pair.set_both([marks](sim::PathConditions& path) {
    path.octets_per_s = 2'500'000;
    path.marks = marks;
  });
  EXPECT_TRUE(pair.start());
  const Time begun = pair.network.now();
  sim::StreamPlan plan;
  plan.ends[0].octets = 4'000'000;
  EXPECT_EQ(pair.exchange(pair.pop, plan, 120s), "");
  return to_seconds(pair.network.now() - begun);
}

TEST(Link, IsAsFastWhereThePathMistreatsMarks) {
  const double kept = lasts(sim::Marks::kept);
  EXPECT_LT(lasts(sim::Marks::bleached), kept * 1.1);
  EXPECT_LT(lasts(sim::Marks::all_ce), kept * 1.2);
  EXPECT_LT(lasts(sim::Marks::dropped), kept + 2);
}

TEST(Link, FindsTheLargestPacketThePathTakes) {
  for (const std::size_t mtu : {1472U, 1400U, 1200U}) {
    LinkPair pair;
    pair.set_both([mtu](sim::PathConditions& path) {
      path.mtu_octets = mtu;
      path.octets_per_s = 2'500'000;
    });
    ASSERT_TRUE(pair.start());
    sim::StreamPlan plan;
    plan.ends[0].octets = 10'000'000;
    ASSERT_EQ(pair.exchange(pair.pop, plan, 120s), "");
    const LinkCounters& counters = pair.pop.link().counters();
    const std::uint64_t mean = counters.octets_sent / counters.packets_sent;
    EXPECT_GT(mean, mtu - 60) << mtu;
    EXPECT_LE(mean, mtu) << mtu;
  }
}

TEST(Link, SurvivesAPathThatTakesSmallerPacketsAtOnce) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  ASSERT_EQ(pair.exchange(pair.pop, echo_of(2'000'000)), "");
  pair.set_both([](sim::PathConditions& path) { path.mtu_octets = 1280; });
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(2'000'000)), "");
  EXPECT_EQ(pair.pop.talker().downs(), 0U);
}

TEST(Link, FollowsAPeerToItsNewAddress) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  const std::uint32_t number = pair.ledger.add(echo_of(5'000'000));
  pair.pop.node().post([&] { pair.pop.talker().open(number); });
  pair.set_both([](sim::PathConditions& path) { path.octets_per_s = 1'000'000; });
  pair.network.run_for(1s);
  pair.pop.node().move_to(SocketAddress::parse("192.0.2.1:9999").value());
  EXPECT_TRUE(pair.run_until(60s, [&] { return pair.ledger.all_over(); }));
  EXPECT_EQ(pair.ledger.verdict(number), "");
  EXPECT_EQ(pair.host.talker().downs(), 0U);
}

TEST(Link, LearnsAnotherRouteAnew) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  ASSERT_EQ(pair.exchange(pair.pop, echo_of(200'000)), "");
  ASSERT_LT(pair.host.talker().link()->quality().min_rtt, 100ms);
  sim::PathConditions longer;
  longer.delay = 70ms;
  const SocketAddress moved = SocketAddress::parse("203.0.113.7:7000").value();
  pair.network.set_path(moved.ip, pair.host.node().address().ip, longer);
  pair.pop.node().move_to(moved);
  ASSERT_EQ(pair.exchange(pair.pop, echo_of(200'000)), "");
  EXPECT_EQ(pair.host.talker().downs(), 0U);
  EXPECT_GE(pair.host.talker().link()->quality().min_rtt, 140ms);
}

TEST(Link, KeepsToTheBoundOfOpenStreams) {
  LinkPair pair;
  EndpointSettings settings = pair.host.settings();
  settings.max_streams = 3;
  pair.host.use(settings);
  ASSERT_TRUE(pair.start());
  sim::StreamPlan slow = echo_of(10);
  slow.ends[1].write_pause = 500ms;
  int opened = 0;
  pair.pop.node().post([&] {
    for (int i = 0; i < 5; ++i) {
      if (pair.pop.talker().open(pair.ledger.add(slow))) ++opened;
    }
  });
  pair.network.run_for(10ms);
  EXPECT_EQ(opened, 3);
  // Places are given back when streams are over.
  pair.network.run_for(3s);
  EXPECT_EQ(pair.pop.streams(), 0U);
  EXPECT_EQ(pair.exchange(pair.pop, echo_of(10)), "");
}

TEST(Link, PushesBackOnAWriterWhoseReaderIsSlow) {
  LinkPair pair;
  ASSERT_TRUE(pair.start());
  sim::StreamPlan plan;
  plan.ends[0].octets = 100'000'000;
  plan.ends[1].read_pause = 1000s;
  const std::uint32_t number = pair.ledger.add(plan);
  pair.pop.node().post([&] { pair.pop.talker().open(number); });
  pair.network.run_for(20s);
  // A first window and what the writer may have waiting.
  EXPECT_LT(pair.ledger.report(number, 0).written, 2'000'000U);
  EXPECT_GT(pair.ledger.report(number, 1).received, 0U);
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/virtual_flow_ensemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRtt = 80ms;

/// An ensemble whose flight is always full; a round acknowledges a window in batches.
struct Driven {
  SeededRandom random{1};
  VirtualFlowEnsemble ensemble;
  Time now = Time{} + 1s;
  std::uint64_t largest = 0;
  std::uint64_t next = 0;

  explicit Driven(std::uint32_t hosted = 1, std::uint32_t max_flows = 128, double max_window = 1e6)
      : ensemble(max_flows, max_window, random) {
    ensemble.set_hosted(hosted, true);
    next = ensemble.window();
  }

  void ack(std::size_t packets, std::size_t in_flight, double path_window = 0) {
    AckedBatch batch;
    batch.now = now;
    batch.packets = packets;
    batch.in_flight = in_flight;
    batch.largest = largest += packets;
    batch.next_number = next = largest + in_flight;
    batch.smoothed_rtt = kRtt;
    batch.latest_rtt = kRtt;
    batch.path_window = path_window;
    ensemble.on_ack(batch);
  }
  /// One round trip with the window in use.
  void round() {
    const std::size_t window = ensemble.window();
    const std::size_t batch = std::max<std::size_t>(window / 16, 1);
    for (std::size_t left = window; left != 0;) {
      const std::size_t packets = std::min(batch, left);
      now += kRtt * static_cast<std::int64_t>(packets) / static_cast<std::int64_t>(window);
      ack(packets, ensemble.window());
      left -= packets;
    }
  }
  void rounds(int count) {
    for (int i = 0; i < count; ++i) round();
  }
  /// Loses a packet that was sent after all that was answered before. Gives the share that the window lost.
  double lose() {
    const double before = static_cast<double>(ensemble.window());
    last_charge = ensemble.on_loss(last_lost = next, next + 1);
    next += 3;
    return 1 - static_cast<double>(ensemble.window()) / before;
  }
  /// Leaves start-up at `window` packets.
  void leave_start(double window) {
    while (static_cast<double>(ensemble.window()) < window) round();
    lose();
    rounds(3);
  }

  FlowCharge last_charge = kNotCharged;
  std::uint64_t last_lost = 0;
};

/// RFC 9438 for one flow, acknowledgement by acknowledgement, written down by itself.
struct PlainCubic {
  double window;
  double w_max;
  double k = 0;
  double w_est = 0;
  double prior = 0;
  double start = -1;

  void ack(double now, double rtt) {
    if (start < 0) {
      start = now;
      k = w_max > window ? std::cbrt((w_max - window) / 0.4) : 0;
      w_max = std::max(w_max, window);
      w_est = window;
    }
    const double t = now - start;
    const double target = std::min(std::max(0.4 * std::pow(t + rtt - k, 3) + w_max, window), 1.5 * window);
    w_est += (w_est < prior ? 0.9 / 1.7 : 1.0) / window;
    const double cubic = 0.4 * std::pow(t - k, 3) + w_max;
    window = cubic < w_est ? std::max(window, w_est) : window + (target - window) / window;
  }
  void lose() {
    prior = window;
    w_max = window < w_max ? window * 0.85 : window;
    window = std::max(2.0, window * 0.7);
    start = -1;
  }
};

TEST(VirtualFlowEnsemble, OneConnectionIsExactlyCubic) {
  Driven link;
  link.leave_start(300);
  link.lose();
  link.rounds(1);
  link.lose();
  PlainCubic plain{};
  // Both begin at a back-off from the same windows.
  const double after = static_cast<double>(link.ensemble.window());
  plain.window = after / 0.7;
  plain.w_max = 1e9;
  plain.lose();
  Time epoch = link.now;
  link.largest = link.next;
  for (int i = 0; i < 20000; ++i) {
    const double window = static_cast<double>(link.ensemble.window());
    link.now += std::chrono::duration_cast<Duration>(kRtt / window);
    link.ack(1, link.ensemble.window());
    plain.ack(to_seconds(link.now - epoch), to_seconds(kRtt));
    ASSERT_NEAR(static_cast<double>(link.ensemble.window()), plain.window, 1 + plain.window * 0.01) << i;
    if (i == 9000) {
      link.lose();
      plain.lose();
      link.largest = link.next;
    }
  }
}

TEST(VirtualFlowEnsemble, OneConnectionBacksOffByThreeTenths) {
  Driven link;
  link.leave_start(1000);
  EXPECT_NEAR(link.lose(), 0.3, 0.01);
}

TEST(VirtualFlowEnsemble, OneRoundTripIsOneBackOffForOneConnection) {
  Driven link;
  link.leave_start(1000);
  const std::uint64_t first = link.next;
  link.lose();
  const std::size_t window = link.ensemble.window();
  for (std::uint64_t number = first - 50; number < first; ++number) {
    static_cast<void>(link.ensemble.on_loss(number, link.next));
  }
  EXPECT_EQ(link.ensemble.window(), window);
}

TEST(VirtualFlowEnsemble, EachConnectionMakesBackOffMilder) {
  double last = 1;
  for (const std::uint32_t hosted : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U}) {
    Driven link(hosted);
    link.leave_start(4000);
    double lost = 0;
    for (int i = 0; i < 20; ++i) {
      lost += link.lose() / 20;
      link.rounds(2);
    }
    EXPECT_LT(lost, last) << hosted;
    EXPECT_NEAR(lost, 0.3 / hosted, 0.15 / hosted) << hosted;
    last = lost;
  }
}

TEST(VirtualFlowEnsemble, EachConnectionMakesGrowthQuicker) {
  double last = 0;
  for (const std::uint32_t hosted : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U}) {
    Driven link(hosted);
    link.leave_start(2000);
    const double before = static_cast<double>(link.ensemble.window());
    link.rounds(40);
    const double grown = static_cast<double>(link.ensemble.window()) - before;
    EXPECT_GT(grown, last) << hosted;
    last = grown;
  }
}

TEST(VirtualFlowEnsemble, ManyLossesInOneRoundTripCostThreeTenthsAtMost) {
  Driven link(50);
  link.leave_start(2000);
  const double before = static_cast<double>(link.ensemble.window());
  const std::uint64_t next = link.next + 1000;
  for (std::uint64_t i = 0; i < 1000; ++i) static_cast<void>(link.ensemble.on_loss(link.next + i, next));
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()) / before, 0.7, 0.02);
}

TEST(VirtualFlowEnsemble, NeverBelowTheNumberOfConnections) {
  Driven link(100);
  link.leave_start(200);
  for (int i = 0; i < 2000; ++i) {
    link.lose();
    EXPECT_GE(link.ensemble.window(), 100U);
  }
  link.ensemble.on_pto();  // only probes until an acknowledgement comes
  link.rounds(1);
  EXPECT_GE(link.ensemble.window(), 100U);
}

TEST(VirtualFlowEnsemble, FloorHoldsUnderAnotherRuleAndYieldsAfterATimeout) {
  Driven link(100);
  link.leave_start(200);
  link.ensemble.hold(20);
  EXPECT_EQ(link.ensemble.window(), 100U);
  link.ensemble.on_pto();
  EXPECT_EQ(link.ensemble.window(), 20U);
}

TEST(VirtualFlowEnsemble, KeepsToTheMaximumUnlessTheFloorIsAbove) {
  Driven link(4, 128, 500);
  link.rounds(200);
  EXPECT_LE(link.ensemble.window(), 500U);
  EXPECT_GE(link.ensemble.window(), 490U);
  EXPECT_NEAR(link.lose(), link.ensemble.starting() ? 0.5 : 0.075, 0.5);
  EXPECT_LT(link.ensemble.window(), 500U);  // growth beyond the maximum was not saved up
  link.ensemble.set_max_window(3);
  EXPECT_EQ(link.ensemble.window(), 4U);
}

TEST(VirtualFlowEnsemble, AboveItsFlowsEachStandsForSeveral) {
  Driven link(256, 64);
  link.leave_start(4000);
  EXPECT_EQ(link.ensemble.flows(), 64U);
  double lost = 0;
  for (int i = 0; i < 20; ++i) {
    lost += link.lose() / 20;
    link.rounds(2);
  }
  EXPECT_NEAR(lost, 0.3 / 64, 0.15 / 64);
}

TEST(VirtualFlowEnsemble, AJoiningConnectionBringsAnInitialWindow) {
  Driven link(4);
  link.leave_start(2000);
  const std::size_t before = link.ensemble.window();
  link.ensemble.set_hosted(5, true);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window() - before), 10, 1.01);
  EXPECT_EQ(link.ensemble.flows(), 5U);
}

TEST(VirtualFlowEnsemble, AJoiningConnectionProvesNoUnusedWindow) {
  Driven link(4);
  link.leave_start(2000);
  link.ack(1, 5);  // hardly anything in flight
  const std::size_t before = link.ensemble.window();
  link.ensemble.set_hosted(64, false);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), static_cast<double>(before), 2);
  link.ensemble.set_hosted(1, false);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), static_cast<double>(before), 3);
}

TEST(VirtualFlowEnsemble, ALeavingConnectionTakesItsWindowAlongWhereAQueueStands) {
  Driven link(10);
  link.leave_start(2000);
  const double before = static_cast<double>(link.ensemble.window());
  link.ensemble.set_hosted(5, true);
  // Over one round trip, so that sending never stops.
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before, 3);
  for (int i = 0; i < 200; ++i) link.ack(static_cast<std::size_t>(before / 100), 10);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before / 2, before * 0.2);
}

TEST(VirtualFlowEnsemble, AQueuelessPathKeepsTheWindowOfWhoLeaves) {
  Driven link(10);
  link.leave_start(2000);
  const double before = static_cast<double>(link.ensemble.window());
  link.ensemble.set_hosted(1, false);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before, 3);
  EXPECT_EQ(link.ensemble.flows(), 1U);
  EXPECT_NEAR(link.lose(), 0.3, 0.01);  // but answers loss as one
}

TEST(VirtualFlowEnsemble, UndoesASpuriousBackOff) {
  for (const std::uint32_t hosted : {1U, 10U}) {
    Driven link(hosted);
    link.leave_start(2000);
    const std::size_t before = link.ensemble.window();
    link.lose();
    EXPECT_LT(link.ensemble.window(), before);
    link.ensemble.on_spurious(link.last_lost, link.last_charge);
    EXPECT_EQ(link.ensemble.window(), before);
  }
}

TEST(VirtualFlowEnsemble, OneRealLossKeepsTheBackOff) {
  Driven link;
  link.leave_start(2000);
  link.lose();
  const std::uint64_t first = link.last_lost;
  const FlowCharge charge = link.last_charge;
  const FlowCharge second = link.ensemble.on_loss(first - 10, link.next);
  const std::size_t window = link.ensemble.window();
  link.ensemble.on_spurious(first, charge);
  EXPECT_EQ(link.ensemble.window(), window);
  link.ensemble.on_spurious(first - 10, second);
  EXPECT_GT(link.ensemble.window(), window);
}

TEST(VirtualFlowEnsemble, AnEarlierBackOffsLossDoesNotUndoALaterOne) {
  Driven link;
  link.leave_start(2000);
  link.lose();
  const std::uint64_t first = link.last_lost;
  const FlowCharge charge = link.last_charge;
  link.lose();
  const std::size_t window = link.ensemble.window();
  link.ensemble.on_spurious(first, charge);
  EXPECT_EQ(link.ensemble.window(), window);
}

TEST(VirtualFlowEnsemble, SpuriousLossInStartUpGoesOnDoubling) {
  Driven link;
  link.rounds(3);
  const std::size_t before = link.ensemble.window();
  link.lose();
  EXPECT_FALSE(link.ensemble.starting());
  link.ensemble.on_spurious(link.last_lost, link.last_charge);
  EXPECT_TRUE(link.ensemble.starting());
  EXPECT_EQ(link.ensemble.window(), before);
}

TEST(VirtualFlowEnsemble, MarksCountAsLossesAndCannotBeUndone) {
  Driven link(4);
  link.leave_start(2000);
  const double before = static_cast<double>(link.ensemble.window());
  link.ensemble.on_congestion_marks(1, link.next, link.next + 1);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()) / before, 1 - 0.3 / 4, 0.04);
  link.ensemble.on_congestion_marks(UINT64_MAX, link.next, link.next + 1);
  EXPECT_GE(static_cast<double>(link.ensemble.window()) / before, 0.69);
}

TEST(VirtualFlowEnsemble, StartUpDoublesAndItsFirstLossHalves) {
  Driven link;
  EXPECT_EQ(link.ensemble.window(), 10U);
  link.round();
  EXPECT_EQ(link.ensemble.window(), 20U);
  link.rounds(4);
  EXPECT_EQ(link.ensemble.window(), 320U);
  EXPECT_NEAR(link.lose(), 0.5, 0.01);
}

TEST(VirtualFlowEnsemble, StartsWithFourInitialWindowsAtMost) {
  EXPECT_EQ(Driven(3).ensemble.window(), 30U);
  EXPECT_EQ(Driven(30).ensemble.window(), 40U);
}

TEST(VirtualFlowEnsemble, LeavesStartUpAtWhatThePathDelivers) {
  Driven link;
  link.rounds(6);
  const std::size_t window = link.ensemble.window();
  link.ack(1, window, static_cast<double>(window) * 0.8);
  EXPECT_NEAR(link.lose(), 0.2, 0.01);
}

TEST(VirtualFlowEnsemble, AnIdleLinkKeepsItsWindow) {
  Driven link;
  link.leave_start(1000);
  const std::size_t before = link.ensemble.window();
  link.now += 5s;
  for (int i = 0; i < 20; ++i) {
    link.now += 100ms;
    link.ack(1, 2);
  }
  EXPECT_EQ(link.ensemble.window(), before);  // neither grown nor shrunk
  link.round();
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), static_cast<double>(before),
              static_cast<double>(before) * 0.05);
}

TEST(VirtualFlowEnsemble, AfterALongPauseTheWindowIsProvenAnew) {
  Driven link;
  link.leave_start(1000);
  const double before = static_cast<double>(link.ensemble.window());
  link.ensemble.on_restart(link.next);
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before / 2, 2);
  link.rounds(2);
  EXPECT_FALSE(link.ensemble.starting());
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before, before * 0.1);
  link.rounds(5);
  EXPECT_LT(static_cast<double>(link.ensemble.window()), before * 1.5);  // no doubling beyond what was known
}

TEST(VirtualFlowEnsemble, PersistentCongestionBeginsAgain) {
  Driven link;
  link.leave_start(1000);
  const double before = static_cast<double>(link.ensemble.window());
  link.ensemble.on_persistent_congestion(link.next);
  EXPECT_EQ(link.ensemble.window(), 10U);
  EXPECT_EQ(link.ensemble.on_loss(link.next - 1, link.next), kNotCharged);  // of the same collapse
  EXPECT_EQ(link.ensemble.window(), 10U);
  link.largest = link.next;
  link.rounds(6);
  EXPECT_FALSE(link.ensemble.starting());
  EXPECT_NEAR(static_cast<double>(link.ensemble.window()), before / 2, before * 0.25);
}

TEST(VirtualFlowEnsemble, PacesFasterThanTheWindowNeeds) {
  Driven link;
  const auto rate = [&] { return link.ensemble.pacing_rate(1250, 100ms); };
  EXPECT_NEAR(rate(), 2.0 * 10 * 1250 / 0.1, 1);
  link.leave_start(1000);
  EXPECT_NEAR(rate(), 1.25 * static_cast<double>(link.ensemble.window()) * 1250 / 0.1, 1);
}

/// The window in use after `rounds` of an ensemble that was held and is released.
enum class Flows : std::uint8_t { lossless, proven };
std::size_t released(std::uint32_t hosted, Flows flows, double window, int rounds) {
  Driven driven(hosted);
  driven.rounds(3);
  static_cast<void>(driven.lose());
  driven.ensemble.hold(window);
  driven.rounds(10);
  flows == Flows::lossless ? driven.ensemble.release_lossless(window) : driven.ensemble.release(window);
  driven.rounds(rounds);
  return driven.ensemble.window();
}

TEST(VirtualFlowEnsemble, FlowsThatHaveLostNothingGrowByATwentiethARoundTrip) {
  EXPECT_EQ(released(4, Flows::lossless, 200, 0), 200U);
  EXPECT_NEAR(static_cast<double>(released(4, Flows::lossless, 200, 15)), 200 * std::pow(1.05, 15), 10);
  EXPECT_LT(released(4, Flows::proven, 200, 15), 300U);
}

TEST(VirtualFlowEnsemble, SmallFlowsThatHaveLostNothingDouble) {
  EXPECT_NEAR(static_cast<double>(released(32, Flows::lossless, 200, 2)), 800, 40);
  EXPECT_LT(released(32, Flows::lossless, 200, 8), 32U * 32 * 2);
}

TEST(VirtualFlowEnsemble, ALossEndsTheGrowthOfTheFlowThatItHits) {
  Driven driven(1);
  driven.ensemble.release_lossless(100);
  static_cast<void>(driven.lose());
  driven.rounds(8);
  EXPECT_LT(driven.ensemble.window(), 100U);
}

TEST(VirtualFlowEnsemble, NeighboursAreOneFlowsLossWhereFlowsAreLarge) {
  for (const double each : {20.0, 5.0}) {
    Driven driven(64);
    driven.ensemble.release(each * 64);
    for (std::uint64_t number = driven.next; number < driven.next + 4; ++number) {
      static_cast<void>(driven.ensemble.on_loss(number, driven.next + 4));
    }
    const double given_up = each * 64 - static_cast<double>(driven.ensemble.window());
    EXPECT_NEAR(given_up / (0.3 * each), each > 10 ? 2 : 4, 1) << each;
  }
}

TEST(VirtualFlowEnsemble, TakesAnyNumberOfConnections) {
  Driven link;
  link.leave_start(1000);
  link.ensemble.set_hosted(UINT32_MAX, true);
  link.rounds(2);
  link.ensemble.set_hosted(0, true);
  link.rounds(2);
  EXPECT_EQ(link.ensemble.hosted(), 1U);
  EXPECT_GE(link.ensemble.window(), 2U);
}

}  // namespace
}  // namespace ringway::tmp

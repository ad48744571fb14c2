#include "tmp_protocol/loss_detection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/limits.h"
#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 10s;
using Numbers = std::vector<std::uint64_t>;

struct LossDetectionTest : testing::Test {
  SentPackets sent;
  RttEstimator rtt;
  LossDetection loss{sent, rtt};
  Time now = kStart;

  LossDetectionTest() {
    for (int i = 0; i < 100; ++i) rtt.on_sample(80ms, 0ms, kStart);
  }
  std::uint64_t send(PacketClass cls = PacketClass::data) {
    const std::uint64_t number = sent.commit(now, 1200, cls, {});
    if (cls == PacketClass::data) loss.on_sent(now);
    return number;
  }
  void send_many(int count, Duration gap = 1ms) {
    for (int i = 0; i < count; ++i, now += gap) send();
  }
  Status ack(std::vector<PacketRange> ranges, Duration delay = 0ms) {
    AckInfo info;
    info.delay = delay;
    info.count = ranges.size();
    std::copy(ranges.begin(), ranges.end(), info.ranges.begin());
    return loss.on_ack(info, now);
  }
  static Numbers numbers(std::span<const std::uint64_t> span) { return {span.begin(), span.end()}; }
};

TEST_F(LossDetectionTest, ReportsEachAcknowledgedPacketOnce) {
  send_many(4);
  now += 80ms;
  ASSERT_TRUE(ack({{0, 1}}).ok());
  EXPECT_EQ(numbers(loss.acked()), (Numbers{1, 0}));
  loss.settle(now);
  ASSERT_TRUE(ack({{0, 2}}).ok());
  EXPECT_EQ(numbers(loss.acked()), (Numbers{2}));
  loss.settle(now);
  ASSERT_TRUE(ack({{0, 2}}).ok());
  EXPECT_TRUE(loss.acked().empty());
}

TEST_F(LossDetectionTest, RefusesAcknowledgementsOfTheFuture) {
  send_many(3);
  EXPECT_FALSE(ack({{0, 3}}).ok());
}

TEST_F(LossDetectionTest, RefusesAcknowledgementsOfSkippedNumbers) {
  send_many(3);
  sent.skip();
  send_many(2);
  EXPECT_TRUE(ack({{4, 5}, {0, 2}}).ok());
  EXPECT_FALSE(ack({{0, 5}}).ok());
}

TEST_F(LossDetectionTest, LosesByThreePackets) {
  send_many(5);
  now += 75ms;
  ASSERT_TRUE(ack({{1, 2}}).ok());
  EXPECT_TRUE(loss.lost().empty());
  ASSERT_TRUE(ack({{1, 3}}).ok());
  EXPECT_EQ(numbers(loss.lost()), (Numbers{0}));
}

TEST_F(LossDetectionTest, LosesByTimeWithTheTimer) {
  send_many(2, 0ms);
  now += 80ms;
  ASSERT_TRUE(ack({{1, 1}}).ok());
  EXPECT_TRUE(loss.lost().empty());
  EXPECT_EQ(loss.timeout(), kStart + 90ms);  // nine eighths of the RTT
  EXPECT_EQ(loss.on_timer(now + 9ms), TimerAction::none);
  EXPECT_EQ(loss.on_timer(kStart + 90ms), TimerAction::losses);
  EXPECT_EQ(numbers(loss.lost()), (Numbers{0}));
  EXPECT_EQ(loss.timeout(), kNever);
}

TEST_F(LossDetectionTest, LateAcknowledgementsAreToldAndWidenTheWindow) {
  send_many(10);
  now += 70ms;
  ASSERT_TRUE(ack({{5, 9}}).ok());
  EXPECT_EQ(loss.lost().size(), 5U);
  loss.settle(now);
  EXPECT_EQ(loss.reordering_window(), rtt.smoothed() / 8);
  now += 5ms;
  ASSERT_TRUE(ack({{0, 9}}).ok());
  EXPECT_EQ(numbers(loss.late()), (Numbers{4, 3, 2, 1, 0}));
  EXPECT_TRUE(loss.acked().empty());
  EXPECT_EQ(loss.reordering_window(), rtt.smoothed() / 4);
}

TEST_F(LossDetectionTest, ProvenReorderingEndsThePacketRuleForSixteenRecoveries) {
  send_many(10);
  now += 70ms;
  ASSERT_TRUE(ack({{5, 9}}).ok());
  loss.settle(now);
  ASSERT_TRUE(ack({{0, 9}}).ok());
  loss.settle(now);
  for (int recovery = 0; recovery < 16; ++recovery) {
    const std::uint64_t first = sent.next_number();
    send_many(10, 0ms);
    now += 80ms;
    ASSERT_TRUE(ack({{first + 1, first + 9}}).ok());
    ASSERT_TRUE(loss.lost().empty()) << recovery;  // nine later ones do not count, time does
    loss.settle(now);
    now = loss.timeout();
    ASSERT_EQ(loss.on_timer(now), TimerAction::losses);
    ASSERT_EQ(loss.lost().size(), 1U);
    loss.settle(now);
  }
  const std::uint64_t first = sent.next_number();
  send_many(10, 0ms);
  now += 80ms;
  ASSERT_TRUE(ack({{first + 1, first + 9}}).ok());
  EXPECT_EQ(loss.lost().size(), 1U);
  EXPECT_EQ(loss.reordering_window(), std::max(rtt.smoothed(), rtt.latest()) / 8);
}

TEST_F(LossDetectionTest, WindowGrowsToOneRttAtMost) {
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t first = sent.next_number();
    send_many(5, 0ms);
    now += 80ms;
    ASSERT_TRUE(ack({{first + 4, first + 4}}).ok());
    loss.settle(now);
    if (loss.timeout() != kNever) loss.on_timer(now = loss.timeout());
    loss.settle(now);
    ASSERT_TRUE(ack({{first, first + 4}}).ok());
    EXPECT_EQ(loss.late().size(), 4U);
    loss.settle(now);
  }
  EXPECT_EQ(loss.reordering_window(), std::max(rtt.smoothed(), rtt.latest()));
}

TEST_F(LossDetectionTest, ForgetsLostPacketsAfterFourProbeTimeouts) {
  send_many(5);
  now += 75ms;
  ASSERT_TRUE(ack({{4, 4}}).ok());
  EXPECT_EQ(numbers(loss.lost()), (Numbers{0, 1}));
  loss.settle(now);
  now += 4 * loss.probe_timeout() + 1ms;
  loss.settle(now);
  ASSERT_TRUE(ack({{0, 4}}).ok());
  EXPECT_TRUE(loss.late().empty());
}

TEST_F(LossDetectionTest, TheFirstRttIsThatOfWhateverWasAcknowledgedFirst) {
  rtt = RttEstimator{};
  send();
  sent.commit(now, 40, PacketClass::ack_only, {});
  now += 20ms;
  ASSERT_TRUE(ack({{0, 1}}, 2ms).ok());
  EXPECT_TRUE(loss.rtt_sampled());
  EXPECT_EQ(rtt.latest(), 20ms);
}

TEST_F(LossDetectionTest, SamplesTheRttOfTheHighestOnly) {
  send_many(3, 10ms);
  now = kStart + 100ms;
  ASSERT_TRUE(ack({{0, 1}}, 2ms).ok());
  EXPECT_TRUE(loss.rtt_sampled());
  EXPECT_EQ(rtt.latest(), 88ms);
  loss.settle(now);
  now += 100ms;
  ASSERT_TRUE(ack({{2, 2}}).ok());
  EXPECT_TRUE(loss.rtt_sampled());
  loss.settle(now);
  send_many(2);
  ASSERT_TRUE(ack({{4, 4}}).ok());
  loss.settle(now);
  // The highest is not new: its delay says nothing of when packet 3 arrived.
  ASSERT_TRUE(ack({{3, 4}}).ok());
  EXPECT_EQ(numbers(loss.acked()), (Numbers{3}));
  EXPECT_FALSE(loss.rtt_sampled());
}

TEST_F(LossDetectionTest, ProbesASilentPathOnceInAProbeTimeoutAndLaterEverLessDownToTwoSeconds) {
  send();
  const Duration base = loss.probe_timeout();
  const Time silent = now;
  Duration last{};
  for (int i = 0; now - silent < 30s; ++i) {
    const Duration wait = loss.timeout() - now;
    EXPECT_LE(wait, 2s) << i;
    if (now - silent < limits::kEagerProbes - base) {
      EXPECT_EQ(wait, base) << i;
    } else {
      EXPECT_TRUE(wait == 2s || wait == 2 * last || wait == base) << i;
    }
    last = wait;
    now = loss.timeout();
    EXPECT_EQ(loss.on_timer(now), TimerAction::probes);
    loss.on_sent(now);
  }
  EXPECT_EQ(last, 2s);
  ASSERT_TRUE(ack({{0, 0}}).ok());
  EXPECT_EQ(loss.pto_count(), 0U);
  EXPECT_EQ(loss.timeout(), kNever);
}

TEST_F(LossDetectionTest, ProbesAnIdleTailEarlyAndTwice) {
  send();
  loss.set_tail_probes(true);
  const Duration pto = rtt.probe_timeout();
  EXPECT_EQ(loss.timeout(), kStart + pto / 4);
  now = loss.timeout();
  EXPECT_EQ(loss.on_timer(now), TimerAction::tail_probe);
  loss.on_sent(now);
  EXPECT_EQ(loss.timeout(), now + pto / 2);
  now = loss.timeout();
  EXPECT_EQ(loss.on_timer(now), TimerAction::tail_probe);
  loss.on_sent(now);
  EXPECT_EQ(loss.timeout(), now + loss.probe_timeout());
  EXPECT_EQ(loss.pto_count(), 0U);
}

TEST_F(LossDetectionTest, NothingInFlightNothingToProbe) {
  EXPECT_EQ(loss.timeout(), kNever);
  send(PacketClass::ack_only);
  EXPECT_EQ(loss.timeout(), kNever);
  send(PacketClass::mtu_probe);
  EXPECT_EQ(loss.timeout(), kNever);
}

TEST_F(LossDetectionTest, SilenceAcrossThreeProbeTimeoutsIsPersistentCongestion) {
  send();
  now += 80ms;
  ASSERT_TRUE(ack({{0, 0}}).ok());
  loss.settle(now);
  send_many(3);
  for (int i = 0; i < 4; ++i) {
    now = loss.timeout();
    ASSERT_EQ(loss.on_timer(now), TimerAction::probes);
    send();
  }
  now += 80ms;
  ASSERT_TRUE(ack({{7, 7}}).ok());
  EXPECT_EQ(loss.lost().size(), 6U);
  EXPECT_TRUE(loss.persistent_congestion());
}

TEST_F(LossDetectionTest, LossesInOneFlightAreNotPersistentCongestion) {
  send_many(20);
  now += 80ms;
  ASSERT_TRUE(ack({{15, 19}}).ok());
  EXPECT_EQ(loss.lost().size(), 15U);
  EXPECT_FALSE(loss.persistent_congestion());
}

TEST_F(LossDetectionTest, CountsCongestionMarksOnce) {
  send_many(4);
  now += 80ms;
  AckInfo info;
  info.count = 1;
  info.ranges[0] = {0, 3};
  info.ecn.ce = 2;
  ASSERT_TRUE(loss.on_ack(info, now).ok());
  EXPECT_EQ(loss.new_ce(), 2U);
  loss.settle(now);
  ASSERT_TRUE(loss.on_ack(info, now).ok());
  EXPECT_EQ(loss.new_ce(), 0U);
}

/// Whatever the acknowledgements and their order, each packet ends once, and as a set says.
TEST_F(LossDetectionTest, EveryPacketEndsOnceUnderRandomAcknowledgements) {
  SeededRandom random(11);
  std::set<std::uint64_t> received;
  std::set<std::uint64_t> reported;
  std::vector<std::vector<PacketRange>> late_acks;
  for (int round = 0; round < 400; ++round) {
    const std::uint64_t first = sent.next_number();
    send_many(static_cast<int>(random.below(20)) + 1, 100us);
    for (std::uint64_t number = first; number < sent.next_number(); ++number) {
      if (random.below(10) != 0) received.insert(number);
    }
    now += 80ms;
    std::vector<PacketRange> ranges;
    for (auto it = received.rbegin(); it != received.rend() && ranges.size() < 60; ++it) {
      if (!ranges.empty() && ranges.back().first == *it + 1) {
        ranges.back().first = *it;
      } else {
        ranges.push_back({*it, *it});
      }
    }
    late_acks.push_back(ranges);
    // Now and then an older acknowledgement comes behind.
    for (const auto& list : {late_acks[random.below(late_acks.size())], ranges}) {
      if (list.empty()) continue;
      ASSERT_TRUE(ack(list).ok());
      for (const auto span : {loss.acked(), loss.late()}) {
        for (const std::uint64_t number : span) {
          ASSERT_TRUE(received.contains(number));
          ASSERT_TRUE(reported.insert(number).second) << number;
        }
      }
      for (const std::uint64_t number : loss.lost()) ASSERT_FALSE(reported.contains(number)) << number;
      loss.settle(now);
    }
  }
  for (const std::uint64_t number : received) ASSERT_TRUE(reported.contains(number)) << number;
}

}  // namespace
}  // namespace ringway::tmp

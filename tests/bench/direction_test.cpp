#include "tests/bench/emulator/direction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ringway::wan {
namespace {

using std::chrono::milliseconds;

constexpr Time kStart{std::chrono::seconds(1)};
constexpr std::size_t kPacketOctets = 1250;  // 1 ms at 10 Mbit/s
constexpr char kUdp = 17, kTcp = 6;

/// An IPv4 packet as far as the path looks at it; `number` tells it from others.
std::string packet(int number, char protocol = kUdp, std::size_t octets = kPacketOctets) {
  std::string made(octets, '\0');
  made[0] = 0x45;
  made[9] = protocol;
  made.back() = static_cast<char>(number);
  return made;
}

void take(Direction& direction, int count, Time now = kStart) {
  for (int number = 0; number < count; ++number) direction.take(as_bytes(packet(number)), now);
}

/// The numbers of what comes out by `now`, in its order.
std::vector<int> out_by(Direction& direction, Time now) {
  std::vector<int> numbers;
  for (Bytes out = direction.next_out(now); !out.empty(); out = direction.next_out(now)) numbers.push_back(out.back());
  return numbers;
}

TEST(Direction, ServesAtItsRateAndThenDelays) {
  Direction direction;
  direction.set("rate_mbit", 10);
  direction.set("delay_ms", 40);
  take(direction, 2);
  EXPECT_LE(direction.next_due(), kStart + milliseconds(41));
  EXPECT_TRUE(out_by(direction, kStart + milliseconds(41) - Duration(1)).empty());
  EXPECT_EQ(out_by(direction, kStart + milliseconds(41)), std::vector<int>({0}));
  EXPECT_EQ(direction.next_due(), kStart + milliseconds(42));
  EXPECT_EQ(out_by(direction, kStart + milliseconds(42)), std::vector<int>({1}));
  EXPECT_EQ(direction.next_due(), kNever);
}

TEST(Direction, DropsWhatItsQueueCannotHold) {
  Direction direction;
  direction.set("rate_mbit", 10);
  direction.set("queue_octets", 3 * kPacketOctets);
  take(direction, 5);
  EXPECT_EQ(direction.counters().queue_drops, 2U);
  EXPECT_EQ(out_by(direction, kStart + milliseconds(3)), std::vector<int>({0, 1, 2}));
  EXPECT_EQ(direction.counters().waits[2], 1U);
}

TEST(Direction, LosesAsManyAsItShouldInRunsAsLongAsTheyShould) {
  for (const double burst : {1.0, 4.0}) {
    Direction direction;
    direction.seed(7);
    direction.set("loss_percent", 3);
    direction.set("loss_burst", burst);
    constexpr int kCount = 200'000;
    int lost = 0, runs = 0;
    bool was_lost = false;
    for (int number = 0; number < kCount; ++number) {
      take(direction, 1);
      const bool is_lost = out_by(direction, kStart).empty();
      lost += is_lost ? 1 : 0;
      runs += is_lost && !was_lost ? 1 : 0;
      was_lost = is_lost;
    }
    EXPECT_NEAR(static_cast<double>(lost) / kCount, 0.03, 0.002);
    EXPECT_NEAR(static_cast<double>(lost) / runs, burst, 0.2);
  }
}

TEST(Direction, EndsABurstInSilence) {
  Direction direction;
  direction.seed(7);
  direction.set("loss_percent", 3);
  direction.set("loss_burst", 1000);
  constexpr int kCount = 20'000;
  int lost = 0, lost_before = 0, lost_twice = 0;
  for (int number = 0; number < kCount; ++number) {
    const Time now = kStart + number * (kBurstMemory + milliseconds(1));
    take(direction, 1, now);
    const int is_lost = out_by(direction, now).empty() ? 1 : 0;
    lost += is_lost;
    lost_twice += is_lost * lost_before;
    lost_before = is_lost;
  }
  EXPECT_NEAR(static_cast<double>(lost) / kCount, 0.03, 0.005);
  EXPECT_NEAR(static_cast<double>(lost_twice) / lost, 0.03, 0.02);
}

TEST(Direction, JitterReordersUnlessTheOrderIsKept) {
  for (const double keep : {0.0, 1.0}) {
    Direction direction;
    direction.set("jitter_ms", 10);
    direction.set("keep_order", keep);
    take(direction, 50);
    const std::vector<int> out = out_by(direction, kStart + milliseconds(10));
    EXPECT_EQ(out.size(), 50U);
    EXPECT_EQ(std::is_sorted(out.begin(), out.end()), keep > 0);
  }
}

TEST(Direction, BlocksUdpAlone) {
  Direction direction;
  direction.set("block_udp", 1);
  direction.take(as_bytes(packet(1, kUdp)), kStart);
  direction.take(as_bytes(packet(2, kTcp)), kStart);
  EXPECT_EQ(out_by(direction, kStart), std::vector<int>({2}));
  EXPECT_EQ(direction.counters().refused_packets, 1U);
}

TEST(Direction, SwallowsPacketsAboveItsMtu) {
  Direction direction;
  direction.set("mtu_octets", kPacketOctets - 1);
  take(direction, 1);
  EXPECT_TRUE(out_by(direction, kStart).empty());
  EXPECT_EQ(direction.counters().oversize_packets, 1U);
}

TEST(Direction, KnowsItsSettings) {
  Direction direction;
  EXPECT_TRUE(direction.set("loss_percent", 1));
  EXPECT_FALSE(direction.set("los_percent", 1));
}

}  // namespace
}  // namespace ringway::wan

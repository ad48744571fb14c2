// Both ends of tail protection: what is guarded, when repairs leave, and what comes back of what was lost.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "base/random.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/repair_receiver.h"
#include "tmp_protocol/repair_sender.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;

constexpr double kShare = 0.05;

struct RepairTest : testing::Test {
  SeededRandom random{7};
  RepairSender sender{kShare};
  RepairReceiver receiver;
  RepairView view{Time{} + 1s, 0.01, 1, 80ms, 6e6, 0};
  std::uint64_t next = 100;
  std::map<std::uint64_t, Octets> sent;
  std::size_t repairs = 0;
  std::map<std::uint64_t, Octets> repaired;

  RepairTest() { sender.see(view); }

  void wait(Duration time) {
    view.now += time;
    sender.see(view);
  }
  /// A guarded packet; returns its number.
  std::uint64_t guard(std::size_t octets) {
    Octets frames(octets);
    for (std::uint8_t& octet : frames) octet = static_cast<std::uint8_t>(random.next());
    sender.on_guarded(next, frames);
    sent[next] = frames;
    return next++;
  }
  void deliver(std::uint64_t number) { receiver.keep(number, sent[number]); }
  /// Sends what is owed; the repairs whose ordinal is in `lost` do not arrive.
  void send_repairs(const std::set<std::size_t>& lost = {}) {
    std::array<std::uint8_t, 1472> room;
    while (sender.due()) {
      FrameWriter writer(room);
      ASSERT_TRUE(sender.write(writer));
      ++next;  // a packet of its own
      FrameReader reader(writer.written());
      ASSERT_TRUE(reader.next());
      if (!lost.contains(repairs++)) receiver.take(reader.repair());
      collect();
    }
  }
  void collect() {
    for (auto one = receiver.next(); !one.frames.empty(); one = receiver.next()) {
      EXPECT_TRUE(repaired.emplace(one.number, Octets(one.frames.begin(), one.frames.end())).second);
    }
  }
};

TEST_F(RepairTest, GuardsTheLastRoundTripOfABurst) {
  EXPECT_TRUE(sender.guards(0));
  EXPECT_TRUE(sender.guards(static_cast<std::uint64_t>(6e6 * 0.08)));
  EXPECT_FALSE(sender.guards(2 * static_cast<std::uint64_t>(6e6 * 0.08)));
}

TEST_F(RepairTest, GuardsNothingWhereNothingIsLostOrNothingMayBeSpent) {
  sender.set_share(0);
  EXPECT_FALSE(sender.guards(0));
  sender.set_share(kShare);
  view.loss = 0;
  wait(1ms);
  EXPECT_FALSE(sender.guards(0));
}

TEST_F(RepairTest, AFullGroupIsOwedAtOnceAndThreeLossesOfItComeBack) {
  std::vector<std::uint64_t> numbers;
  while (!sender.due()) numbers.push_back(guard(1000 + random.below(400)));
  EXPECT_EQ(numbers.size(), 48U);
  const std::set<std::uint64_t> lost = {numbers[0], numbers[20], numbers[47]};
  for (const std::uint64_t number : numbers) {
    if (!lost.contains(number)) deliver(number);
  }
  send_repairs();
  EXPECT_EQ(repairs, 3U);
  ASSERT_EQ(repaired.size(), 3U);
  for (const std::uint64_t number : lost) EXPECT_EQ(repaired[number], sent[number]);
}

TEST_F(RepairTest, ALossComesBackWhicheverRepairArrives) {
  for (std::size_t arriving = 0; arriving < 3; ++arriving) {
    std::vector<std::uint64_t> numbers;
    while (!sender.due()) numbers.push_back(guard(1200));
    for (std::size_t i = 1; i < numbers.size(); ++i) deliver(numbers[i]);
    std::set<std::size_t> lost = {repairs, repairs + 1, repairs + 2};
    lost.erase(repairs + arriving);
    send_repairs(lost);
    EXPECT_EQ(repaired[numbers[0]], sent[numbers[0]]) << arriving;
  }
}

TEST_F(RepairTest, AMemberThatOvertakesNothingIsGivenBackByTheOneThatComesLate) {
  std::vector<std::uint64_t> numbers;
  while (!sender.due()) numbers.push_back(guard(1200));
  for (std::size_t i = 4; i < numbers.size(); ++i) deliver(numbers[i]);
  send_repairs();
  EXPECT_TRUE(repaired.empty());  // four are missing
  deliver(numbers[2]);            // it was late
  collect();
  EXPECT_EQ(repaired.size(), 3U);
  EXPECT_FALSE(repaired.contains(numbers[2]));
}

TEST_F(RepairTest, AGroupThatGathersNothingMoreIsOwedAfterAWhile) {
  const std::uint64_t number = guard(150);
  EXPECT_FALSE(sender.due());
  EXPECT_NE(sender.timeout(), kNever);
  wait(sender.timeout() - view.now);
  EXPECT_TRUE(sender.due());
  send_repairs();
  EXPECT_EQ(repaired[number], sent[number]);
  EXPECT_EQ(sender.timeout(), kNever);
}

TEST_F(RepairTest, AGroupIsNotOwedWhileMoreWaits) {
  guard(1200);
  view.waiting = 5000;
  wait(1s);
  EXPECT_FALSE(sender.due());
}

TEST_F(RepairTest, OneLargePacketAtLittleLossIsNotWorthItsOctets) {
  guard(1300);
  wait(1s);
  EXPECT_FALSE(sender.due());
  view.loss = 0.04;
  wait(1ms);
  guard(1300);
  wait(1s);
  EXPECT_TRUE(sender.due());
}

TEST_F(RepairTest, BurstsOfLossesHitEachGroupOnce) {
  view.mean_burst = 4;
  wait(1ms);
  std::vector<std::uint64_t> numbers;
  while (!sender.due()) numbers.push_back(guard(1200));
  for (int i = 0; i < 2; ++i) numbers.push_back(guard(1200));  // the other groups fill as well
  const std::set<std::uint64_t> lost = {numbers[30], numbers[31], numbers[32], numbers[33], numbers[34], numbers[35]};
  for (const std::uint64_t number : numbers) {
    if (!lost.contains(number)) deliver(number);
  }
  send_repairs();
  EXPECT_EQ(repaired.size(), lost.size());
}

TEST_F(RepairTest, SpendsNoMoreThanItsShareOfTheRate) {
  std::size_t spent = 0;
  std::array<std::uint8_t, 1472> room;
  view.octets_per_s = 1e6;
  for (int i = 0; i < 10'000; ++i) {  // 10 s of a full link, all of it guarded
    wait(1ms);
    guard(1000);
    while (sender.due()) {
      FrameWriter writer(room);
      ASSERT_TRUE(sender.write(writer));
      spent += writer.size();
      ++next;
    }
  }
  EXPECT_LT(spent, kShare * 1e6 * 11.5);
  EXPECT_GT(spent, kShare * 1e6 * 8);
}

TEST_F(RepairTest, ARepairThatFitsNoPacketAnyMoreIsGivenUp) {
  std::vector<std::uint64_t> numbers;
  while (!sender.due()) numbers.push_back(guard(1400));
  std::array<std::uint8_t, 1200> room;
  FrameWriter writer(room);
  EXPECT_FALSE(sender.write(writer));
  EXPECT_TRUE(writer.empty());
  sender.give_up();
  EXPECT_FALSE(sender.due());
}

TEST_F(RepairTest, AGuardedPacketLeavesRoomForItsRepair) {
  for (const double burst : {1.0, 3.0}) {
    view.mean_burst = burst;
    wait(1s);
    const std::size_t packet = 1472;
    while (!sender.due()) {
      guard(packet - sender.headroom() + 1);  // GUARDED is one of them
      next += 2;                              // others go between
      view.now += 1us;
    }
    send_repairs();
  }
}

TEST(RepairReceiver, PassesOverWhatItCannotUse) {
  RepairReceiver receiver;
  RepairFrame frame;
  const Octets nonsense(40, 0xff);
  const Octets others(kMaxRepairOthersOctets, 0xff);
  frame.first = 5;
  frame.others = others;
  frame.data = nonsense;
  receiver.take(frame);
  EXPECT_TRUE(receiver.next().frames.empty());
  frame.others = {};
  frame.first = 1000;
  receiver.take(frame);  // one member, whose length is a lie
  EXPECT_TRUE(receiver.next().frames.empty());
  receiver.keep(7, nonsense);
  EXPECT_TRUE(receiver.next().frames.empty());
}

}  // namespace
}  // namespace ringway::tmp

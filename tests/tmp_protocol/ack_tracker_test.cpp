#include "tmp_protocol/ack_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

std::vector<PacketRange> ranges(const AckTracker& tracker, Time now = kStart) {
  AckInfo ack;
  tracker.fill(ack, now);
  return {ack.list().begin(), ack.list().end()};
}

void receive(AckTracker& tracker, std::initializer_list<std::uint64_t> numbers, Time now = kStart) {
  for (const std::uint64_t number : numbers) tracker.on_received(number, Elicits::ack, 0, now);
}

/// The ranges of a set, highest first.
std::vector<PacketRange> model_ranges(const std::set<std::uint64_t>& numbers) {
  std::vector<PacketRange> out;
  for (auto it = numbers.rbegin(); it != numbers.rend(); ++it) {
    if (!out.empty() && out.back().first == *it + 1) {
      out.back().first = *it;
    } else {
      out.push_back({*it, *it});
    }
  }
  return out;
}

/// Brings a tracker behind the first hundred packets, all acknowledged.
AckTracker settled(Time now = kStart) {
  AckTracker tracker;
  for (std::uint64_t number = 0; number < 200; ++number) tracker.on_received(number, Elicits::ack, 0, now);
  tracker.on_sent();
  return tracker;
}

TEST(AckTracker, JoinsNeighbours) {
  AckTracker tracker;
  receive(tracker, {0, 1, 3, 5, 4});
  EXPECT_EQ(ranges(tracker), (std::vector<PacketRange>{{3, 5}, {0, 1}}));
  receive(tracker, {2});
  EXPECT_EQ(ranges(tracker), (std::vector<PacketRange>{{0, 5}}));
}

TEST(AckTracker, KnowsDuplicates) {
  AckTracker tracker;
  receive(tracker, {0, 1, 5});
  EXPECT_FALSE(tracker.on_received(1, Elicits::ack, 0, kStart));
  EXPECT_FALSE(tracker.on_received(5, Elicits::ack, 0, kStart));
  EXPECT_TRUE(tracker.on_received(3, Elicits::ack, 0, kStart));
}

TEST(AckTracker, MatchesASetForRandomArrivals) {
  SeededRandom random(7);
  for (int run = 0; run < 50; ++run) {
    AckTracker tracker;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 80; ++i) {
      const std::uint64_t number = random.below(110);
      EXPECT_EQ(tracker.on_received(number, Elicits::ack, 0, kStart), model.insert(number).second);
      ASSERT_EQ(ranges(tracker), model_ranges(model));
    }
  }
}

TEST(AckTracker, KeepsTheHighestRangesWithinTheBound) {
  AckTracker tracker;
  for (std::uint64_t number = 0; number < 400; number += 2) tracker.on_received(number, Elicits::ack, 0, kStart);
  EXPECT_EQ(tracker.ranges(), limits::kMaxAckRanges);
  EXPECT_EQ(ranges(tracker).front(), (PacketRange{398, 398}));
  EXPECT_TRUE(tracker.on_received(1, Elicits::ack, 0, kStart));  // too low to be kept
  EXPECT_EQ(tracker.ranges(), limits::kMaxAckRanges);
  EXPECT_TRUE(tracker.on_received(397, Elicits::ack, 0, kStart));  // joins two
  EXPECT_EQ(tracker.ranges(), limits::kMaxAckRanges - 1);
}

TEST(AckTracker, AcknowledgesEverySecondPacketAtFirst) {
  AckTracker tracker;
  receive(tracker, {0});
  EXPECT_FALSE(tracker.due(kStart));
  receive(tracker, {1});
  EXPECT_TRUE(tracker.due(kStart));
}

TEST(AckTracker, ThinsOutByThePeersWindow) {
  AckTracker tracker = settled();
  tracker.set_pace(160, 80ms);
  for (std::uint64_t number = 200; number < 219; ++number) tracker.on_received(number, Elicits::ack, 0, kStart);
  EXPECT_FALSE(tracker.due(kStart));
  receive(tracker, {219});
  EXPECT_TRUE(tracker.due(kStart));
}

TEST(AckTracker, NeverWaitsForMoreThan64Packets) {
  AckTracker tracker = settled();
  tracker.set_pace(1e9, 80ms);
  for (std::uint64_t number = 200; number < 263; ++number) tracker.on_received(number, Elicits::ack, 0, kStart);
  EXPECT_FALSE(tracker.due(kStart));
  receive(tracker, {263});
  EXPECT_TRUE(tracker.due(kStart));
}

TEST(AckTracker, WaitsAnEighthOfTheRttWithinBounds) {
  const auto wait = [](Duration rtt) {
    AckTracker tracker = settled();
    tracker.set_pace(1000, rtt);
    receive(tracker, {200});
    return tracker.timeout() - kStart;
  };
  EXPECT_EQ(wait(24ms), 3ms);
  EXPECT_EQ(wait(1ms), 1ms);
  EXPECT_EQ(wait(400ms), 5ms);
}

TEST(AckTracker, TimeCountsFromTheFirstUnacknowledgedPacket) {
  AckTracker tracker = settled();
  tracker.set_pace(1000, 24ms);
  receive(tracker, {200}, kStart);
  receive(tracker, {201}, kStart + 2ms);
  EXPECT_EQ(tracker.timeout(), kStart + 3ms);
  EXPECT_FALSE(tracker.due(kStart + 2ms));
  EXPECT_TRUE(tracker.due(kStart + 3ms));
}

TEST(AckTracker, SpeaksUpAtOnceOnAGapAndOnItsFilling) {
  AckTracker tracker = settled();
  tracker.set_pace(1000, 80ms);
  receive(tracker, {201});
  EXPECT_TRUE(tracker.due(kStart));
  tracker.on_sent();
  receive(tracker, {202});
  EXPECT_FALSE(tracker.due(kStart));
  receive(tracker, {200});
  EXPECT_TRUE(tracker.due(kStart));
}

TEST(AckTracker, SpeaksUpAtOnceOnCongestionMarks) {
  AckTracker tracker = settled();
  tracker.set_pace(1000, 80ms);
  tracker.on_received(200, Elicits::ack, 3, kStart);
  EXPECT_TRUE(tracker.due(kStart));
  EXPECT_EQ(tracker.ecn().ce, 1U);
}

TEST(AckTracker, SpeaksUpAtOnceOnRequest) {
  AckTracker tracker = settled();
  tracker.set_pace(1000, 80ms);
  tracker.request_now();  // nothing to acknowledge: nothing to hurry
  receive(tracker, {200});
  EXPECT_FALSE(tracker.due(kStart));
  tracker.request_now();
  EXPECT_TRUE(tracker.due(kStart));
}

TEST(AckTracker, DoesNotAcknowledgeAcknowledgements) {
  AckTracker tracker = settled();
  for (std::uint64_t number = 200; number < 300; ++number) {
    tracker.on_received(number, Elicits::nothing, 0, kStart);
  }
  EXPECT_FALSE(tracker.pending());
  EXPECT_EQ(tracker.timeout(), kNever);
  EXPECT_EQ(ranges(tracker).front().last, 299U);  // named where one is sent anyway
}

TEST(AckTracker, ReportsTheDelayOfTheHighestNumber) {
  AckTracker tracker;
  receive(tracker, {5}, kStart);
  receive(tracker, {3}, kStart + 2ms);
  AckInfo ack;
  tracker.fill(ack, kStart + 7ms);
  EXPECT_EQ(ack.delay, 7ms);
  EXPECT_TRUE(well_formed(ack));
}

TEST(AckTracker, DropsWhatThePeerKnowsToBeAcknowledged) {
  AckTracker tracker;
  receive(tracker, {0, 1, 4, 8, 12});
  tracker.on_ack_acked(8);
  EXPECT_EQ(ranges(tracker), (std::vector<PacketRange>{{12, 12}}));
  tracker.on_ack_acked(12);  // the highest stays: an acknowledgement names one
  EXPECT_EQ(ranges(tracker), (std::vector<PacketRange>{{12, 12}}));
}

TEST(AckTracker, AsksForAPingOnceARoundTripWhereRangesPileUp) {
  AckTracker tracker;
  tracker.set_pace(100, 50ms);
  receive(tracker, {0, 2, 4, 6, 8, 10, 12});
  EXPECT_FALSE(tracker.wants_ping(kStart));
  receive(tracker, {14});
  EXPECT_TRUE(tracker.wants_ping(kStart));
  tracker.on_ping(kStart);
  EXPECT_FALSE(tracker.wants_ping(kStart + 49ms));
  EXPECT_TRUE(tracker.wants_ping(kStart + 50ms));
}

TEST(AckInfo, RefusesRangesThatOverlapTouchOrStandUpsideDown) {
  const auto made = [](std::vector<PacketRange> list) {
    AckInfo ack;
    ack.count = list.size();
    std::copy(list.begin(), list.end(), ack.ranges.begin());
    return ack;
  };
  EXPECT_TRUE(well_formed(made({{5, 9}, {1, 3}})));
  EXPECT_FALSE(well_formed(made({})));
  EXPECT_FALSE(well_formed(made({{9, 5}})));
  EXPECT_FALSE(well_formed(made({{5, 9}, {1, 4}})));  // should be one
  EXPECT_FALSE(well_formed(made({{5, 9}, {6, 7}})));
  EXPECT_FALSE(well_formed(made({{0, 9}, {0, 0}})));
}

}  // namespace
}  // namespace ringway::tmp

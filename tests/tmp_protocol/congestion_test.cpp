// What the parts do together, alone over a simulated bottleneck: noise, crowds, reordering, outages. Bounds are wide
// where chance plays; each run replays from its seed.

#include <gtest/gtest.h>

#include <algorithm>

#include "congestion_world.h"

namespace ringway::tmp::simulation {
namespace {

using namespace std::chrono_literals;

TEST(Congestion, FillsAnEmptyPathWithinASecond) {
  for (const double queue : {0.25, 1.0, 4.0}) {
    PathShape shape;
    shape.queue_bdp = queue;
    World world(shape, 1);
    LinkSender& link = world.link(1);
    link.start();
    world.run(11s);
    EXPECT_GT(world.rate(link.arrivals(), 10s), 0.93 * shape.megabits) << queue;
  }
}

struct Lonely {
  std::uint32_t hosted;
  double noise;
};

class Alone : public testing::TestWithParam<Lonely> {};

// Workload 2's path: what stands in it is what a request of ring 0 waits for.
TEST_P(Alone, KeepsTheQueueShort) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    PathShape shape;
    shape.megabits = 20;
    shape.noise = GetParam().noise;
    World world(shape, seed);
    LinkSender& link = world.link(GetParam().hosted);
    link.start();
    world.run(8s);  // what start-up took for others is gone by then
    std::vector<Duration> queues;
    for (int i = 0; i < 2000; ++i) {
      world.run(5ms);
      queues.push_back(world.path.queued());
    }
    std::sort(queues.begin(), queues.end());
    EXPECT_LT(queues[queues.size() / 2], 8ms) << seed;
    EXPECT_LT(queues[queues.size() * 95 / 100], 15ms) << seed;
    EXPECT_GT(world.rate(link.arrivals(), 10s), 0.95 * shape.megabits) << seed;
    EXPECT_FALSE(link.recovery().path_is_shared()) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Crowds, Alone,
                         testing::Values(Lonely{1, 0}, Lonely{8, 0}, Lonely{8, 0.005}, Lonely{20, 0.005},
                                         Lonely{70, 0.005}, Lonely{10, 0.03}));

TEST(Congestion, FollowsAPathThatSlowsDown) {
  World world({}, 4);
  LinkSender& link = world.link(4);
  link.start();
  world.run(5s);
  world.path.set_megabits(15);
  world.run(10s);
  EXPECT_GT(world.rate(link.arrivals(), 5s), 0.9 * 15);
  EXPECT_LT(world.path.queued(), 40ms);
  world.path.set_megabits(50);
  world.run(10s);
  EXPECT_GT(world.rate(link.arrivals(), 2s), 0.85 * 50);
}

TEST(Congestion, NoiseWithoutAQueueDoesNotSlowALoneExchange) {
  for (const double noise : {0.01, 0.03}) {
    PathShape shape;
    shape.noise = noise;
    World world(shape, 2);
    LinkSender& link = world.link(1);
    link.start();
    world.run(22s);
    EXPECT_GT(world.rate(link.arrivals(), 20s), 0.90 * shape.megabits) << noise;
  }
}

TEST(Congestion, BurstsOfNoiseDoNotEither) {
  PathShape shape;
  shape.noise = 0.01;
  shape.burst = 4;
  World world(shape, 2);
  LinkSender& link = world.link(1);
  link.start();
  world.run(22s);
  EXPECT_GT(world.rate(link.arrivals(), 20s), 0.88 * shape.megabits);
  EXPECT_NEAR(link.recovery().losses().mean_burst(), 4, 1.2);
}

TEST(Congestion, TheLiteralAnswerToLossIsASetting) {
  PathShape shape;
  shape.noise = 0.01;
  World world(shape, 2);
  CongestionSettings settings;
  settings.tolerated_noise = 0;
  LinkSender& link = world.link(1, settings);
  link.start();
  world.run(22s);
  EXPECT_LT(world.rate(link.arrivals(), 20s), 0.3 * shape.megabits);
}

TEST(Congestion, LossAboveTheBoundSlowsDown) {
  PathShape shape;
  shape.noise = 0.15;
  World world(shape, 2);
  LinkSender& link = world.link(1);
  link.start();
  world.run(22s);
  EXPECT_LT(world.rate(link.arrivals(), 20s), 0.3 * shape.megabits);
}

TEST(Congestion, DoesNotFloodTheQueue) {
  PathShape shape;
  shape.queue_bdp = 1;
  World world(shape, 3);
  LinkSender& link = world.link(16);
  link.start();
  world.run(60s);
  EXPECT_LT(static_cast<double>(world.path.overflowed()), 0.01 * static_cast<double>(link.packets()));
}

struct Crowd {
  std::uint32_t hosted;
  double queue_bdp;
};

class Crowded : public testing::TestWithParam<Crowd> {};

// The path holds 109 packets without a queue.
TEST_P(Crowded, MoreConnectionsThanThePathHoldsPacketsDoNotFloodIt) {
  PathShape shape;
  shape.megabits = 16;
  shape.queue_bdp = GetParam().queue_bdp;
  World world(shape, 11);
  LinkSender& link = world.link(GetParam().hosted);
  link.start();
  world.run(10s);
  const std::uint64_t sent = link.packets();
  const std::uint64_t lost = world.path.overflowed();
  world.run(20s);
  const auto share = static_cast<double>(world.path.overflowed() - lost) / static_cast<double>(link.packets() - sent);
  EXPECT_LT(share, 0.10);
  EXPECT_GT(world.rate(link.arrivals(), 20s), 0.95 * shape.megabits);
}

INSTANTIATE_TEST_SUITE_P(Queues, Crowded,
                         testing::Values(Crowd{130, 0.25}, Crowd{520, 0.25}, Crowd{130, 1}, Crowd{200, 1},
                                         Crowd{520, 1}, Crowd{1000, 1}, Crowd{200, 4}, Crowd{520, 4}, Crowd{1000, 4}));

TEST(Congestion, ACrowdOnAPathWithoutAQueueGivesWayToWhatGetsThrough) {
  PathShape shape;
  shape.megabits = 16;
  shape.queue_bdp = 0;
  World world(shape, 11);
  LinkSender& link = world.link(520);
  link.start();
  world.run(10s);
  const std::uint64_t sent = link.packets();
  const std::uint64_t lost = world.path.overflowed();
  world.run(10s);
  EXPECT_LT(static_cast<double>(world.path.overflowed() - lost), 0.4 * static_cast<double>(link.packets() - sent));
}

TEST(Congestion, NoiseAloneMakesNoCrowd) {
  PathShape shape;
  shape.megabits = 200;
  shape.noise = 0.15;
  World world(shape, 12);
  LinkSender& link = world.link(50);
  link.start();
  world.run(10s);
  EXPECT_EQ(link.recovery().ensemble().hosted(), 50U);
}

TEST(Congestion, ACrowdCountsInFullAgainWhereThePathGrows) {
  PathShape shape;
  shape.megabits = 16;
  World world(shape, 13);
  LinkSender& link = world.link(200);
  link.start();
  world.run(10s);
  EXPECT_LT(link.recovery().ensemble().hosted(), 150U);
  world.path.set_megabits(160);
  world.run(15s);
  EXPECT_EQ(link.recovery().ensemble().hosted(), 200U);
}

TEST(Congestion, ReorderingDoesNotSlow) {
  PathShape shape;
  shape.jitter = 10ms;
  World world(shape, 6);
  LinkSender& link = world.link(1);
  link.start();
  world.run(22s);
  EXPECT_GT(world.rate(link.arrivals(), 20s), 0.9 * shape.megabits);
  EXPECT_LT(link.recovery().losses().loss_30s(), 0.01);  // what was taken for lost was taken back
}

class Blackout : public testing::TestWithParam<Duration> {};

// A probe is under way when the path is back, its answer takes a round trip, what then leaves half of one.
TEST_P(Blackout, IsOverWithinFourRoundTrips) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world({}, seed);
    LinkSender& link = world.link(4);
    link.start();
    world.run(5s);
    const Time back = world.time.now() + GetParam();
    world.path.black_out(back);
    world.run(GetParam() + 10s);
    const Time then = back + 4 * world.path.shape().rtt;
    EXPECT_GT(link.arrivals().rate(then, then + 150ms), 0.75 * world.path.shape().megabits) << seed;
    EXPECT_GT(link.arrivals().rate(then, then + 2s), 0.9 * world.path.shape().megabits) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, Blackout, testing::Values(300ms, 1s, 5s));

TEST(Congestion, AShrunkenMtuIsFoundAgainWithinASecond) {
  for (const std::size_t size : {1280U, 1420U}) {
    World world({}, 8);
    LinkSender& link = world.link(4);
    link.start();
    world.run(5s);
    EXPECT_EQ(link.recovery().packet_octets(), kPacketOctets);
    world.path.set_max_octets(size);
    world.run(2s);
    EXPECT_GT(world.rate(link.arrivals(), 1s), 0.8 * world.path.shape().megabits) << size;
    world.run(4s);
    EXPECT_EQ(link.recovery().packet_octets(), size == 1280 ? 1280U : 1400U);
  }
}

TEST(Congestion, FillsALongFatLossyPathWithinASecondAndAHalf) {
  PathShape shape;
  shape.megabits = 500;
  shape.rtt = 100ms;
  shape.noise = 0.005;
  World world(shape, 1);
  LinkSender& link = world.link(1);
  link.start();
  world.run(8s);
  EXPECT_GT(link.arrivals().rate(world.begun + 1500ms, world.time.now()), 0.93 * shape.megabits);
}

TEST(Congestion, EveryOctetArrivesOnABadPath) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PathShape shape;
    shape.noise = 0.1;
    shape.ack_noise = 0.1;
    shape.jitter = 30ms;
    shape.queue_bdp = 0.25;
    World world(shape, seed);
    LinkSender& link = world.link(2);
    link.offer(2'000'000);
    world.run(60s);
    EXPECT_TRUE(link.done()) << seed;
    EXPECT_EQ(link.recovery().sent().packets_in_flight(), 0U) << seed;
  }
}

TEST(Congestion, AcknowledgementsAreFew) {
  World world({}, 9);
  LinkSender& link = world.link(4);
  link.start();
  world.run(20s);
  EXPECT_LT(static_cast<double>(link.acks()), 0.08 * static_cast<double>(link.packets()));
}

}  // namespace
}  // namespace ringway::tmp::simulation

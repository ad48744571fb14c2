// What the path tells: the queue in it, its delivery rate, and whether a loss is its noise.

#include "tmp_protocol/path_queue.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tmp_protocol/delivery_rate.h"
#include "tmp_protocol/noise_tolerance.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

/// An estimator and a queue that see the same samples, one a millisecond.
struct Watched {
  RttEstimator rtt;
  PathQueue queue;
  Time now = kStart;

  void sample(Duration value) {
    now += 1ms;
    rtt.on_sample(value, 0ms, now);
    queue.on_sample(rtt, now);
  }
  void samples(int count, Duration value) {
    for (int i = 0; i < count; ++i) sample(value);
  }
};

TEST(PathQueue, SeesWhatStands) {
  Watched path;
  path.samples(200, 80ms);
  EXPECT_FALSE(path.queue.stands());
  path.samples(200, 100ms);
  EXPECT_TRUE(path.queue.stands());
  EXPECT_EQ(path.queue.standing(), 20ms);
  EXPECT_EQ(path.queue.deepest(), 20ms);
}

TEST(PathQueue, TakesJitterForNoQueue) {
  Watched path;
  SeededRandom random(4);
  path.samples(200, 80ms);
  int standing = 0;
  for (int i = 0; i < 2000; ++i) {
    path.sample(80ms + from_seconds(0.010 * random.unit()));
    standing += path.queue.stands() ? 1 : 0;
  }
  EXPECT_LT(standing, 20);
}

TEST(PathQueue, OneLateSampleIsNoQueue) {
  Watched path;
  path.samples(200, 80ms);
  path.sample(300ms);
  path.samples(15, 80ms);
  EXPECT_FALSE(path.queue.stands());
}

TEST(PathQueue, ForgetsTheDeepestInTime) {
  Watched path;
  path.samples(100, 80ms);
  path.samples(100, 160ms);
  path.samples(9000, 81ms);
  EXPECT_GE(path.queue.deepest(), 79ms);
  path.samples(12000, 81ms);
  EXPECT_LE(path.queue.deepest(), 1ms);
}

/// A flight that leaves and is acknowledged at `octets_per_s`, `flight` packets in flight.
struct Flight {
  DeliveryRate rate;
  Time now = kStart;
  struct Packet {
    DeliveryMark mark;
    Time sent;
  };
  std::vector<Packet> packets;
  std::size_t acked = 0;

  void send() { packets.push_back({rate.on_sent(now, acked == packets.size()), now}); }
  void ack(std::size_t octets = 1000) {
    rate.on_acked(packets[acked].mark, packets[acked].sent, octets, now);
    ++acked;
    rate.finish(1ms, now);
  }
  void run(int count, Duration gap) {
    for (int i = 0; i < count; ++i) {
      now += gap;
      ack();
      send();
    }
  }
};

TEST(DeliveryRate, MeasuresASteadyFlow) {
  Flight flight;
  for (int i = 0; i < 50; ++i) flight.send();
  flight.run(500, 1ms);
  EXPECT_NEAR(flight.rate.latest(), 1e6, 2e4);
  EXPECT_NEAR(flight.rate.best(), 1e6, 3e4);
  EXPECT_TRUE(flight.rate.latest_is_full());
  EXPECT_NEAR(static_cast<double>(flight.rate.round()), 10, 2);
}

TEST(DeliveryRate, FollowsASlowerPathWithinItsWindow) {
  Flight flight;
  for (int i = 0; i < 50; ++i) flight.send();
  flight.run(500, 1ms);
  flight.run(2000, 4ms);
  EXPECT_NEAR(flight.rate.latest(), 250e3, 1e4);
  EXPECT_NEAR(flight.rate.best(), 250e3, 1e4);
}

TEST(DeliveryRate, WhatTheApplicationLimitedMeasuresNothing) {
  Flight flight;
  for (int i = 0; i < 50; ++i) flight.send();
  flight.run(500, 1ms);
  flight.rate.on_app_limited(50 * 1000);
  flight.run(60, 20ms);
  EXPECT_FALSE(flight.rate.latest_is_full());
  EXPECT_NEAR(flight.rate.best(), 1e6, 3e4);
  flight.run(100, 1ms);
  EXPECT_TRUE(flight.rate.latest_is_full());
}

TEST(DeliveryRate, LumpedAcknowledgementsShowNoMoreThanWasSent) {
  Flight flight;
  for (int i = 0; i < 500; ++i) {
    flight.now += 1ms;
    flight.send();
  }
  flight.now += 50ms;
  for (int i = 0; i < 500; ++i) flight.ack();
  EXPECT_LT(flight.rate.best(), 1.1e6);
}

struct NoiseToleranceTest : testing::Test {
  Flight flight;
  Watched path;
  NoiseTolerance noise{0.05};

  NoiseToleranceTest() {
    for (int i = 0; i < 50; ++i) flight.send();
    flight.run(500, 1ms);
    path.samples(200, 80ms);
  }
  void acked(std::size_t packets) { noise.on_acked(packets, 100, flight.rate); }
  int tolerated(int losses) {
    int count = 0;
    for (int i = 0; i < losses; ++i) count += noise.tolerates(path.queue, flight.rate) ? 1 : 0;
    return count;
  }
};

TEST_F(NoiseToleranceTest, TakesLossWithoutAQueueForNoise) {
  acked(1000);
  EXPECT_EQ(tolerated(5), 5);
}

TEST_F(NoiseToleranceTest, TakesLossAtAFullQueueForCongestion) {
  acked(1000);
  path.samples(200, 110ms);
  EXPECT_EQ(tolerated(5), 0);
}

TEST_F(NoiseToleranceTest, TakesLossAtAQueueFarFromFullForNoise) {
  acked(1000);
  path.samples(200, 180ms);
  path.samples(200, 100ms);
  EXPECT_EQ(tolerated(5), 5);
}

TEST_F(NoiseToleranceTest, KeepsToItsBound) {
  int lost = 0;
  int tolerated_losses = 0;
  for (int round = 0; round < 1000; ++round) {
    acked(90);
    tolerated_losses += tolerated(10);
    lost += 10;
  }
  EXPECT_LE(tolerated_losses, 1000 * 90 * 0.05 + 20);
  EXPECT_GE(tolerated_losses, 1000 * 90 * 0.05 - 20);
  EXPECT_GT(lost, tolerated_losses);
}

TEST_F(NoiseToleranceTest, AtZeroEveryLossIsCongestion) {
  noise.set_bound(0);
  acked(1000);
  EXPECT_EQ(tolerated(5), 0);
}

TEST_F(NoiseToleranceTest, TakesLossForCongestionWhereTheRateDrops) {
  acked(1000);
  flight.run(160, 3ms);
  acked(60);
  EXPECT_EQ(tolerated(3), 0);
}

TEST_F(NoiseToleranceTest, ItsOwnCutIsNoDropOfTheRate) {
  acked(1000);
  noise.on_cut(flight.rate);
  flight.run(60, 3ms);
  acked(60);
  EXPECT_EQ(tolerated(3), 3);
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/rtt_estimator.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

TEST(RttEstimator, FirstSampleIsTheEstimate) {
  RttEstimator rtt;
  EXPECT_FALSE(rtt.measured());
  rtt.on_sample(80ms, 0ms, kStart);
  EXPECT_TRUE(rtt.measured());
  EXPECT_EQ(rtt.smoothed(), 80ms);
  EXPECT_EQ(rtt.variation(), 40ms);
  EXPECT_EQ(rtt.least(), 80ms);
}

TEST(RttEstimator, SmoothsAsRfc9002) {
  RttEstimator rtt;
  rtt.on_sample(80ms, 0ms, kStart);
  rtt.on_sample(96ms, 0ms, kStart);
  EXPECT_EQ(rtt.smoothed(), 82ms);
  EXPECT_EQ(rtt.variation(), 34ms);
  EXPECT_EQ(rtt.least(), 80ms);
}

TEST(RttEstimator, TakesThePeersDelayOffButNotBelowTheLeast) {
  RttEstimator rtt;
  rtt.on_sample(80ms, 0ms, kStart);
  rtt.on_sample(84ms, 3ms, kStart);
  EXPECT_EQ(rtt.latest(), 81ms);
  rtt.on_sample(82ms, 5ms, kStart);
  EXPECT_EQ(rtt.latest(), 82ms);
}

TEST(RttEstimator, BelievesNoDelayAboveTheAgreedOne) {
  RttEstimator rtt;
  rtt.on_sample(80ms, 0ms, kStart);
  rtt.on_sample(200ms, 100ms, kStart);
  EXPECT_EQ(rtt.latest(), 200ms - limits::kMaxAckDelay);
}

TEST(RttEstimator, ForgetsALeastThatNoLongerHolds) {
  RttEstimator rtt;
  rtt.on_sample(20ms, 0ms, kStart);
  for (Time now = kStart; now < kStart + 2 * limits::kMinRttWindow; now += 1s) rtt.on_sample(90ms, 0ms, now);
  EXPECT_EQ(rtt.least(), 90ms);
}

TEST(RttEstimator, RemembersTheLeastForHalfItsWindowAtLeast) {
  RttEstimator rtt;
  rtt.on_sample(90ms, 0ms, kStart);
  rtt.on_sample(20ms, 0ms, kStart + 1s);
  const Time end = kStart + 1s + limits::kMinRttWindow / 2;
  for (Time now = kStart + 2s; now < end; now += 1s) rtt.on_sample(90ms, 0ms, now);
  EXPECT_EQ(rtt.least(), 20ms);
}

TEST(RttEstimator, ProbeTimeoutHasAGrain) {
  RttEstimator rtt;
  for (int i = 0; i < 200; ++i) rtt.on_sample(10ms, 0ms, kStart);
  EXPECT_EQ(std::chrono::round<std::chrono::microseconds>(rtt.probe_timeout()), 11ms);
}

TEST(RttEstimator, TakesASampleOfNothing) {
  RttEstimator rtt;
  rtt.on_sample(0ms, 5ms, kStart);
  EXPECT_GT(rtt.smoothed(), 0ms);
}

}  // namespace
}  // namespace ringway::tmp

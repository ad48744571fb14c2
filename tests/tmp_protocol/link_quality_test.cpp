#include "tmp_protocol/link_quality.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

/// `packets` numbers from `first` on, 1 ms apart, of which those that `lost` names are lost.
template <class Lost>
Time run(LossMeter& meter, std::uint64_t first, std::uint64_t packets, Time now, Lost lost) {
  for (std::uint64_t number = first; number < first + packets; ++number, now += 1ms) {
    meter.on_sent();
    if (lost(number)) {
      meter.on_lost(number, now);
    } else {
      meter.on_acked(1, now);
    }
  }
  return now;
}

TEST(LossMeter, FindsTheShare) {
  LossMeter meter;
  SeededRandom random(2);
  run(meter, 0, 60000, kStart, [&](std::uint64_t) { return random.below(100) < 3; });
  EXPECT_NEAR(meter.loss_1s(), 0.03, 0.015);
  EXPECT_NEAR(meter.loss_30s(), 0.03, 0.005);
  EXPECT_EQ(meter.sent(), 60000U);
}

TEST(LossMeter, ShortAverageForgetsBeforeTheLong) {
  LossMeter meter;
  const Time now = run(meter, 0, 10000, kStart, [](std::uint64_t number) { return number % 10 == 0; });
  run(meter, 10000, 5000, now, [](std::uint64_t) { return false; });
  EXPECT_LT(meter.loss_1s(), 0.002);
  EXPECT_GT(meter.loss_30s(), 0.04);
}

TEST(LossMeter, MeasuresBursts) {
  LossMeter single;
  run(single, 0, 10000, kStart, [](std::uint64_t number) { return number % 50 == 1; });
  EXPECT_NEAR(single.mean_burst(), 1, 0.01);
  LossMeter bursty;
  run(bursty, 0, 10000, kStart, [](std::uint64_t number) { return number % 200 > 195; });
  EXPECT_NEAR(bursty.mean_burst(), 4, 0.01);
}

TEST(LossMeter, TakesBackSpuriousLosses) {
  LossMeter meter;
  run(meter, 0, 1000, kStart, [](std::uint64_t number) { return number >= 900; });
  for (int i = 0; i < 100; ++i) meter.on_late(kStart + 1s);
  EXPECT_EQ(meter.lost(), 0U);
  EXPECT_LT(meter.loss_30s(), 0.001);
}

TEST(LossMeter, OneLossAmongFewIsNoCatastrophe) {
  LossMeter meter;
  meter.on_lost(0, kStart);
  EXPECT_LE(meter.loss_1s(), 0.07);
}

TEST(LossMeter, DescribesItself) {
  LossMeter meter;
  run(meter, 0, 2000, kStart, [](std::uint64_t number) { return number % 100 == 5; });
  DirectionQuality quality;
  meter.describe(quality);
  EXPECT_EQ(quality.packets_sent, 2000U);
  EXPECT_EQ(quality.packets_lost, 20U);
  EXPECT_NEAR(quality.loss_30s_ppm, 10000, 500);
  EXPECT_EQ(quality.mean_burst_centi, 100U);
}

}  // namespace
}  // namespace ringway::tmp

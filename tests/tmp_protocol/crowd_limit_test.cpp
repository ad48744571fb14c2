#include "tmp_protocol/crowd_limit.h"

#include <gtest/gtest.h>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

/// A path of 80 ms with a window that no floor rules.
struct Watched {
  CrowdLimit crowd;
  CrowdView view;

  explicit Watched(std::uint32_t hosted) {
    crowd.set_hosted(hosted);
    view.window = 1000;
    view.delivered = 100;
    view.base_rtt = 80ms;
    view.queue = 60ms;
    view.unrest = 5ms;
  }
  /// Spans of two round trips in which `lost` of 100 packets are lost.
  void spans(int count, int lost) {
    for (; count != 0; --count) {
      view.round += 2;
      crowd.on_acked(400 - 4 * static_cast<std::size_t>(lost));
      for (int i = 0; i < 4 * lost; ++i) crowd.on_lost();
      crowd.on_ack(view);
    }
  }
};

TEST(CrowdLimit, CountsAllWhileLossIsModerate) {
  Watched path(500);
  path.spans(20, 10);
  EXPECT_EQ(path.crowd.counted(), 500U);
}

TEST(CrowdLimit, OneBurstOfLossesIsNoCrowd) {
  Watched path(500);
  path.spans(1, 60);
  path.spans(1, 9);
  path.spans(1, 60);
  EXPECT_EQ(path.crowd.counted(), 500U);
}

TEST(CrowdLimit, GivesWayAboveATenthLostUntilATwentieth) {
  Watched path(400);
  path.spans(2, 11);
  EXPECT_EQ(path.crowd.counted(), 300U);
  path.spans(1, 6);
  EXPECT_EQ(path.crowd.counted(), 225U);
  path.spans(1, 4);
  EXPECT_GT(path.crowd.counted(), 225U);
  EXPECT_EQ(path.crowd.hosted(), 400U);
}

TEST(CrowdLimit, BetweenBothItRests) {
  Watched path(400);
  path.spans(2, 11);
  path.spans(1, 4);
  const std::uint32_t counted = path.crowd.counted();
  path.spans(10, 7);
  EXPECT_EQ(path.crowd.counted(), counted);
}

TEST(CrowdLimit, ComesBackInFull) {
  Watched path(400);
  path.spans(20, 50);
  EXPECT_LT(path.crowd.counted(), 5U);
  EXPECT_GE(path.crowd.counted(), 1U);
  path.view.queue = 0ms;
  path.view.window = 2000;
  path.spans(120, 0);
  EXPECT_EQ(path.crowd.counted(), 400U);
  path.crowd.set_hosted(900);
  EXPECT_EQ(path.crowd.counted(), 900U);
}

TEST(CrowdLimit, LossWithoutAQueueYieldsNoFurtherThanHalfOfWhatGetsThrough) {
  Watched path(400);
  path.view.queue = 0ms;
  path.spans(20, 50);
  EXPECT_EQ(path.crowd.counted(), 50U);
  path.crowd.set_hosted(40);
  path.spans(20, 50);
  EXPECT_EQ(path.crowd.counted(), 40U);
}

TEST(CrowdLimit, YieldsToTwoRoundTripsOfAQueueThatTheFloorKeeps) {
  Watched path(400);
  path.view.queue = 200ms;
  path.view.window = 1000;
  path.spans(10, 0);
  EXPECT_EQ(path.crowd.counted(), 400U);  // it is not the floor
  path.view.window = 400;
  path.spans(2, 0);
  EXPECT_EQ(path.crowd.counted(), 300U);
}

TEST(CrowdLimit, StopsReturningWhereTheFloorBeginsAQueue) {
  Watched path(400);
  path.spans(10, 50);
  const std::uint32_t counted = path.crowd.counted();
  path.view.window = counted;
  path.view.queue = 4ms;
  path.spans(10, 0);
  EXPECT_EQ(path.crowd.counted(), counted);
  path.view.queue = 1ms;
  path.spans(1, 0);
  EXPECT_EQ(path.crowd.counted(), counted + 1);
}

TEST(CrowdLimit, ASpuriousLossIsNone) {
  Watched path(400);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 100; ++j) path.crowd.on_lost();
    for (int j = 0; j < 100; ++j) path.crowd.on_late();
    path.spans(1, 0);
  }
  EXPECT_EQ(path.crowd.counted(), 400U);
}

}  // namespace
}  // namespace ringway::tmp

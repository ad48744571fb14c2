#include <gtest/gtest.h>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/shed_controller.h"

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;

/// A controller and its seconds.
struct Driven {
  double run(double use, int seconds, Standing standing = Standing::serving) {
    for (int i = 0; i < seconds; ++i) controller.step({use, standing}, now += 1s);
    return controller.share();
  }
  ShedController controller{20s};
  Time now{};
};

}  // namespace

TEST(ShedController, LeavesThoseAloneWhoHaveRoom) {
  Driven pop;
  EXPECT_EQ(pop.run(0.899, 600), 0);
}

TEST(ShedController, OneReadingIsNoCrowd) {
  Driven pop;
  pop.run(0.8, 60);
  EXPECT_LT(pop.run(1.5, 1), 0.01);
  EXPECT_LT(pop.run(0.8, 60), 0.01);
}

TEST(ShedController, ACrowdIsAnsweredAtOnceAndOnce) {
  Driven pop;
  pop.run(0.7, 60);
  const double answer = pop.run(1.3, 2);
  EXPECT_NEAR(1.3 * (1 - 0.9 * answer), limits::kShedTarget, 1e-9);
  EXPECT_EQ(pop.run(1.3, 1), answer);  // nobody can have followed yet, and all will
}

TEST(ShedController, ACrowdThatStillGrowsIsAnsweredAgainWithinTheTtl) {
  Driven pop;
  pop.run(0.7, 60);
  const double first = pop.run(1.1, 2);
  EXPECT_GT(pop.run(1.4, 2), first + 0.1);
}

TEST(ShedController, WhatIsOnItsWayIsNotForgottenWhereTtlsChange) {
  for (const auto ttl : {10s, 300s}) {
    Driven pop;
    pop.run(0.7, 60);
    const double answer = pop.run(1.3, 2);
    pop.controller.reckon_with(ttl);
    EXPECT_EQ(pop.run(1.3, 2), answer) << "nobody can have followed yet, and all will";
  }
}

TEST(ShedController, RestsInTheDeadBand) {
  Driven pop;
  pop.run(1.2, 2);
  const double share = pop.run(0.85, 20);
  EXPECT_GT(share, 0.2);
  EXPECT_EQ(pop.run(0.81, 300), share);
  EXPECT_EQ(pop.run(0.89, 300), share);
}

TEST(ShedController, RisesGentlyBelowACrowd) {
  Driven pop;
  const double share = pop.run(0.93, 10);
  EXPECT_GT(share, 0);
  EXPECT_LE(share, 10 * 0.04 * 0.08 + 1e-9);
}

TEST(ShedController, GoesBackByOnePercentASecond) {
  Driven pop;
  pop.run(1.2, 2);
  const double share = pop.run(0.85, 20);
  EXPECT_NEAR(pop.run(0.5, 30), share - 0.27, 0.04);
  EXPECT_EQ(pop.run(0.5, 60), 0);
}

TEST(ShedController, LoadNeverTakesTheLastClients) {
  Driven pop;
  EXPECT_EQ(pop.run(50, 100), limits::kMaxLoadShed);
}

TEST(ShedController, DrainsIn20SecondsAndComesBackSlowly) {
  Driven pop;
  pop.run(0.6, 60);
  EXPECT_NEAR(pop.run(0.6, 10, Standing::draining), 0.5, 1e-9);
  EXPECT_EQ(pop.run(0.1, 10, Standing::draining), 1);
  EXPECT_NEAR(pop.run(0, 1), limits::kSlowStartShed - 0.01, 1e-9);
  EXPECT_NEAR(pop.run(0.2, 39), 0.5, 1e-9);
  EXPECT_EQ(pop.run(0.5, 60), 0);
}

TEST(ShedController, ADrainThatIsUndoneSoonIsNoSlowStart) {
  Driven pop;
  pop.run(0.6, 60);
  pop.run(0.6, 4, Standing::draining);
  EXPECT_LT(pop.run(0.6, 1), 0.2);
}

TEST(ShedController, WhoWasLostBeginsWithATenth) {
  Driven pop;
  pop.run(0.6, 60);
  EXPECT_EQ(pop.run(0, 30, Standing::lost), 0);
  EXPECT_NEAR(pop.run(0, 1), limits::kSlowStartShed - 0.01, 1e-9);
}

TEST(ShedController, TheUsualShareForgetsACrowdIn5Minutes) {
  Driven pop;
  pop.run(1.2, 300);
  const double usual = pop.controller.usual();
  EXPECT_GT(usual, 0.5);
  pop.run(0.3, 1200);
  EXPECT_LT(pop.controller.usual(), 0.05);
}

TEST(ShedController, AClockThatStepsBackOrFarAheadDoesNothingWild) {
  Driven pop;
  pop.run(0.6, 30);
  pop.now -= 100s;
  EXPECT_EQ(pop.run(0.6, 3), 0);
  pop.run(0.6, 4, Standing::draining);
  const double share = pop.controller.share();
  pop.now += 1000s;
  EXPECT_NEAR(pop.run(0.6, 1, Standing::draining), share + 0.05 * to_seconds(limits::kMaxShedGap), 1e-9);
}

TEST(Crowding, IsWhereNobodyHasRoom) {
  const std::vector<double> capacities = {100, 300};
  EXPECT_EQ(crowding(std::vector<Filling>{{1.2}, {0.5}}, capacities), 1);
  EXPECT_NEAR(crowding(std::vector<Filling>{{1.2}, {1.2}}, capacities), 0.85 / 1.2, 1e-9);
  EXPECT_NEAR(crowding(std::vector<Filling>{{1.2}, {0, Standing::lost}}, capacities), 0.85 / 1.2, 1e-9);
  EXPECT_EQ(crowding({}, {}), 1);
}

}  // namespace ringway::dns::steering

// Tables made of readings.

#include <gtest/gtest.h>

#include "redirector_dns/steering/table_maker.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;

/// Four POPs with two front-ends each, and a maker's seconds.
class TableMakerTest : public testing::Test {
 protected:
  TableMakerTest() {
    readings.pops.resize(atlas->pops.size());
    readings.frontends.resize(atlas->frontends.size());
    for (FrontendReading& each : readings.frontends) each.votes = {3, 0};
  }
  const Levels& run(int seconds) {
    for (int i = 0; i < seconds; ++i) levels = maker.make(atlas, readings, now += 1s).levels();
    return levels;
  }
  void drain(std::size_t pop) {
    for (std::size_t i = 0; i < 2; ++i) readings.frontends[2 * pop + i].admin = Admin::draining;
    readings.pops[pop].use = limits::kShedTarget;  // as is read where nobody offers anything
  }

  SharedAtlas atlas = drawn(small_plan());
  TableMaker maker{20s};
  Readings readings;
  Levels levels;
  Time now{1h};
};

}  // namespace

TEST_F(TableMakerTest, APopWhoseFrontendsAllDrainIsNoRoomForOthers) {
  for (const std::size_t pop : {0U, 1U, 2U}) readings.pops[pop].use = 1.2;
  drain(3);
  for (const PopLevel& level : run(120).pops) {
    EXPECT_EQ(level.shed, 0) << "all are equally full";
    EXPECT_FALSE(level.draining);
  }
  for (std::size_t i = 0; i < levels.frontends.size(); ++i) EXPECT_EQ(levels.frontends[i].shed, i < 6 ? 0 : 1);
  // When it is back there is room, and it is not drained itself.
  for (std::size_t i = 6; i < 8; ++i) readings.frontends[i].admin = Admin::serving;
  readings.pops[3].use = 0.1;
  run(2);
  EXPECT_EQ(levels.pops[3].shed, 0);
  for (const std::size_t pop : {0U, 1U, 2U}) EXPECT_GT(levels.pops[pop].shed, 0);
}

/// As a new leader or a process that takes over finds it.
TEST_F(TableMakerTest, ADrainThatWasUndoneMeanwhileGoesBackSlowlyFromNineTenths) {
  for (FrontendReading& each : readings.frontends) each.admin = Admin::draining;
  for (PopReading& each : readings.pops) each.admin = Admin::draining;
  run(25);
  EXPECT_EQ(levels.pops[0].shed, 1);
  EXPECT_EQ(levels.frontends[0].shed, 1);
  maker = TableMaker(20s, SteeringTable(7, atlas, levels), now);
  for (FrontendReading& each : readings.frontends) each.admin = Admin::serving;
  for (PopReading& each : readings.pops) each.admin = Admin::serving;
  run(1);
  EXPECT_LE(levels.pops[0].shed, limits::kSlowStartShed);
  EXPECT_GT(levels.pops[0].shed, 0.8);
  EXPECT_LE(levels.frontends[0].shed, limits::kSlowStartShed);
}

TEST_F(TableMakerTest, APopThatHasOneFrontendLeftIsRoom) {
  for (const std::size_t pop : {0U, 1U, 2U}) readings.pops[pop].use = 1.2;
  readings.pops[3].use = 0.1;
  readings.frontends[6].admin = Admin::draining;
  run(2);
  for (const std::size_t pop : {0U, 1U, 2U}) EXPECT_GT(levels.pops[pop].shed, 0);
}

/// Of two front-ends that are used so much, what the first sheds in the end.
class LoadBound : public TableMakerTest {
 protected:
  double shed_of(double first, double second) {
    readings.frontends[0].use = first;
    readings.frontends[1].use = second;
    run(10);
    EXPECT_EQ(levels.frontends[1].shed, 0);
    EXPECT_EQ(levels.pops[0].shed, 0) << "its POP has room";
    return levels.frontends[0].shed;
  }
};

TEST_F(LoadBound, NobodyIsUsedMoreThanAQuarterAboveTheMeanOfItsPop) { EXPECT_GT(shed_of(0.98, 0.58), 0.05); }

TEST_F(LoadBound, LessThanThatIsLeftAlone) { EXPECT_EQ(shed_of(0.85, 0.71), 0); }

TEST_F(LoadBound, InIdlenessNobodyIsMoved) { EXPECT_EQ(shed_of(0.49, 0.01), 0); }

TEST_F(LoadBound, TheMeanIsOfThoseWhoServe) {
  readings.frontends[1].votes = {0, 3};
  run(2);
  EXPECT_EQ(shed_of(0.9, 0), 0) << "who is ill is no measure";
}

TEST_F(LoadBound, TheMeanCountsEachByItsWeight) {
  Plan plan = small_plan();
  plan.frontends[0].weight = 9;
  atlas = drawn(plan);
  EXPECT_EQ(shed_of(0.9, 0.1), 0) << "nine tenths of the POP are itself";
}

}  // namespace ringway::dns::steering

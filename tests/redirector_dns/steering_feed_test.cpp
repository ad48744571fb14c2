#include <gtest/gtest.h>

#include "redirector_dns/steering/table_feed.h"
#include "redirector_dns/steering/table_text.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;

/// A manager and a redirector on a clock of their own.
class TableFeedTest : public testing::Test {
 protected:
  void tell(const SharedAtlas& next) {
    told = next;
    ASSERT_TRUE(feed.take_atlas(atlas_text(*next)));
  }
  Status tell_levels(double shed) {
    Levels levels = SteeringTable(0, told, {}).levels();
    for (PopLevel& pop : levels.pops) pop = {shed, 0.1, false};
    levels.frontends[0].ill_rank = 1;
    now += 1s;
    return feed.take_levels(levels_text(SteeringTable(++number, told, levels), sum_of(atlas_text(*told))), now);
  }
  double shed() { return feed.table(now)->levels().pops[0].shed; }
  [[nodiscard]] SharedAtlas without_site() const {
    Plan plan = small_plan();
    plan.sites.clear();
    return drawn(plan);
  }
  [[nodiscard]] static SharedAtlas with_weight(double weight) {
    Plan plan = small_plan();
    plan.frontends[0].weight = weight;
    return drawn(plan);
  }

  TableFeed feed;
  SharedAtlas told;
  SharedAtlas atlas = drawn(small_plan());
  std::uint64_t number = 0;
  Time now{1h};
};

}  // namespace

TEST_F(TableFeedTest, UsesWhatIsTold) {
  EXPECT_EQ(feed.table(now), nullptr);
  EXPECT_FALSE(feed.take_levels("ringway-levels 1 1 x", now)) << "there is no atlas";
  tell(atlas);
  EXPECT_EQ(feed.table(now), nullptr) << "its levels have not come";
  ASSERT_TRUE(tell_levels(0.5));
  EXPECT_EQ(shed(), 0.5);
  EXPECT_EQ(feed.table(now)->number(), 1U);
  ASSERT_TRUE(tell_levels(0.6));
  EXPECT_EQ(shed(), 0.6);
  const SharedAtlas other = with_weight(2);
  tell(other);
  EXPECT_EQ(feed.table(now)->atlas().frontends[0].weight, 1) << "until its levels are there";
  ASSERT_TRUE(tell_levels(0.6));
  EXPECT_EQ(feed.table(now)->atlas().frontends[0].weight, 2);
}

TEST_F(TableFeedTest, WhatIsNotUnderstoodChangesNothing) {
  tell(atlas);
  ASSERT_TRUE(tell_levels(0.5));
  std::string text = atlas_text(*with_weight(3));
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  EXPECT_FALSE(feed.take_atlas(text));
  EXPECT_FALSE(feed.take_levels("nothing", now));
  told = with_weight(4);
  EXPECT_FALSE(tell_levels(0.9)) << "levels of an atlas that was not told";
  EXPECT_EQ(shed(), 0.5);
}

TEST_F(TableFeedTest, AgesWhileNothingIsTold) {
  tell(atlas);
  ASSERT_TRUE(tell_levels(0.5));
  now += limits::kLoadHolds;
  EXPECT_EQ(shed(), 0.5);
  EXPECT_FALSE(feed.table(now)->is_stale());
  now += 1s;
  EXPECT_TRUE(feed.table(now)->is_stale());
  now += 59s;
  EXPECT_LT(shed(), 0.5);
  EXPECT_GT(shed(), 0.1);
  now = now - 60s + limits::kLoadIsNothing;
  EXPECT_EQ(shed(), 0);
  EXPECT_EQ(feed.table(now)->levels().frontends[0].ill_rank, 1U);
  now += limits::kHealthHolds;
  const SharedTable well = feed.table(now);
  EXPECT_EQ(well->levels().frontends[0].ill_rank, 0U);
  now += 24h * 365;
  EXPECT_EQ(feed.table(now), well) << "nothing is made anew where nothing changes";
  ASSERT_TRUE(tell_levels(0.4));
  EXPECT_EQ(shed(), 0.4);
  EXPECT_FALSE(feed.table(now)->is_stale());
}

TEST_F(TableFeedTest, ADrainGoesOnAtItsPaceWhileNothingIsTold) {
  tell(atlas);
  Levels levels = SteeringTable(0, atlas, {}).levels();
  levels.pops[0] = {0.1, 0, true};
  levels.pops[1] = {0.3, 0.2, false};
  levels.frontends[2] = {0.2, 0, true};
  ASSERT_TRUE(feed.take_levels(levels_text(SteeringTable(1, atlas, levels), sum_of(atlas_text(*atlas))), now));
  double pop = 0.1;
  double frontend = 0.2;
  for (int second = 1; second <= 25; ++second) {
    now += 1s;
    const SharedTable table = feed.table(now);
    EXPECT_FALSE(table->is_stale());
    EXPECT_EQ(table->levels().pops[1], levels.pops[1]) << "the load's influence holds";
    // Levels are late only after two seconds.
    EXPECT_NEAR(table->levels().pops[0].shed, std::min(1.0, 0.1 + 0.05 * second), second <= 2 ? 0.101 : 1e-9);
    EXPECT_NEAR(table->levels().frontends[2].shed, std::min(1.0, 0.2 + 0.05 * second), second <= 2 ? 0.101 : 1e-9);
    EXPECT_LE(table->levels().pops[0].shed - std::exchange(pop, table->levels().pops[0].shed), 0.151) << second;
    EXPECT_LE(table->levels().frontends[2].shed - std::exchange(frontend, table->levels().frontends[2].shed), 0.151);
  }
  EXPECT_EQ(pop, 1);
  EXPECT_EQ(frontend, 1);
  const SharedTable drained = feed.table(now);
  now += 1s;
  EXPECT_EQ(feed.table(now), drained) << "nothing is made anew where nothing changes";
}

TEST_F(TableFeedTest, DoubtsAnAtlasThatTakesTooMuchAway) {
  tell(atlas);
  ASSERT_TRUE(tell_levels(0.5));
  tell(without_site());
  EXPECT_NE(feed.doubt(), "");
  for (unsigned i = 1; i < limits::kInsistence; ++i) {
    ASSERT_TRUE(tell_levels(0.7));
    ASSERT_NE(feed.table(now)->atlas().find("shop.test"), nullptr) << i;
  }
  // Silence is no insistence, and one that is right ends the doubt.
  now += 1h;
  EXPECT_NE(feed.table(now)->atlas().find("shop.test"), nullptr);
  tell(atlas);
  EXPECT_EQ(feed.doubt(), "");
  ASSERT_TRUE(tell_levels(0.3));
  EXPECT_EQ(shed(), 0.3);
  tell(without_site());
  for (unsigned i = 1; i < limits::kInsistence; ++i) ASSERT_TRUE(tell_levels(0.7));
  ASSERT_NE(feed.doubt(), "");
  ASSERT_TRUE(tell_levels(0.7));
  EXPECT_EQ(feed.doubt(), "");
  EXPECT_EQ(feed.table(now)->atlas().find("shop.test"), nullptr);
}

// Whose atlas is doubted still knows who is full, drains and dies.
TEST_F(TableFeedTest, TakesTheLevelsOfAnAtlasThatItDoubts) {
  tell(atlas);
  ASSERT_TRUE(tell_levels(0.5));
  Plan plan = small_plan();
  plan.sites.clear();
  plan.frontends.erase(plan.frontends.begin());
  tell(drawn(plan));
  ASSERT_NE(feed.doubt(), "");
  Levels levels = SteeringTable(0, told, {}).levels();
  levels.pops[1] = {0.25, 0.1, true};
  levels.frontends[0].ill_rank = 3;  // the second one of before
  now += 1s;
  ASSERT_TRUE(feed.take_levels(levels_text(SteeringTable(9, told, levels), sum_of(atlas_text(*told))), now));
  const SharedTable table = feed.table(now);
  EXPECT_EQ(table->shared_atlas()->sites.size(), atlas->sites.size());
  EXPECT_EQ(table->number(), 9U);
  EXPECT_EQ(table->levels().pops[0], PopLevel());
  EXPECT_EQ(table->levels().pops[1], levels.pops[1]);
  EXPECT_EQ(table->levels().frontends[0].ill_rank, 1U) << "of whom nothing is said any more";
  EXPECT_EQ(table->levels().frontends[1].ill_rank, 3U);
  EXPECT_EQ(feed.age(now), Duration::zero());
}

TEST_F(TableFeedTest, ResumesWithWhatIsOld) {
  Levels levels = SteeringTable(0, atlas, {}).levels();
  levels.pops[0].shed = 0.5;
  feed.resume(SteeringTable(7, atlas, levels), 0s, now);
  EXPECT_EQ(shed(), 0.5);
  EXPECT_EQ(feed.table(now)->number(), 7U);
  feed.resume(SteeringTable(7, atlas, levels), 24h * 365 * 40, now);
  EXPECT_EQ(shed(), 0) << "as after a clock that was set forward by far";
  told = atlas;
  ASSERT_TRUE(tell_levels(0.2)) << "the atlas is known";
  EXPECT_EQ(shed(), 0.2);
}

}  // namespace ringway::dns::steering

#include <gtest/gtest.h>

#include "base/random.h"
#include "redirector_dns/steering/choice.h"
#include "redirector_dns/steering/table_text.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns::steering {

namespace {

SteeringTable random_table(std::uint64_t seed) {
  SeededRandom random(seed);
  const SharedAtlas atlas = drawn(random_plan(seed));
  Levels levels = SteeringTable(1, atlas, {}).levels();
  for (PopLevel& pop : levels.pops) pop = {random.unit(), random.unit(), random.below(2) == 0};
  for (FrontendLevel& frontend : levels.frontends)
    frontend = {random.unit(), static_cast<std::uint32_t>(random.below(3)), random.below(2) == 0};
  return SteeringTable(seed + 41, atlas, levels);
}

/// `text` with a sum that is right whatever it says.
std::string summed(std::string body) {
  add_sum(body);
  return body;
}

std::string body_of(const std::string& text) { return std::string(*without_sum(text)); }

}  // namespace

TEST(TableText, SaysAllOfATable) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SteeringTable table = random_table(seed);
    const std::string text = table_text(table);
    const Result<SteeringTable> read = parse_table(text);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->number(), table.number());
    EXPECT_EQ(read->atlas().number, table.atlas().number);
    EXPECT_TRUE(same_content(read->atlas(), table.atlas()));
    EXPECT_EQ(read->levels(), table.levels());
    EXPECT_EQ(table_text(*read), text);
  }
}

TEST(TableText, AnEmptyTableIsOne) {
  const SteeringTable table(1, drawn(Plan()), {});
  EXPECT_TRUE(parse_table(table_text(table)).ok());
}

TEST(TableText, WhatIsCutOffAnywhereIsRefused) {
  const std::string text = table_text(random_table(3));
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_FALSE(parse_table(std::string_view(text).substr(0, length)).ok()) << length;
  }
}

TEST(TableText, WhatIsChangedAnywhereIsRefused) {
  const std::string text = table_text(random_table(4));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_FALSE(parse_table(changed).ok()) << at;
  }
}

/// With the sum made right: no octets crash it, and what it takes it writes and takes again.
TEST(TableText, MutationsWithARightSumAreRefusedOrFitTogether) {
  const std::string text = atlas_text(random_table(5).atlas());
  const std::string body = body_of(text);
  const std::string_view spare = "0123456789-,. \nabc:";
  SeededRandom random(9);
  std::size_t taken = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string changed = body;
    for (std::uint64_t i = random.below(3); i < 3; ++i) {
      const std::size_t at = random.below(changed.size());
      if (random.below(3) == 0) {
        changed.erase(at, 1 + random.below(20));
      } else {
        changed[at] = spare[random.below(spare.size())];
      }
    }
    const Result<SharedAtlas> atlas = parse_atlas(summed(changed));
    if (!atlas) continue;
    ++taken;
    const SteeringTable table(1, *atlas, {});
    ASSERT_TRUE(parse_table(table_text(table)).ok());
    for (const Site& site : table.atlas().sites) {
      ASSERT_GE(choose(table, site, {*IpAddress::parse("10.1.2.3"), 32, false}, 1).count, 1U);
    }
  }
  EXPECT_GT(taken, 100U);
}

TEST(TableText, LevelsOfAnotherAtlasAreRefused) {
  const SteeringTable table = random_table(6);
  const std::string sum(sum_of(atlas_text(table.atlas())));
  const std::string levels = levels_text(table, sum);
  EXPECT_TRUE(parse_levels(levels, table.shared_atlas(), sum).ok());
  EXPECT_FALSE(parse_levels(levels, table.shared_atlas(), std::string(64, '0')).ok());
}

TEST(TableText, FaultsAreToldWithTheirLine) {
  const auto why = [](const std::string& body) {
    const Result<SharedAtlas> atlas = parse_atlas(summed(body));
    return atlas ? std::string() : atlas.error().message;
  };
  EXPECT_EQ(why("ringway-atlas 2 7\n"), "steering table, line 1: this is no steering atlas of version 1");
  EXPECT_EQ(why("ringway-atlas 1 7\npop a\n"), "steering table, line 2: a word is missing");
  EXPECT_EQ(why("ringway-atlas 1 7\npop a x\n"), "steering table, line 2: 'x' is no such number");
  EXPECT_EQ(why("ringway-atlas 1 7\npop a nan\n"), "steering table, line 2: 'nan' is no such number");
  EXPECT_EQ(why("ringway-atlas 1 7\npop a 1 2\n"), "steering table, line 2: words behind its end");
  EXPECT_EQ(why("ringway-atlas 1 7\n\n"), "steering table, line 2: a word is missing");
  EXPECT_EQ(why("ringway-atlas 1 7\ncells 10.0.0.0 0 16\n"),
            "steering table, line 2: a range that does not follow the one before it");
  EXPECT_EQ(why("ringway-atlas 1 7\n"), "steering atlas: no ranges of clients of one family");
}

TEST(Succession, TakesNoSiteAndNotManyFrontendsAway) {
  Plan plan = small_plan();
  const SharedAtlas last = drawn(plan);
  EXPECT_TRUE(check_succession(*last, *last).ok());
  plan.sites[0].frontends = {0, 1, 2, 3, 4, 5};
  EXPECT_TRUE(check_succession(*last, *drawn(plan)).ok());
  plan.sites[0].frontends = {0, 1, 2, 3, 4};
  EXPECT_FALSE(check_succession(*last, *drawn(plan)).ok());
  plan.sites[0].frontends = {};
  EXPECT_FALSE(check_succession(*last, *drawn(plan)).ok());
}

TEST(Succession, OfManySitesAndFrontendsIsSeenAtOnce) {
  Plan plan = small_plan();
  for (std::size_t i = plan.frontends.size(); i < 2000; ++i) {
    plan.frontends.push_back(plan.frontends.front());
    plan.frontends.back().name = "more-" + std::to_string(i);
    plan.sites[0].frontends.push_back(static_cast<FrontendIndex>(i));
  }
  for (int i = 0; i < 20'000; ++i) {
    plan.sites.push_back(plan.sites[0]);
    plan.sites.back().name = "site-" + std::to_string(i);
  }
  const SharedAtlas last = drawn(plan);
  for (SitePlan& site : plan.sites) site.frontends.resize(1500);
  EXPECT_TRUE(check_succession(*last, *drawn(plan)).ok());
  plan.sites.back().frontends.resize(1300);
  EXPECT_FALSE(check_succession(*last, *drawn(plan)).ok());
}

TEST(Aged, ForgetsTheLoadFirstThenHealthAndNeverWhatAnOperatorSet) {
  using namespace std::chrono_literals;
  Levels levels;
  levels.pops = {{0.6, 0.2, false}, {1, 0.5, true}, {0.3, 0, true}};
  levels.frontends = {{0.4, 0}, {1, 3, true}, {0.3, 0, true}};
  EXPECT_EQ(aged(levels, 30s).pops[0], levels.pops[0]);
  EXPECT_EQ(aged(levels, 30s).frontends[0], levels.frontends[0]);
  EXPECT_EQ(aged(levels, 0s), levels);
  EXPECT_NEAR(aged(levels, 4s).pops[2].shed, 0.5, 1e-9) << "a drain that had begun goes on to its end";
  EXPECT_NEAR(aged(levels, 4s).frontends[2].shed, 0.5, 1e-9);
  EXPECT_EQ(aged(levels, 14s).pops[2].shed, 1);
  EXPECT_EQ(aged(levels, 14s).frontends[2].shed, 1);
  EXPECT_NEAR(aged(levels, 165s).pops[0].shed, 0.4, 1e-9);
  EXPECT_NEAR(aged(levels, 300s).pops[0].shed, 0.2, 1e-9);
  EXPECT_EQ(aged(levels, 300s).frontends[0].shed, 0);
  EXPECT_EQ(aged(levels, 899s).pops[0].shed, 0);
  EXPECT_EQ(aged(levels, 899s).frontends[1].ill_rank, 3U);
  EXPECT_EQ(aged(levels, 900s).frontends[1].ill_rank, 0U);
  EXPECT_EQ(aged(levels, 24h).pops[1].shed, 1);
  EXPECT_EQ(aged(levels, 24h).frontends[1].shed, 1);
}

}  // namespace ringway::dns::steering

#include <gtest/gtest.h>

#include "base/random.h"
#include "redirector_dns/steering/health.h"

namespace ringway::dns::steering {

namespace {

using namespace std::chrono_literals;

constexpr Votes kWell{3, 0};
constexpr Votes kIll{1, 2};
constexpr Votes kNobody{};

struct Watched {
  bool run(Votes votes, unsigned rounds) {
    for (unsigned i = 0; i < rounds; ++i) health.observe(votes, now += 1s);
    return health.well();
  }
  Health health;
  Time now{};
};

std::size_t count(const std::vector<bool>& out) {
  return static_cast<std::size_t>(std::count(out.begin(), out.end(), true));
}

std::vector<bool> taken_out(const std::vector<Patient>& site) {
  std::vector<bool> out;
  take_out(site, out);
  return out;
}

}  // namespace

TEST(Health, BeginsWell) { EXPECT_TRUE(Watched().health.well()); }

TEST(Health, TheMajorityDecidesAndATieIsWell) {
  Watched watched;
  EXPECT_TRUE(watched.run({2, 1}, 10));
  EXPECT_TRUE(watched.run({1, 1}, 10));
  EXPECT_FALSE(watched.run({0, 1}, 10));
}

TEST(Health, FallsAfterTwoRoundsAndRisesAfterFive) {
  Watched watched;
  EXPECT_TRUE(watched.run(kIll, 1));
  EXPECT_TRUE(watched.run(kWell, 1));
  EXPECT_TRUE(watched.run(kIll, 1));
  EXPECT_FALSE(watched.run(kIll, 1));
  EXPECT_FALSE(watched.run(kWell, 4));
  EXPECT_FALSE(watched.run(kIll, 1));
  EXPECT_FALSE(watched.run(kWell, 4));
  EXPECT_TRUE(watched.run(kWell, 1));
}

TEST(Health, RoundsWithoutVotesChangeNothingAtFirst) {
  Watched watched;
  watched.run(kIll, 2);
  EXPECT_FALSE(watched.run(kNobody, 59));
  EXPECT_TRUE(watched.run(kNobody, 1));
}

TEST(Health, WhoFlapsIsHeldBackForAWhile) {
  Watched watched;
  for (int i = 0; i < 3; ++i) {
    watched.run(kIll, 2);
    EXPECT_TRUE(watched.run(kWell, 5)) << i;
  }
  watched.run(kIll, 2);
  EXPECT_FALSE(watched.run(kWell, 300));
  EXPECT_FALSE(watched.run(kWell, 270));
  EXPECT_TRUE(watched.run(kWell, 100));
}

TEST(TakeOut, AQuarterOfTheSiteAtMostTheLongestIllFirst) {
  std::vector<Patient> site;
  for (std::uint32_t i = 0; i < 12; ++i) site.push_back({i < 6 ? 20 - i : 0, i % 3});
  const std::vector<bool> out = taken_out(site);
  EXPECT_EQ(count(out), 3U);
  EXPECT_TRUE(out[5] && out[4] && out[3]);
}

TEST(TakeOut, OneOfFewMayAlwaysBeOut) {
  EXPECT_EQ(taken_out({{1, 0}, {0, 0}}), (std::vector<bool>{true, false}));
  EXPECT_EQ(taken_out({{1, 0}, {2, 0}, {0, 0}}), (std::vector<bool>{true, false, false}));
}

TEST(TakeOut, APopFailsWhole) {
  EXPECT_EQ(taken_out({{2, 0}, {1, 0}, {2, 0}, {0, 1}, {0, 1}, {0, 1}}),
            (std::vector<bool>{true, true, true, false, false, false}));
}

TEST(TakeOut, OnlyOnePopBeyondTheQuarter) {
  EXPECT_EQ(taken_out({{9, 0}, {9, 0}, {1, 1}, {2, 1}, {0, 2}, {0, 2}}),
            (std::vector<bool>{false, false, true, true, false, false}));
}

TEST(TakeOut, WhereNobodyIsWellEverybodyAnswers) {
  EXPECT_EQ(count(taken_out({{1, 0}, {2, 0}, {3, 1}})), 0U);
  EXPECT_EQ(count(taken_out({{1, 0}})), 0U);
  EXPECT_EQ(count(taken_out({})), 0U);
}

TEST(TakeOut, NeverTakesTheWellNorMoreThanItMay) {
  SeededRandom random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Patient> site(1 + random.below(20));
    std::map<std::uint32_t, std::size_t> sizes;
    for (Patient& patient : site) {
      patient = {static_cast<std::uint32_t>(random.below(5)), static_cast<std::uint32_t>(random.below(4))};
      ++sizes[patient.pop];
    }
    const std::vector<bool> out = taken_out(site);
    std::size_t largest = 0;
    for (const auto& [pop, size] : sizes) largest = std::max(largest, size);
    EXPECT_LT(count(out), site.size());
    EXPECT_LE(count(out), std::max({std::size_t{1}, site.size() / 4, largest}));
    for (std::size_t i = 0; i < site.size(); ++i) EXPECT_FALSE(out[i] && site[i].ill_rank == 0);
  }
}

}  // namespace ringway::dns::steering

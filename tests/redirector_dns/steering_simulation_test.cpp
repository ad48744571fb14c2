// The steering with clients and POPs around it, on virtual time: the bounds that it promises.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/redirector_dns/steering_world.h"
#include "tests/support/scale.h"

namespace ringway::dns::steering {

namespace {

const std::uint64_t kSeeds = scaled(5);

/// How often a value turned back by more than `by` from where it was highest or lowest, from `begin` on.
unsigned turns(const std::vector<double>& course, std::size_t begin, double by) {
  unsigned count = 0;
  int direction = 0;
  double extreme = course[begin];
  for (std::size_t i = begin; i < course.size(); ++i) {
    const double change = course[i] - extreme;
    if (change * direction >= 0 && direction != 0) {
      extreme = course[i];
    } else if (std::abs(change) > by) {
      count += direction == 0 ? 0 : 1;
      direction = change > 0 ? 1 : -1;
      extreme = course[i];
    }
  }
  return count;
}

/// How full the fullest POP was, and what the crowded one sent on, second by second.
struct Course {
  std::vector<double> fullest;
  std::vector<double> shed;

  /// By more than 2 % of the POP's capacity.
  [[nodiscard]] unsigned reversals(std::size_t begin) const { return turns(fullest, begin, 0.02); }
  [[nodiscard]] unsigned seconds_over_capacity() const {
    return static_cast<unsigned>(std::count_if(fullest.begin(), fullest.end(), [](double use) { return use > 1; }));
  }
  /// The second from which on it stays within `use`.
  [[nodiscard]] unsigned settled_within(double use) const {
    const auto last = std::find_if(fullest.rbegin(), fullest.rend(), [&](double value) { return value > use; });
    return static_cast<unsigned>(fullest.rend() - last);
  }
  [[nodiscard]] double most(std::size_t begin) const {
    return *std::max_element(fullest.begin() + static_cast<std::ptrdiff_t>(begin), fullest.end());
  }
};

void watch_second(World& world, Course& course) {
  world.step();
  course.fullest.push_back(world.fullest());
  course.shed.push_back(world.table().levels().pops[1].shed);
}

Course watch(World& world, unsigned seconds) {
  Course course;
  for (unsigned i = 0; i < seconds; ++i) {
    watch_second(world, course);
  }
  return course;
}

}  // namespace

TEST(SteeringSimulation, NobodyMovesInCalm) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(1200);
    EXPECT_EQ(world.moves(), 0U) << seed;
    EXPECT_LT(world.mean_rtt_ms(), 30);
  }
}

class RegionalCrowd : public ::testing::TestWithParam<unsigned> {};  // by TTL, in seconds

INSTANTIATE_TEST_SUITE_P(Ttls, RegionalCrowd, ::testing::Values(10U, 20U, 30U));

TEST_P(RegionalCrowd, Of2Point2TimesTheDemandIsSpreadWithinTwoTtls) {
  const unsigned ttl = GetParam();
  for (std::uint64_t seed = 1; seed <= 2 * kSeeds; ++seed) {
    World world(seed, ttl);
    world.run(120);
    const std::size_t before = world.moves();
    world.crowd = 2.2;
    const Course course = watch(world, 300);
    const unsigned over = course.seconds_over_capacity();
    const unsigned settled = course.settled_within(0.95);
    EXPECT_LE(over, ttl + (ttl < 20 ? 3 : 0)) << seed;  // readings are 2 s old, and it takes two
    EXPECT_LE(settled, 2 * ttl + 2) << seed;
    EXPECT_LE(course.reversals(60), 1U) << seed;  // one of those who keep their answers may come late, and be much
    // Up, and once a little back when those who kept their answers for minutes have followed.
    EXPECT_LE(turns(course.shed, 0, 0.02), 1U) << seed;
    fmt::print(
        "ttl {} seed {}: {:.2f} at most, {} s over capacity, {} s until 95 %, {} reversals, {} moves, {:.0f} ms\n", ttl,
        seed, course.most(0), over, settled, course.reversals(60), world.moves() - before, world.mean_rtt_ms());
    world.crowd = 1;
    world.run(600);
    EXPECT_LT(world.mean_rtt_ms(), 30) << "all are back";
  }
}

TEST(SteeringSimulation, WhereAllHoldToTtlsOneGentleCorrectionAtMostIsMade) {
  for (const unsigned ttl : {20U, 30U}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      World world(seed, ttl, World::Faith::all);
      world.run(120);
      world.crowd = 2.2;
      const Course course = watch(world, 300);
      EXPECT_LE(course.seconds_over_capacity(), ttl) << seed;
      EXPECT_LE(course.settled_within(0.95), 2 * ttl) << seed;
      EXPECT_LE(course.reversals(60), 1U) << seed;
      EXPECT_LE(turns(course.shed, 0, 0.02), 1U) << seed;
    }
  }
}

/// Sites whose clients keep answers for 20 s and for 300 s; shares are reckoned with the mean of the demand.
TEST(SteeringSimulation, WhereTtlsDifferTheMeanOfTheDemandEmptiesNoPop) {
  for (const unsigned tenths : {2U, 5U, 9U}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      World world(seed, 20, World::Faith::all, {tenths, 300, 20 + 28 * tenths});
      world.run(120);
      world.crowd = 2.2;
      const Course course = watch(world, 900);
      EXPECT_LE(*std::max_element(course.shed.begin(), course.shed.end()), 0.6) << tenths << " " << seed;
      EXPECT_LE(turns(course.shed, 0, 0.02), 1U) << tenths << " " << seed;
      EXPECT_LE(course.settled_within(0.95), 330U) << tenths << " " << seed;
    }
  }
}

/// With one front-end an answer, so that nothing but the bound evens out.
TEST(SteeringSimulation, AFrontendWhoseNetworksAskForMoreStaysWithinTheBoundOfItsPop) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed, 20, World::Faith::most, {0, 20, 20}, 1);
    world.run(120);
    world.rush = 2;
    const std::size_t before = world.moves();
    world.step();
    const double at_once = world.imbalance(1);
    EXPECT_GT(at_once, 1.25) << seed;
    world.run(39);
    double most = 0;
    for (int second = 0; second < 300; ++second) {
      world.step();
      most = std::max(most, world.imbalance(1));
    }
    fmt::print("seed {}: {:.2f} of the mean at once, {:.2f} after two TTLs, {} moves\n", seed, at_once, most,
               world.moves() - before);
    EXPECT_LE(most, 1.25) << seed;
    EXPECT_EQ(world.moves(), before) << seed << ": within the POP";
  }
}

TEST(SteeringSimulation, ACrowdThatGrowsForAMinuteIsFollowed) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(120);
    Course course;
    for (int i = 1; i <= 300; ++i) {
      world.crowd = 1 + 1.2 * std::min(1.0, i / 60.0);
      watch_second(world, course);
    }
    fmt::print("seed {}: {:.2f} at most, {} s over capacity, {} s until 95 %\n", seed, course.most(0),
               course.seconds_over_capacity(), course.settled_within(0.95));
    EXPECT_LE(course.most(0), 1.2) << seed;
    EXPECT_LE(course.seconds_over_capacity(), 40U) << seed;
    EXPECT_LE(course.settled_within(0.95), 60U + 40U) << seed;
  }
}

TEST(SteeringSimulation, WhereAllAreFullAllAreEquallyFullAndNothingSwings) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(120);
    world.crowd_home = World::kPops;
    world.crowd = 1.7;
    const Course course = watch(world, 300);
    double least = 9;
    double demand = 0;
    double capacity = 0;
    for (std::size_t pop = 0; pop < World::kPops; ++pop) {
      least = std::min(least, world.use(pop));
      demand += world.demand_at(pop);
      capacity += world.demand_at(pop) / world.use(pop);
    }
    const double mean = demand / capacity;
    fmt::print("seed {}: {:.2f} to {:.2f} at the end, mean {:.2f}, {} reversals\n", seed, least, world.fullest(), mean,
               course.reversals(60));
    EXPECT_LE(course.most(60), 1.25 * mean) << seed;
    EXPECT_LE(world.fullest(), 1.12 * mean) << seed;
    EXPECT_LE(course.reversals(120), 2U) << seed;
  }
}

TEST(SteeringSimulation, ADrainLeavesATenthWithin35Seconds) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(120);
    const double before = world.demand_at(3);
    world.admin[3] = Admin::draining;
    const Course course = watch(world, 27);
    EXPECT_EQ(world.faithful_at(3), 0U) << seed << ": 20 s until all are passed on, and the shortest answer";
    EXPECT_LE(course.seconds_over_capacity(), 20U) << seed;
    world.run(8);
    EXPECT_LE(world.demand_at(3), 0.1 * before) << seed;
    fmt::print("seed {}: {:.3f} left after 35 s\n", seed, world.demand_at(3) / before);
    world.run(120);
    world.admin[3] = Admin::serving;
    const Course back = watch(world, 600);
    EXPECT_EQ(back.seconds_over_capacity(), 0U) << seed;
    EXPECT_NEAR(world.demand_at(3), before, 0.02 * before) << seed;
  }
}

TEST(SteeringSimulation, ALostPopLosesItsClientsWithinATtlAndComesBackSlowly) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(120);
    const double before = world.demand_at(2);
    world.dead[2] = true;
    world.run(20 + 2);  // two rounds until observers are believed
    EXPECT_EQ(world.faithful_at(2), 0U) << seed;
    world.run(300);
    EXPECT_EQ(world.demand_at(2), 0) << seed;
    world.dead[2] = false;
    const double rtt = world.mean_rtt_ms();
    const Course back = watch(world, 20);
    EXPECT_LE(world.demand_at(2), 0.5 * before) << seed;
    EXPECT_EQ(back.seconds_over_capacity(), 0U) << seed;
    world.run(600);
    EXPECT_NEAR(world.demand_at(2), before, 0.02 * before) << seed;
    EXPECT_LT(world.mean_rtt_ms(), rtt) << seed;
  }
}

TEST(SteeringSimulation, APopThatFlapsIsHeldBack) {
  World world(1);
  world.run(120);
  const std::size_t before = world.moves();
  for (int second = 0; second < 600; ++second) {
    world.dead[1] = second % 20 < 10;
    world.step();
  }
  const std::size_t flapped = world.moves() - before;
  for (int second = 0; second < 600; ++second) {
    world.dead[1] = second % 20 < 10;
    world.step();
  }
  fmt::print("{} moves in 10 minutes of flapping, {} in the next\n", flapped, world.moves() - before - flapped);
  EXPECT_LE(flapped, 2 * World::kNetworks);
  EXPECT_LE(world.moves() - before - flapped, World::kNetworks);
}

TEST(SteeringSimulation, ASlowLinkIsAvoidedAfterThreeMinutesAndOnce) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    World world(seed);
    world.run(300);
    const std::size_t before = world.moves();
    const double usual = world.demand_at(3);
    world.link_ms[3] = 300;
    world.run(175);
    EXPECT_EQ(world.moves(), before) << seed;
    world.run(360);  // every tenth keeps its answer for up to 5 minutes
    EXPECT_EQ(world.demand_at(3), 0) << seed;
    const std::size_t moved = world.moves();
    world.run(600);
    EXPECT_LE(world.moves() - moved, World::kNetworks / 100) << seed;
    world.link_ms[3] = 0;
    world.run(600);
    EXPECT_NEAR(world.demand_at(3), usual, 0.05 * usual) << seed;
  }
}

TEST(SteeringSimulation, WithoutAManagerAnswersGoOnAndForgetTheLoadFirst) {
  World world(1);
  world.run(120);
  world.crowd = 2.2;
  world.run(120);
  const double shed = world.table().levels().pops[1].shed;
  EXPECT_GT(shed, 0.2);
  world.dead[2] = true;
  world.run(120);
  world.manager_away = true;
  world.run(30);
  EXPECT_NEAR(world.table().levels().pops[1].shed, shed, 0.1);
  EXPECT_NE(world.table().levels().frontends[6].ill_rank, 0U);
  world.run(570);
  EXPECT_EQ(world.table().levels().pops[1].shed, 0);
  EXPECT_NE(world.table().levels().frontends[6].ill_rank, 0U);
  world.run(310);
  EXPECT_EQ(world.table().levels().frontends[6].ill_rank, 0U);
  const std::size_t moves = world.moves();
  world.run(3600);
  EXPECT_LT(world.moves() - moves, World::kNetworks);
}

TEST(SteeringSimulation, ANewLeaderMovesNobody) {
  World world(1);
  world.run(120);
  world.crowd = 2.2;
  world.run(280);
  const std::size_t moves = world.moves();
  const double shed = world.table().levels().pops[1].shed;
  world.change_leader();
  world.run(60);
  EXPECT_NEAR(world.table().levels().pops[1].shed, shed, 0.02);
  EXPECT_LE(world.moves() - moves, World::kNetworks / 50);
}

}  // namespace ringway::dns::steering

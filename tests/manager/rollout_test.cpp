#include "manager/rollout/rollout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/config_reader.h"
#include "base/random.h"

namespace ringway::manager {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr tmp::Role kFront = tmp::Role::frontend;
constexpr tmp::Role kBack = tmp::Role::backend;

/// Gateways that do what they are told after a while, or what a test does to them.
class World {
 public:
  World() {
    for (const char* name : {"a1", "a2", "a3", "b1", "b2", "c1"}) add({kFront, name}, std::string(1, name[0]));
    for (const char* name : {"h1", "h2"}) add({kBack, name}, name);
  }

  void add(const tmp::PeerIdentity& gateway, const std::string& place) {
    GatewayCondition condition;
    condition.place = place;
    condition.connected = true;
    condition.since = now;
    condition.revision = 1;
    condition.requests_per_s = 100;
    conditions[gateway] = condition;
  }
  void begin(std::uint64_t to, Spread spread = Spread::in_waves) {
    rollout = begin_rollout(&rollout, to, conditions, spread, now);
  }
  void connect(const tmp::PeerIdentity& gateway, bool connected) {
    conditions[gateway].connected = connected;
    conditions[gateway].since = now;
  }
  /// Every gateway that is there has in use what it is to have, unless it is stuck.
  void obey() {
    for (auto& [gateway, condition] : conditions) {
      if (condition.connected && gateway != stuck) condition.revision = revision_for(rollout, gateway);
    }
  }
  void run(seconds time) {
    for (const Time end = now + time; now < end; now += seconds(1)) {
      obey();
      rollout = step(rollout, conditions, pace, now);
    }
  }
  std::size_t having(std::uint64_t revision) const {
    return static_cast<std::size_t>(std::count_if(conditions.begin(), conditions.end(),
                                                  [&](const auto& each) { return each.second.revision == revision; }));
  }

  Time now{seconds(1000)};
  GatewayConditions conditions;
  RolloutPace pace;
  Rollout rollout = begin_rollout(nullptr, 1, {}, Spread::in_waves, now);
  tmp::PeerIdentity stuck = {kFront, "-"};
};

TEST(Rollout, GoesByWavesWithAGateAfterEach) {
  World world;
  world.begin(2);
  ASSERT_EQ(world.rollout.waves.size(), 3U);  // a1; a2, a3; a quarter of eight is there already; all
  EXPECT_EQ(world.rollout.from, 1U);
  world.run(seconds(29));
  EXPECT_EQ(world.having(2), 1U);
  world.run(seconds(3));
  EXPECT_EQ(world.having(2), 3U);
  world.run(seconds(31));
  EXPECT_EQ(world.having(2), 8U);
  EXPECT_EQ(world.rollout.state, RolloutState::spreading);
  world.run(seconds(31));
  EXPECT_EQ(world.rollout.state, RolloutState::done);
}

TEST(Rollout, AQuarterComesBeforeAllWithBackEndsFirst) {
  World world;
  for (int i = 0; i < 24; ++i) world.add({kFront, "z" + std::to_string(i)}, "z");
  world.begin(2);
  ASSERT_EQ(world.rollout.waves.size(), 4U);
  EXPECT_EQ(world.rollout.waves[0].size() + world.rollout.waves[1].size() + world.rollout.waves[2].size(), 8U);
  EXPECT_EQ(world.rollout.waves[2][0], (tmp::PeerIdentity{kBack, "h1"}));
}

TEST(Rollout, ARefusalStopsItAndAllGoBack) {
  World world;
  world.begin(2);
  world.run(seconds(35));
  ASSERT_EQ(world.having(2), 3U);
  world.conditions[{kFront, "a2"}].refusal = "sites/shop: no such host";
  world.run(seconds(2));
  EXPECT_EQ(world.rollout.state, RolloutState::stopped);
  EXPECT_EQ(world.rollout.reason, "frontend a2 refused it: sites/shop: no such host");
  EXPECT_EQ(world.having(1), 8U);
  world.conditions[{kFront, "a2"}].refusal.reset();
  world.begin(3, Spread::at_once);
  EXPECT_EQ(world.rollout.from, 1U);
  world.run(seconds(2));
  EXPECT_EQ(world.rollout.state, RolloutState::done);
  EXPECT_EQ(world.having(3), 8U);
}

TEST(Rollout, ARefusalOfAnEarlierWaveCountsAsWell) {
  World world;
  world.begin(2);
  world.run(seconds(35));
  world.conditions[{kFront, "a1"}].refusal = "the gateway ended twice while trying it";
  world.run(seconds(1));
  EXPECT_EQ(world.rollout.state, RolloutState::stopped);
}

TEST(Rollout, AGatewayThatGoesAfterwardsStopsIt) {
  World world;
  world.begin(2);
  world.run(seconds(10));
  world.connect({kFront, "a1"}, false);
  world.run(seconds(4));
  EXPECT_EQ(world.rollout.state, RolloutState::spreading);
  world.run(seconds(3));
  EXPECT_EQ(world.rollout.state, RolloutState::stopped);
  EXPECT_EQ(world.rollout.reason, "frontend a1 has gone since it got it");
}

TEST(Rollout, AGateBeginsAnewWhenAGatewayComesBack) {
  World world;
  world.begin(2);
  world.run(seconds(25));
  world.connect({kFront, "a1"}, false);
  world.run(seconds(2));
  world.connect({kFront, "a1"}, true);
  world.run(seconds(28));
  EXPECT_EQ(world.having(2), 1U);
  world.run(seconds(5));
  EXPECT_EQ(world.having(2), 3U);
}

TEST(Rollout, WhoWasAwayBeforeHoldsNothingUp) {
  World world;
  world.connect({kFront, "a1"}, false);
  world.connect({kBack, "h2"}, false);
  world.now += seconds(1);
  world.begin(2);
  EXPECT_EQ(world.rollout.waves[0], (std::vector<tmp::PeerIdentity>{{kFront, "a2"}}));
  world.run(seconds(100));
  EXPECT_EQ(world.rollout.state, RolloutState::done);
  EXPECT_EQ(revision_for(world.rollout, {kFront, "a1"}), 2U);
}

TEST(Rollout, WhoDoesNotTakeItInUseStopsIt) {
  World world;
  world.stuck = {kFront, "a1"};
  world.begin(2);
  world.run(seconds(30));
  EXPECT_EQ(world.rollout.state, RolloutState::spreading);
  world.run(seconds(2));
  EXPECT_EQ(world.rollout.state, RolloutState::stopped);
  EXPECT_EQ(world.rollout.reason, "frontend a1 did not have it in use within 30 s");
}

TEST(Rollout, ErrorsThatWereNotThereBeforeStopIt) {
  World world;
  for (auto& [gateway, condition] : world.conditions) condition.errors_per_s = 10;
  world.begin(2);
  world.run(seconds(5));
  EXPECT_EQ(world.rollout.state, RolloutState::spreading);
  world.conditions[{kFront, "a1"}].errors_per_s = 16;
  world.run(seconds(1));
  EXPECT_EQ(world.rollout.state, RolloutState::stopped);
  EXPECT_EQ(world.rollout.reason, "16 % of the answers of wave 1 are errors, 10 % of all were before");
}

TEST(Rollout, TheFirstRevisionGoesToAllAtOnce) {
  World world;
  world.rollout = begin_rollout(nullptr, 1, world.conditions, Spread::in_waves, world.now);
  ASSERT_EQ(world.rollout.waves.size(), 1U);
  world.run(seconds(2));
  EXPECT_EQ(world.rollout.state, RolloutState::done);
}

TEST(Rollout, OneThatNobodyNoticesIsDone) {
  const Rollout none = begin_rollout(nullptr, 1, {}, Spread::in_waves, {});
  EXPECT_EQ(none.state, RolloutState::done);
  EXPECT_EQ(revision_for(none, {kFront, "a1"}), 1U);
}

TEST(Rollout, ANewerRevisionGoesBackToTheSame) {
  World world;
  world.begin(2);
  world.run(seconds(10));
  world.begin(3);
  EXPECT_EQ(world.rollout.from, 1U);
  EXPECT_EQ(world.rollout.to, 3U);
}

TEST(Rollout, IsReadAsItWasWritten) {
  World world;
  world.begin(2);
  world.run(seconds(40));
  world.rollout.reason = "because \"so\"";
  const std::string json = rollout_type()->json(world.rollout);
  const auto read = config::read_text(rollout_type(), json, "rollout", config::Files::not_looked_at);
  ASSERT_TRUE(read) << read.error().message;
  Rollout expected = world.rollout;
  expected.gate_began.reset();
  expected.wave_began = world.now;
  EXPECT_EQ(resume(**read, world.now), expected);
}

/// Whatever gateways do, the next wave begins only after the one before was well for the gate's time, a refusal
/// reaches nobody further, and an end is reached.
TEST(Rollout, NothingSpreadsPastItsGate) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SeededRandom random(seed);
    World world;
    world.pace.gate = seconds(5);
    for (std::uint64_t i = 0; i < random.below(20); ++i) world.add({kFront, "x" + std::to_string(i)}, "x");
    world.begin(2);
    std::size_t wave = 0;
    Time well_since = world.now;
    for (int turn = 0; turn < 400 && world.rollout.state == RolloutState::spreading; ++turn) {
      auto victim = world.conditions.begin();
      std::advance(victim, static_cast<std::ptrdiff_t>(random.below(world.conditions.size())));
      if (random.below(10) == 0) world.connect(victim->first, random.below(4) != 0);
      bool refused = false;
      if (random.below(60) == 0 && victim->second.revision == 2) {
        victim->second.refusal = "no";
        refused = true;
      }
      const Rollout before = world.rollout;
      world.run(seconds(1));
      for (const tmp::PeerIdentity& gateway : before.waves[before.wave]) {
        const GatewayCondition& condition = world.conditions[gateway];
        if (condition.connected && condition.revision != 2) well_since = world.now;
      }
      if (world.rollout.wave != wave) {
        EXPECT_EQ(world.rollout.wave, wave + 1) << seed;
        EXPECT_GE(world.now - well_since, world.pace.gate) << seed;
        wave = world.rollout.wave;
        well_since = world.now;
      }
      EXPECT_TRUE(!refused || world.rollout.state == RolloutState::stopped) << seed;
    }
    EXPECT_NE(world.rollout.state, RolloutState::spreading) << seed;
  }
}

}  // namespace
}  // namespace ringway::manager

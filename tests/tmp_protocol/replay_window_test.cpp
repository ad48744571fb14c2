#include "tmp_protocol/replay_window.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace ringway::tmp {
namespace {

TEST(ReplayWindow, IsAtLeastAsLongAsPromised) { EXPECT_GE(kReplayWindow, 8192U); }

TEST(ReplayWindow, TakesEachNumberOnce) {
  ReplayWindow window;
  EXPECT_TRUE(window.take(0));
  EXPECT_FALSE(window.take(0));
  EXPECT_TRUE(window.take(2));
  EXPECT_TRUE(window.take(1));
  EXPECT_FALSE(window.take(1));
  EXPECT_EQ(window.next(), 3U);
}

TEST(ReplayWindow, RefusesWhatIsTooOld) {
  ReplayWindow window;
  EXPECT_TRUE(window.take(kReplayWindow + 5));
  EXPECT_TRUE(window.fresh(6));
  EXPECT_FALSE(window.fresh(5));
  EXPECT_TRUE(window.take(6));
  EXPECT_FALSE(window.take(5));
}

TEST(ReplayWindow, ForgetsAllAfterALongLeap) {
  ReplayWindow window;
  for (std::uint64_t number = 0; number < 2 * kReplayWindow; ++number) window.take(number);
  const std::uint64_t far = 100 * kReplayWindow;
  EXPECT_TRUE(window.take(far));
  for (std::uint64_t number = far - kReplayWindow + 1; number < far; ++number) ASSERT_TRUE(window.fresh(number));
}

// Against a set of all numbers taken, on walks with small and large steps in both directions.
TEST(ReplayWindow, AgreesWithASet) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SeededRandom random(seed);
    ReplayWindow window;
    std::set<std::uint64_t> taken;
    std::uint64_t at = random.below(3) == 0 ? (1ULL << 40) : 0;
    for (int step = 0; step < 20000; ++step) {
      at += random.below(random.below(50) == 0 ? 3 * kReplayWindow : 40);
      const std::uint64_t back = random.below(random.below(10) == 0 ? kReplayWindow + 100 : 70);
      const std::uint64_t number = at - std::min(at, back);
      const std::uint64_t highest = taken.empty() ? 0 : *taken.rbegin();
      const bool old = !taken.empty() && number + kReplayWindow <= highest;
      const bool expected = !old && taken.insert(number).second;
      ASSERT_EQ(window.fresh(number), expected) << seed << ' ' << step;
      ASSERT_EQ(window.take(number), expected) << seed << ' ' << step;
      ASSERT_FALSE(window.fresh(number));
    }
  }
}

}  // namespace
}  // namespace ringway::tmp

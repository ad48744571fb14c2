#include "tmp_protocol/interval_set.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace ringway::tmp {
namespace {

/// The numbers one by one, and that the intervals are as they should.
std::set<std::uint64_t> numbers(const IntervalSet& set) {
  std::set<std::uint64_t> result;
  std::uint64_t free_from = 0;
  std::uint64_t total = 0;
  for (const Interval& interval : set.intervals()) {
    EXPECT_LT(interval.begin, interval.end);
    EXPECT_TRUE(result.empty() || interval.begin > free_from);
    for (std::uint64_t n = interval.begin; n < interval.end; ++n) result.insert(n);
    free_from = interval.end;
    total += interval.size();
  }
  EXPECT_EQ(total, set.total());
  EXPECT_EQ(set.empty(), result.empty());
  return result;
}

TEST(IntervalSet, MergesWhatTouches) {
  IntervalSet set;
  set.add({10, 20});
  set.add({30, 40});
  set.add({20, 30});
  ASSERT_EQ(set.intervals().size(), 1u);
  EXPECT_EQ(set.front(), (Interval{10, 40}));
  set.remove({15, 16});
  EXPECT_EQ(set.intervals().size(), 2u);
  EXPECT_FALSE(set.contains(15));
  EXPECT_TRUE(set.contains(16));
}

TEST(IntervalSet, AddsAndRemovesLikeASetOfNumbers) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SeededRandom random(seed);
    IntervalSet set;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 500; ++i) {
      const std::uint64_t begin = random.below(400);
      const std::uint64_t end = begin + random.below(30);
      const bool adds = random.below(3) != 0;
      adds ? set.add({begin, end}) : set.remove({begin, end});
      for (std::uint64_t n = begin; n < end; ++n) {
        if (adds) {
          model.insert(n);
        } else {
          model.erase(n);
        }
      }
      ASSERT_EQ(numbers(set), model) << seed;
    }
  }
}

TEST(IntervalSet, TakesFromTheFront) {
  SeededRandom random(7);
  IntervalSet set;
  for (std::uint64_t n = 0; n < 2000; n += 2) set.add({n, n + 1});
  set.add({100, 200});
  std::set<std::uint64_t> model = numbers(set);
  while (!set.empty()) {
    const Interval taken = set.take_front(1 + random.below(9));
    ASSERT_FALSE(taken.empty());
    for (std::uint64_t n = taken.begin; n < taken.end; ++n) {
      ASSERT_EQ(*model.begin(), n);
      model.erase(model.begin());
    }
    ASSERT_EQ(numbers(set), model);
  }
  EXPECT_TRUE(model.empty());
}

TEST(IntervalSet, AddsWhatIsNotExcepted) {
  IntervalSet except;
  except.add({5, 10});
  except.add({15, 20});
  IntervalSet set;
  set.add_except({0, 18}, except);
  EXPECT_EQ(numbers(set), (std::set<std::uint64_t>{0, 1, 2, 3, 4, 10, 11, 12, 13, 14}));
  set.clear();
  set.add_except({6, 9}, except);
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/flow_control.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1000s};
constexpr Duration kRoundTrip = 100ms;

TEST(ReceiveWindow, GivesCreditAtHalfOfTheFirstWindowAndAtA32ndOfALargeOne) {
  ReceiveWindow window(1000, 32'000, kStart);
  EXPECT_TRUE(window.allows(1000));
  EXPECT_FALSE(window.allows(1001));
  EXPECT_FALSE(window.consume(499));
  EXPECT_TRUE(window.consume(1));
  EXPECT_EQ(window.renew(kStart, kRoundTrip, WindowGrowth::allow), 2500u);
  while (window.window() < 32'000) {
    window.consume(8000);
    window.renew(kStart, kRoundTrip, WindowGrowth::allow);
  }
  EXPECT_FALSE(window.consume(999));
  EXPECT_TRUE(window.consume(1));
}

TEST(ReceiveWindow, DoublesWhenAQuarterIsConsumedWithinARoundTrip) {
  ReceiveWindow window(1000, 3000, kStart);
  window.consume(125);
  EXPECT_EQ(window.renew(kStart + 50ms, kRoundTrip, WindowGrowth::allow), 1125u);  // too little to judge
  window.consume(125);
  EXPECT_EQ(window.renew(kStart + 99ms, kRoundTrip, WindowGrowth::allow), 2250u);
  window.consume(750);
  EXPECT_EQ(window.renew(kStart + 150ms, kRoundTrip, WindowGrowth::allow), 4000u);  // 3000 at most
  window.consume(1500);
  window.renew(kStart + 500ms, kRoundTrip, WindowGrowth::allow);
  EXPECT_EQ(window.window(), 3000u);
}

TEST(ReceiveWindow, GrowsWhereHalfOfItIsConsumedInALittleMoreThanARoundTrip) {
  // So it is for a sender that waits for each half of it to come back as credit.
  ReceiveWindow window(1000, 8000, kStart);
  window.consume(500);
  window.renew(kStart + kRoundTrip + 1ms, kRoundTrip, WindowGrowth::allow);
  EXPECT_EQ(window.window(), 2000u);
}

TEST(ReceiveWindow, StaysWhereTheReaderIsSlow) {
  ReceiveWindow window(1000, 8000, kStart);
  window.consume(250);
  window.renew(kStart + 100ms, kRoundTrip, WindowGrowth::allow);
  EXPECT_EQ(window.window(), 1000u);
}

TEST(ReceiveWindow, ShrinksWhereMemoryIsShortAndNeverTakesCreditBack) {
  ReceiveWindow window(1000, 8000, kStart);
  for (int i = 0; i < 3; ++i) {
    window.consume(window.window() / 2);
    window.renew(kStart, kRoundTrip, WindowGrowth::allow);
  }
  EXPECT_EQ(window.window(), 8000u);
  const std::uint64_t limit = window.limit();
  EXPECT_EQ(window.renew(kStart, kRoundTrip, WindowGrowth::shrink), limit);
  EXPECT_EQ(window.window(), 4000u);
  for (int i = 0; i < 5; ++i) window.renew(kStart, kRoundTrip, WindowGrowth::shrink);
  EXPECT_EQ(window.window(), 1000u);
  window.renew(kStart, kRoundTrip, WindowGrowth::hold);
  EXPECT_EQ(window.window(), 1000u);
}

TEST(ReceiveWindow, SendsOnlyTheLatestCreditAgain) {
  ReceiveWindow window(1000, 1000, kStart);
  window.consume(600);
  const std::uint64_t first = window.renew(kStart, kRoundTrip, WindowGrowth::hold);
  EXPECT_TRUE(window.lost(first));
  window.consume(600);
  const std::uint64_t second = window.renew(kStart, kRoundTrip, WindowGrowth::hold);
  EXPECT_FALSE(window.lost(first));
  EXPECT_TRUE(window.lost(second));
}

TEST(SendWindow, TellsOnceForEachLimitThatItIsBlocked) {
  SendWindow window(100);
  EXPECT_EQ(window.available(40), 60u);
  EXPECT_EQ(window.available(100), 0u);
  EXPECT_TRUE(window.must_tell_blocked());
  EXPECT_FALSE(window.must_tell_blocked());
  EXPECT_TRUE(window.blocked_lost(100, 100));
  EXPECT_TRUE(window.raise(200));
  EXPECT_FALSE(window.raise(150));
  EXPECT_EQ(window.limit(), 200u);
  EXPECT_FALSE(window.blocked_lost(100, 100));
  EXPECT_TRUE(window.must_tell_blocked());
}

TEST(MemoryBudget, AdvisesByWhatIsTaken) {
  MemoryBudget budget(1000);
  budget.take(600);
  EXPECT_EQ(budget.advice(400), WindowGrowth::allow);
  EXPECT_EQ(budget.advice(401), WindowGrowth::hold);
  budget.take(500);
  EXPECT_EQ(budget.advice(0), WindowGrowth::shrink);
  budget.give_back(500);
  budget.set_limit(600);
  EXPECT_EQ(budget.advice(0), WindowGrowth::allow);
  EXPECT_EQ(budget.advice(1), WindowGrowth::hold);
}

TEST(MemoryBudget, LeavesSomethingForTheNextStreamHoweverManyStop) {
  MemoryBudget budget(16'000);
  EXPECT_EQ(budget.stream_advice(500, 1000), WindowGrowth::allow);
  EXPECT_EQ(budget.stream_advice(500, 1001), WindowGrowth::hold);
  EXPECT_EQ(budget.stream_advice(1000, 1001), WindowGrowth::hold);
  EXPECT_EQ(budget.stream_advice(1001, 1001), WindowGrowth::shrink);
  std::uint64_t window = 1;
  for (int stream = 0; stream < 100; ++stream) {
    for (window = 1; budget.stream_advice(window, 2 * window) == WindowGrowth::allow;) window *= 2;
    budget.take(window);
  }
  EXPECT_LT(budget.taken(), 16'000u);
  EXPECT_LT(window, 100u);
  budget.take(16'000);
  EXPECT_EQ(budget.stream_advice(1, 2), WindowGrowth::shrink);
}

TEST(ReaderLoan, CreditsEachOctetOnce) {
  SeededRandom random(7);
  MemoryBudget budget(1000);
  std::uint64_t given = 0, credited = 0, held = 0;
  {
    ReaderLoan loan(&budget);
    for (int i = 0; i < 10'000; ++i) {
      if (random.below(2) == 0) {
        const std::uint64_t octets = random.below(200);
        credited += loan.lend(octets);
        given += octets;
        held += octets;
      } else {
        const std::uint64_t octets = random.below(held + 1);
        credited += loan.repay(octets);
        held -= octets;
      }
      ASSERT_EQ(loan.octets(), budget.taken());
      ASSERT_LE(budget.taken(), 1000u);
      ASSERT_EQ(given - credited, held - loan.octets());
    }
    EXPECT_TRUE(loan.take_refused());
    EXPECT_FALSE(loan.take_refused());
  }
  EXPECT_EQ(budget.taken(), 0u);
}

}  // namespace
}  // namespace ringway::tmp

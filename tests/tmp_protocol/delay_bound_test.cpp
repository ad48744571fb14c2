#include "tmp_protocol/delay_bound.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBase = 80ms;

/// A path of `rate` packets a second whose queue is what the link and others put there.
struct Path {
  DelayBound bound;
  double rate = 4000;
  double others = 0;      // packets of others in flight
  double ambition = 0;    // by which they grow in a round
  double most_queue = 4;  // flights; above it the others back off
  PathView view;

  Path() {
    view.now = Time{} + 1s;
    view.base_rtt = kBase;
    view.unrest = 5ms;
    view.limited = true;
    view.window = flight();
    bound.begin(flight(), 0, 0, view.now);
  }
  [[nodiscard]] double flight() const { return rate * to_seconds(kBase); }
  /// Rounds in which the bound's window, or `window`, is in flight.
  void rounds(int count, double window = 0) {
    for (int i = 0; i < count; ++i) {
      others += ambition;
      if (others > most_queue * flight()) others *= 0.7;
      const double own = window > 0 && bound.shared() ? window : bound.window();
      const double standing = std::max(own + others - flight(), 0.0);
      view.queue = from_seconds(standing / rate);
      view.rate = own / to_seconds(kBase + view.queue);
      view.window = own;
      view.now += kBase + view.queue;
      ++view.round;
      bound.on_ack(view);
    }
  }
};

TEST(DelayBound, KeepsThePathFullAndTheQueueShort) {
  Path path;
  path.rounds(100);
  EXPECT_FALSE(path.bound.shared());
  EXPECT_GE(path.bound.window(), path.flight());
  EXPECT_LE(path.bound.window(), path.flight() * 1.13);
}

TEST(DelayBound, FindsAFasterPathWithinAFewRounds) {
  Path path;
  path.rounds(40);
  path.rate *= 4;
  path.rounds(30);
  EXPECT_GE(path.bound.window(), path.flight() * 0.98);
  path.rounds(20);
  EXPECT_LE(path.bound.window(), path.flight() * 1.3);
  EXPECT_FALSE(path.bound.shared());
}

TEST(DelayBound, ASlowerPathIsNotTakenForOthers) {
  Path path;
  path.rounds(40);
  path.rate /= 3;
  path.rounds(12);
  EXPECT_FALSE(path.bound.shared());
  EXPECT_LE(path.bound.window(), path.flight() * 1.13);
}

TEST(DelayBound, OthersQueueIsFoundWithinTenRounds) {
  Path path;
  path.rounds(40);
  const double before = path.bound.window();
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(10);
  EXPECT_TRUE(path.bound.shared());
  EXPECT_FALSE(path.bound.resumes());
  EXPECT_GE(path.bound.window_before(), before * 0.9);  // draining does not cost its share
}

TEST(DelayBound, WhileYoungItGoesBackToWhatStartUpHadReached) {
  Path path;
  path.bound.begin(path.flight(), 1000, 0, path.view.now);
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(10);
  ASSERT_TRUE(path.bound.shared());
  EXPECT_NEAR(path.bound.window_before(), 1000, 1);
}

TEST(DelayBound, ATestFindsThatOthersAreGone) {
  Path path;
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(20);
  ASSERT_TRUE(path.bound.shared());
  path.others = path.ambition = 0;
  path.rounds(80, path.flight() * 1.5);
  EXPECT_FALSE(path.bound.shared());
  EXPECT_LE(path.bound.window(), path.flight() * 1.13);
}

TEST(DelayBound, ATestThatFindsOthersResumesAndComesLaterNextTime) {
  Path path;
  path.others = path.flight();
  path.rounds(10);
  int tests = 0;
  bool shared = true;
  for (int i = 0; i < 1000; ++i) {
    path.rounds(1, path.flight());
    if (shared && !path.bound.shared()) ++tests;
    if (!shared && path.bound.shared()) {
      EXPECT_TRUE(path.bound.resumes());
    }
    shared = path.bound.shared();
  }
  // 160 s at holds of 10, 20, 40, 60 s, of which a rate that stands still waits for a third.
  EXPECT_GE(tests, 3);
  EXPECT_LE(tests, 10);
}

TEST(DelayBound, ATestSeesThatTheFewBesideItFillTheQueueAgain) {
  Path path;
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(20);
  ASSERT_TRUE(path.bound.shared());
  path.ambition = 4;
  const double most = path.flight() * 2;
  int alone = 0;
  for (int i = 0; i < 300; ++i) {
    if (path.bound.shared() && path.others > path.flight() / 5) path.others = path.flight() / 10;
    path.rounds(1, most);
    alone += path.bound.shared() ? 0 : 1;
  }
  EXPECT_GT(alone, 3);   // it looked,
  EXPECT_LT(alone, 40);  // and never believed it
}

TEST(DelayBound, AStillRateAsksForATest) {
  Path path;
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(20);
  ASSERT_TRUE(path.bound.shared());
  path.others = path.ambition = 0;
  path.rounds(5, path.flight() * 1.5);
  const Time gone = path.view.now;
  while (path.bound.shared()) path.rounds(1, path.flight() * 1.5);
  EXPECT_LT(path.view.now - gone, 4s);
}

TEST(DelayBound, OthersFoundSoonAfterATestResumeTheFlows) {
  Path path;
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(20);
  path.others = path.ambition = 0;
  while (path.bound.shared()) path.rounds(1, path.flight() * 1.5);
  path.rounds(20);
  ASSERT_FALSE(path.bound.shared());
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(10);
  ASSERT_TRUE(path.bound.shared());
  EXPECT_TRUE(path.bound.resumes());
}

TEST(DelayBound, ARateThatOthersTakeAfterATestShowsThem) {
  Path path;
  path.others = path.flight() / 2;
  path.ambition = 10;
  path.rounds(20);
  path.others = path.ambition = 0;
  while (path.bound.shared()) path.rounds(1, path.flight() * 1.5);
  // They were few, and come back without a queue: it gives way to each of them.
  for (int i = 0; i < 40 && !path.bound.shared(); ++i) {
    path.others += path.flight() / 50;
    path.view.queue = {};
    path.view.rate = (path.flight() - path.others) / to_seconds(kBase);
    path.view.now += kBase;
    ++path.view.round;
    path.bound.on_ack(path.view);
  }
  EXPECT_TRUE(path.bound.shared());
  EXPECT_TRUE(path.bound.resumes());
}

TEST(DelayBound, AQueueThatStaysWhereTheLinkGaveWayIsOthers) {
  Path path;
  path.others = path.flight() * 2;
  int rounds = 0;
  for (; rounds < 20 && !path.bound.shared(); ++rounds) path.rounds(1);
  EXPECT_LE(rounds, 6);
}

TEST(DelayBound, TestsNothingBeforeTheFirstLoss) {
  Path path;
  path.others = path.flight() * 2;
  path.view.lossless = true;
  path.rounds(10, path.flight() * 2);
  ASSERT_TRUE(path.bound.shared());
  const Time found = path.view.now;
  while (path.bound.shared()) path.rounds(1, path.flight() * 2);  // nothing moves
  EXPECT_GT(path.view.now - found, 8s);
}

TEST(DelayBound, GrowthThatOthersPaidForFindsThem) {
  Path path;
  path.view.window = path.flight() / 5;
  path.bound.begin(path.view.window, 0, 0, path.view.now);
  for (int i = 0; i < 20; ++i) {
    path.others = path.flight() * 1.05 - path.view.window;  // they give way, a round later
    path.rounds(1, path.flight());
  }
  EXPECT_TRUE(path.bound.shared());
  EXPECT_FALSE(path.bound.resumes());
}

TEST(DelayBound, ALossIsNotAnsweredWhileItGivesWayAnyway) {
  Path path;
  path.rounds(100);
  path.others = path.flight() / 2;
  path.rounds(1);
  EXPECT_FALSE(path.bound.on_congestion_loss(path.view.now));
  EXPECT_FALSE(path.bound.shared());
}

TEST(DelayBound, ARateThatJumpsAsksForATestAtOnce) {
  Path path;
  path.others = path.flight();
  path.rounds(20, path.flight());
  for (int i = 0; i < 1000 && path.view.now < Time{} + 20s; ++i) path.rounds(1, path.flight());
  while (!path.bound.shared()) path.rounds(1, path.flight());
  path.rounds(15, path.flight());
  ASSERT_TRUE(path.bound.shared());
  path.others = 0;
  path.rounds(8, path.flight());
  EXPECT_FALSE(path.bound.shared());
}

TEST(DelayBound, ACongestionLossShowsOthersUnlessItOvershotItself) {
  Path path;
  path.rounds(100);
  EXPECT_TRUE(path.bound.on_congestion_loss(path.view.now));
  EXPECT_TRUE(path.bound.shared());
  Path growing;
  growing.rate *= 4;
  growing.rounds(6);
  EXPECT_FALSE(growing.bound.on_congestion_loss(growing.view.now));
  EXPECT_FALSE(growing.bound.shared());
}

TEST(DelayBound, RoundsThatMeasuredNothingSayNothing) {
  Path path;
  path.rounds(40);
  const double window = path.bound.window();
  path.view.rate = 0;
  for (int i = 0; i < 40; ++i) {
    ++path.view.round;
    path.bound.on_ack(path.view);
  }
  EXPECT_EQ(path.bound.window(), window);
}

}  // namespace
}  // namespace ringway::tmp

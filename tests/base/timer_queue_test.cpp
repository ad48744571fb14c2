#include "base/timer_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/random.h"

namespace ringway {
namespace {

Time at(int milliseconds) { return Time(std::chrono::milliseconds(milliseconds)); }

TEST(TimerQueue, FiresInOrderAndOnce) {
  TimerQueue queue;
  std::vector<int> fired;
  Timer late(queue, [&] { fired.push_back(2); });
  Timer early(queue, [&] { fired.push_back(1); });
  late.arm(at(20));
  early.arm(at(10));
  EXPECT_EQ(queue.next(), at(10));
  queue.run(at(30));
  queue.run(at(40));
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_EQ(queue.next(), kNever);
}

TEST(TimerQueue, MovedTimersFireAtTheirLastDeadline) {
  TimerQueue queue;
  int fired = 0;
  Timer timer(queue, [&] { ++fired; });
  timer.arm(at(10));
  timer.arm(at(50));
  queue.run(at(20));
  EXPECT_EQ(fired, 0);
  EXPECT_TRUE(timer.armed());
  timer.arm(at(30));
  queue.run(at(30));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.armed());
}

TEST(TimerQueue, CallbacksMayDestroyTheirTimer) {
  TimerQueue queue;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(queue, [&] { timer.reset(); });
  timer->arm(at(1));
  queue.run(at(1));
  EXPECT_EQ(timer, nullptr);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(TimerQueue, AgreesWithASortedMapUnderRandomUse) {
  SeededRandom random(3);
  TimerQueue queue;
  constexpr std::size_t kTimers = 64;
  std::map<std::size_t, Time> model;
  std::vector<std::size_t> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  for (std::size_t i = 0; i < kTimers; ++i)
    timers.push_back(std::make_unique<Timer>(queue, [&fired, i] { fired.push_back(i); }));
  for (int now = 0; now < 3000; ++now) {
    const std::size_t index = random.below(kTimers);
    if (random.below(4) == 0) {
      timers[index]->cancel();
      model.erase(index);
    } else {
      const Time deadline = at(now + static_cast<int>(random.below(200)));
      timers[index]->arm(deadline);
      model[index] = deadline;
    }
    fired.clear();
    queue.run(at(now));
    for (const std::size_t one : fired) {
      ASSERT_TRUE(model.contains(one));
      ASSERT_LE(model[one], at(now));
      model.erase(one);
    }
    for (const auto& [one, deadline] : model) ASSERT_GT(deadline, at(now)) << one;
  }
}

TEST(DeferredQueue, RunsWhatIsPostedMeanwhileNextTime) {
  DeferredQueue queue;
  int runs = 0;
  queue.post([&] { queue.post([&] { ++runs; }); });
  queue.run();
  EXPECT_EQ(runs, 0);
  queue.run();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace ringway

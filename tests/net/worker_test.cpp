#include "net/worker.h"

#include <sys/eventfd.h>

#include <thread>

#include "base/limits.h"
#include "tests/net/support.h"

namespace ringway::net {
namespace {

TEST(Worker, FiresTimersInOrderAndNotEarly) {
  const std::unique_ptr<Worker> worker = make_worker();
  const Loop loop = worker->loop();
  std::vector<int> fired;
  const Time start = loop.now();
  bool early = false;
  Timer second(loop.timers, [&] {
    early = early || loop.now() < start + std::chrono::microseconds(900);
    fired.push_back(2);
  });
  Timer first(loop.timers, [&] { fired.push_back(1); });
  second.arm(start + std::chrono::microseconds(900));
  first.arm(start + std::chrono::microseconds(300));
  ASSERT_TRUE(worker->run_until([&] { return fired.size() == 2; }, kPatience));
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_FALSE(early);
}

TEST(Worker, RunsDeferredWorkInTheSameTurn) {
  const std::unique_ptr<Worker> worker = make_worker();
  const Loop loop = worker->loop();
  Time asked{};
  Time done{};
  Timer timer(loop.timers, [&] {
    asked = loop.now();
    loop.deferred.post([&] { loop.deferred.post([&] { done = loop.now(); }); });
  });
  timer.arm(loop.now());
  ASSERT_TRUE(worker->run_until([&] { return done != Time{}; }, kPatience));
  EXPECT_EQ(asked, done);
}

TEST(Worker, TakesWorkFromOtherThreadsAndStops) {
  const std::unique_ptr<Worker> worker = make_worker();
  worker->start();
  std::atomic<int> count{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) EXPECT_TRUE(worker->post([&] { ++count; }));
    });
  }
  for (std::thread& thread : threads) thread.join();
  worker->post([&] { worker->stop(); });
  worker->join();
  EXPECT_EQ(count, 4000);
}

TEST(Worker, RefusesMorePostedWorkThanItsBound) {
  const std::unique_ptr<Worker> worker = make_worker();
  std::size_t run = 0;
  for (std::size_t i = 0; i < limits::kPostedWork; ++i) ASSERT_TRUE(worker->post([&] { ++run; }));
  EXPECT_FALSE(worker->post([] {}));
  ASSERT_TRUE(worker->run_until([&] { return run == limits::kPostedWork; }, kPatience));
  EXPECT_TRUE(worker->post([] {}));
}

class Counting final : public Source {
 public:
  explicit Counting(Worker& owner) : Source(owner), fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    EXPECT_TRUE(owner.watch(fd_.get(), EPOLLIN, *this).ok());
  }
  void raise() { EXPECT_EQ(::eventfd_write(fd_.get(), 1), 0); }
  void on_ready(std::uint32_t /*events*/) override {
    ++ready;
    if (other != nullptr) other->reset();
    if (pends) worker().pend(*this);
  }
  void on_pending() override { ++pended; }

  std::unique_ptr<Counting>* other = nullptr;
  bool pends = false;
  int ready = 0;
  int pended = 0;

 private:
  Descriptor fd_;
};

TEST(Worker, CallsNothingThatIsGone) {
  const std::unique_ptr<Worker> worker = make_worker();
  auto first = std::make_unique<Counting>(*worker);
  auto second = std::make_unique<Counting>(*worker);
  first->other = &second;
  second->other = &first;
  first->raise();
  second->raise();  // both events are fetched together; the first to be called destroys the other
  ASSERT_TRUE(worker->run_until([&] { return first == nullptr || second == nullptr; }, kPatience));
  Counting& left = first != nullptr ? *first : *second;
  left.other = nullptr;
  left.pends = true;
  left.raise();
  ASSERT_TRUE(worker->run_until([&] { return left.pended > 0; }, kPatience));
  EXPECT_EQ(left.ready, 2);
}

class CountingTask final : public TurnTask {
 public:
  void end_turn() override {
    ++turns;
    if (deadline <= clock->now()) deadline = kNever;
  }
  [[nodiscard]] Time next_deadline() const override { return deadline; }

  const Clock* clock = nullptr;
  Time deadline = kNever;
  int turns = 0;
};

TEST(Worker, SleepsNoLongerThanItsTasksAsk) {
  const std::unique_ptr<Worker> worker = make_worker();
  const Loop loop = worker->loop();
  CountingTask task;
  task.clock = &loop.clock;
  task.deadline = loop.now() + std::chrono::microseconds(200);
  worker->add(task);
  ASSERT_TRUE(worker->run_until([&] { return task.deadline == kNever; }, kPatience));
  worker->remove(task);
  EXPECT_GE(task.turns, 1);
}

/// Says that it is gone.
class Mortal final : public Source {
 public:
  Mortal(Worker& owner, bool& gone) : Source(owner), gone_(gone) {}
  Mortal(const Mortal&) = delete;
  Mortal& operator=(const Mortal&) = delete;
  ~Mortal() override { gone_ = true; }
  void on_ready(std::uint32_t /*events*/) override {}

 private:
  bool& gone_;
};

TEST(Worker, DestroysWhatWasRetiredByWhatWasPutOff) {
  bool gone = false;
  std::unique_ptr<Worker> worker = make_worker();
  const auto retire = [&gone, &owner = *worker](int* done) {
    owner.retire(std::make_unique<Mortal>(owner, gone));
    delete done;
  };
  worker->loop().deferred.post([kept = std::shared_ptr<int>(new int, retire)] {});
  worker.reset();
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace ringway::net

#include "manager/store/store_thread.h"

#include <future>

#include "base/limits.h"
#include "manager/store/memory_store.h"
#include "tests/manager/store/support.h"
#include "tests/manager/store/turnstile.h"

namespace ringway::manager::testing {
namespace {

class StoreOnThread : public ::testing::Test {
 protected:
  std::unique_ptr<StoreThread> make(std::unique_ptr<Store> store) {
    return StoreThread::make(std::move(store), loop_.post(), [this] { ++news_; });
  }

  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  Turnstile loop_;
  int news_ = 0;
  std::unique_ptr<StoreThread> thread_ = make(std::make_unique<MemoryStore>(disk_));
};

TEST_F(StoreOnThread, AnswersOnTheLoopInOrder) {
  const auto loop = std::this_thread::get_id();
  std::vector<int> order;
  std::uint64_t position = 0;
  ASSERT_TRUE(thread_->ask([](Store& store) { return store.lease("m1", 1h); },
                           [&](Result<Lease> lease) {
                             EXPECT_EQ(std::this_thread::get_id(), loop);
                             EXPECT_TRUE(lease->mine);
                             order.push_back(0);
                           }));
  Chains chains;
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(thread_->ask([batch = chains.batch(std::to_string(i))](Store& store) { return store.write(batch, 1); },
                             [&, i](WriteResult result) {
                               EXPECT_EQ(result.written, Written::done);
                               EXPECT_GT(result.position, std::exchange(position, result.position));
                               order.push_back(i);
                             }));
  }
  while (order.size() < 21) ASSERT_TRUE(loop_.turn());
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(StoreOnThread, TakesNoMoreThanItsBound) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future();
  std::size_t answered = 0;
  const auto ask = [&] {
    return thread_->ask([gone](Store&) { return gone.wait_for(10s) == std::future_status::ready; },
                        [&](bool) { ++answered; });
  };
  for (std::size_t i = 0; i < limits::kMaxStoreJobs; ++i) ASSERT_TRUE(ask());
  EXPECT_FALSE(ask());
  go.set_value();
  ASSERT_TRUE(loop_.turn());
  EXPECT_TRUE(ask()) << "an answer made room";
  while (answered < limits::kMaxStoreJobs + 1) ASSERT_TRUE(loop_.turn());
}

TEST_F(StoreOnThread, AnAnswerMayAskAgain) {
  int rounds = 0;
  std::function<void()> ask = [&] {
    ASSERT_TRUE(thread_->ask([](Store& store) { return store.read(0, 1); },
                             [&](Result<Contents> contents) {
                               EXPECT_TRUE(contents.ok());
                               if (++rounds < 50) ask();
                             }));
  };
  ask();
  while (rounds < 50) ASSERT_TRUE(loop_.turn());
}

TEST_F(StoreOnThread, NoAnswerComesAfterItsEnd) {
  bool answered = false;
  ASSERT_TRUE(thread_->ask([](Store&) { return 1; }, [&](int) { answered = true; }));
  while (loop_.waiting() == 0) std::this_thread::sleep_for(1ms);
  thread_.reset();
  while (loop_.turn(1ms)) {
  }
  EXPECT_FALSE(answered);
}

TEST_F(StoreOnThread, ItsEndWaitsForTheJobAtWorkAlone) {
  std::atomic<int> done{0};
  std::atomic<bool> begun{false};
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(thread_->ask(
        [&](Store&) {
          begun = true;
          std::this_thread::sleep_for(1s);
          return ++done;
        },
        [](int) {}));
  }
  while (!begun) std::this_thread::sleep_for(1ms);
  thread_.reset();
  EXPECT_EQ(done, 1);
}

TEST_F(StoreOnThread, TellsOfOthersWritesBetweenJobs) {
  MemoryStore other(disk_);
  const std::uint64_t epoch = lead(other);
  Chains chains;
  ASSERT_EQ(other.write(chains.batch("a"), epoch).written, Written::done);
  while (news_ == 0) ASSERT_TRUE(loop_.turn());
  bool answered = false;
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(thread_->ask([](Store& store) { return store.read(0, 1); }, [&](Result<Contents>) { answered = true; }));
  while (!answered) ASSERT_TRUE(loop_.turn());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s) << "a job does not wait for news";
}

}  // namespace
}  // namespace ringway::manager::testing

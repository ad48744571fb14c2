// Who leads, beside another manager of the same store, with a store on a thread of its own.

#include "manager/revisions/leadership.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "manager/resources/kinds.h"
#include "manager/store/memory_store.h"
#include "tests/manager/store/turnstile.h"
#include "tests/support/manual_loop.h"

namespace ringway::manager::testing {
namespace {

using namespace std::chrono_literals;

class Lines final : public LineSink {
 public:
  void write(std::string_view line) override { all_.emplace_back(line); }
  [[nodiscard]] std::ptrdiff_t with(std::string_view text) const {
    return std::ranges::count_if(all_, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

 private:
  std::vector<std::string> all_;
};

class LeadershipTest : public ::testing::Test {
 protected:
  std::unique_ptr<StoreThread> open() {
    return StoreThread::make(std::make_unique<MemoryStore>(disk_), calls_.post(), [this] { leadership_.look(); });
  }

  void other_leads() { epoch_ = other_.lease("other", 1h)->epoch; }
  void other_writes(const std::string& name) {
    const Batch batch{std::nullopt, {{"things", name, "{}"}}, {}};
    ASSERT_EQ(other_.write(batch, epoch_).written, Written::done);
  }

  /// Until all that was asked is answered, and all that the answers asked.
  void settle() {
    for (std::size_t answers = 0; answers != 1;) {
      bool last = false;
      ASSERT_TRUE(store_->ask([](Store&) { return 0; }, [&](int) { last = true; }));
      for (answers = 0; !last; ++answers) ASSERT_TRUE(calls_.turn());
    }
  }

  /// The process ends while the store has a question, and another waits: their answers still come.
  void resign_in_trouble() {
    leadership_.look();
    bool resigned = false;
    leadership_.resign([&] { resigned = true; });
    leadership_.distrust();
    settle();
    loop_.advance(limits::kStorePoll);
    settle();
    EXPECT_TRUE(resigned);
    EXPECT_FALSE(leadership_.leads());
    EXPECT_TRUE(writer_.paused());
    EXPECT_TRUE(other_.lease("other", 1h)->mine) << "it is free";
  }

  [[nodiscard]] std::size_t things() const { return ledger_.records("things").size(); }

  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  MemoryStore other_{disk_};
  std::uint64_t epoch_ = 0;
  ringway::testing::ManualLoop loop_;
  Lines lines_;
  Log log_{"manager", {}, lines_, loop_};
  Ledger ledger_{resource_kinds()};
  Writer writer_{ledger_, loop_, [](const Batch&, const std::function<void(WriteResult)>&) { return false; }, [] {}};
  Turnstile calls_;
  int news_ = 0;
  std::unique_ptr<StoreThread> store_ = open();
  Leadership leadership_{*store_, ledger_, writer_, loop_.loop(), log_, "this", [this] { ++news_; }};
};

TEST_F(LeadershipTest, FollowsWhatAnotherWrites) {
  other_leads();
  other_writes("a");
  leadership_.start();
  settle();
  EXPECT_FALSE(leadership_.leads());
  EXPECT_EQ(leadership_.leader(), "other");
  EXPECT_EQ(things(), 1U);
  other_writes("b");
  loop_.advance(limits::kStorePoll);
  settle();
  EXPECT_EQ(things(), 2U);
}

TEST_F(LeadershipTest, LosesNothingWhereItIsToldWhileItLooks) {
  other_leads();
  other_writes("a");
  leadership_.start();
  settle();
  for (const char* const name : {"b", "c", "d"}) {
    other_writes(name);
    // A hint, the poll's timer, and another hint, before any of them was answered.
    for (int i = 0; i < 3; ++i) leadership_.look();
    settle();
  }
  EXPECT_EQ(things(), 4U);
  EXPECT_EQ(ledger_.position(), 4U);
}

TEST_F(LeadershipTest, TakesTheLeaseOnce) {
  leadership_.start();
  leadership_.look();
  settle();
  EXPECT_TRUE(leadership_.leads());
  EXPECT_EQ(lines_.with("leading"), 1);
  EXPECT_EQ(news_, 1);
}

TEST_F(LeadershipTest, LooksOnceMoreForAllThatCameMeanwhile) {
  other_leads();
  leadership_.start();
  leadership_.look();
  other_writes("a");
  settle();
  EXPECT_EQ(things(), 1U);
}

TEST_F(LeadershipTest, DoesNotBeginToLeadOnceItResigned) {
  leadership_.start();
  resign_in_trouble();
}

TEST_F(LeadershipTest, DoesNotLeadAgainOnceItResigned) {
  leadership_.start();
  settle();
  ASSERT_TRUE(leadership_.leads());
  leadership_.look();
  resign_in_trouble();
}

TEST_F(LeadershipTest, SaysOnceThatTheStoreCannotBeUsed) {
  other_leads();
  other_writes("a");
  leadership_.start();
  settle();
  disk_->set(MemoryDisk::Trouble::refuses);
  for (int i = 0; i < 3; ++i) {
    loop_.advance(limits::kStorePoll);
    settle();
    EXPECT_FALSE(leadership_.trouble().empty());
  }
  EXPECT_EQ(lines_.with("the store cannot be used"), 1);
  disk_->set(MemoryDisk::Trouble::none);
  loop_.advance(limits::kStorePoll);
  settle();
  EXPECT_TRUE(leadership_.trouble().empty());
  EXPECT_EQ(lines_.with("the store can be used again"), 1);
  EXPECT_EQ(things(), 1U);
}

TEST_F(LeadershipTest, ReadsAllWhereTheStoreWasReplaced) {
  other_leads();
  other_writes("a");
  other_writes("b");
  leadership_.start();
  settle();
  Contents whole;
  whole.records = {{"things", "c", "{}"}};
  ASSERT_TRUE(other_.replace(whole, Existing::replaced).ok());
  loop_.advance(limits::kStorePoll);
  settle();
  EXPECT_EQ(things(), 1U);
  EXPECT_NE(ledger_.record("things", "c"), nullptr);
  EXPECT_TRUE(leadership_.leads()) << "a restore leaves the lease free";
}

}  // namespace
}  // namespace ringway::manager::testing

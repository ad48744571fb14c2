#include "manager/revisions/registry.h"

#include <gtest/gtest.h>

#include "manager/resources/kinds.h"
#include "manager/revisions/writer.h"
#include "manager/store/memory_store.h"
#include "tests/support/manual_loop.h"

namespace ringway::manager {
namespace {

std::string pop(const std::string& name, int latitude) {
  return "{\"name\": \"" + name + "\", \"latitude\": " + std::to_string(latitude) + ", \"longitude\": 0}";
}

Change put(const std::string& name, int latitude) { return {kPops, name, pop(name, latitude)}; }

class RegistryTest : public ::testing::Test {
 protected:
  void commit(const std::vector<Change>& changes) {
    auto proposal = registry_.propose(changes, {"ada", "because", {}});
    ASSERT_TRUE(std::holds_alternative<Proposal>(proposal));
    const Status taken = registry_.take({std::get<Proposal>(proposal).revision});
    ASSERT_TRUE(taken.ok()) << taken.error().message;
  }
  Registry registry_{resource_kinds()};
};

TEST_F(RegistryTest, ChangesBecomeNumberedRevisions) {
  commit({put("berlin", 52)});
  commit({put("berlin", 53), put("paris", 48)});
  EXPECT_EQ(registry_.number(), 2U);
  EXPECT_EQ(registry_.revision(1)->changes.size(), 1U);
  EXPECT_EQ(registry_.revision(2)->parent, registry_.revision(1)->hash);
  EXPECT_EQ(registry_.revision(3), nullptr);
  EXPECT_EQ(registry_.revision(0), nullptr);
  EXPECT_EQ(registry_.at(1).find(kPops, "berlin")->as<Pop>().latitude, 52);
  EXPECT_EQ(registry_.head().find(kPops, "berlin")->as<Pop>().latitude, 53);
  EXPECT_EQ(registry_.at(0).size(), 0U);
}

TEST_F(RegistryTest, WhatChangesNothingIsNoChange) {
  commit({put("berlin", 52)});
  const auto proposal = registry_.propose({put("berlin", 52)}, {});
  EXPECT_TRUE(std::get<Proposal>(proposal).revision.changes.empty());
}

TEST_F(RegistryTest, GoesBackByAChangeForward) {
  commit({put("berlin", 52)});
  commit({put("berlin", 53), put("paris", 48)});
  commit({{kPops, "berlin", std::nullopt}});
  commit(registry_.back_to(1));
  EXPECT_EQ(registry_.number(), 4U);
  EXPECT_TRUE(difference(registry_.kinds(), registry_.at(1), registry_.head()).empty());
}

TEST_F(RegistryTest, RefusesWhatIsWrongWithEveryFault) {
  const auto refused = registry_.propose({put("berlin", 91), {"pubs", "x", "{}"}}, {});
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_EQ(std::get<Refusal>(refused).changes.size(), 2U);
  EXPECT_EQ(std::get<Refusal>(refused).changes[0].fault.pointer, "/latitude");
  const auto unfit = registry_.propose(
      {{kFrontends, "pop-1", R"({"name": "pop-1", "pop": "berlin", "addresses": ["192.0.2.1"]})"}}, {});
  EXPECT_EQ(std::get<Refusal>(unfit).whole.size(), 1U);
}

TEST_F(RegistryTest, NoticesWhatWasAltered) {
  commit({put("berlin", 52)});
  auto proposal = std::get<Proposal>(registry_.propose({put("paris", 48)}, {}));
  for (const auto& alter : std::vector<std::function<void(Revision&)>>{
           [](Revision& revision) { revision.number = 3; }, [](Revision& revision) { revision.author = "eve"; },
           [](Revision& revision) { revision.changes[0].name = "rome"; },
           [](Revision& revision) { revision.parent[0] ^= 1; }}) {
    Revision altered = proposal.revision;
    alter(altered);
    EXPECT_FALSE(registry_.take({altered}).ok());
    EXPECT_EQ(registry_.number(), 1U);
  }
  EXPECT_TRUE(registry_.take({proposal.revision}).ok());
}

/// A writer on a store in memory, whose answers come when the test says.
class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { writer_.resume(); }

  void change(const std::string& name, int latitude) {
    writer_.submit(
        [=](const Ledger& ledger) -> std::variant<Writing, Problem> {
          auto proposal = ledger.registry().propose({put(name, latitude)}, {"ada", "", {}});
          Writing writing;
          writing.revision = std::get<Proposal>(proposal).revision;
          writing.entries.push_back({kEventLog, "{\"name\": \"" + name + "\"}"});
          return writing;
        },
        [this](const std::optional<Problem>& problem) { outcomes_.push_back(problem ? problem->status : 200); });
  }
  bool write(const Batch& batch, std::function<void(WriteResult)> then) {
    pending_.push_back([this, batch, then] { then(store_.write(batch, lease_.epoch)); });
    return true;
  }
  void settle() {
    while (!pending_.empty()) {
      const auto next = pending_.front();
      pending_.pop_front();
      next();
    }
  }

  testing::ManualLoop loop_;
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  MemoryStore store_{disk_};
  Lease lease_ = store_.lease("one", std::chrono::hours(1)).value();
  Ledger ledger_{resource_kinds()};
  std::deque<std::function<void()>> pending_;
  int lost_ = 0;
  std::vector<int> outcomes_;
  Writer writer_{ledger_, loop_, [this](const Batch& batch, auto then) { return write(batch, then); },
                 [this] { ++lost_; }};
};

TEST_F(WriterTest, WritesOneAfterTheOther) {
  for (int i = 0; i < 5; ++i) change("p" + std::to_string(i), i);
  EXPECT_EQ(pending_.size(), 1U);
  EXPECT_TRUE(outcomes_.empty());
  settle();
  EXPECT_EQ(outcomes_, std::vector<int>(5, 200));
  EXPECT_EQ(ledger_.registry().number(), 5U);
  EXPECT_EQ(ledger_.log(kEventLog).end().number, 5U);
  Ledger other{resource_kinds()};
  ASSERT_TRUE(other.take(store_.read(0, 100).value()).ok());
  EXPECT_EQ(other.registry().hash(), ledger_.registry().hash());
  EXPECT_EQ(other.position(), ledger_.position());
}

TEST_F(WriterTest, StopsWhereAnotherLeads) {
  MemoryStore rival(disk_);
  ASSERT_TRUE(store_.release("one").ok());
  ASSERT_TRUE(rival.lease("two", std::chrono::hours(1)).value().mine);
  change("a", 1);
  change("b", 2);
  settle();
  EXPECT_EQ(outcomes_, (std::vector<int>{503, 503}));
  EXPECT_EQ(lost_, 1);
  EXPECT_TRUE(writer_.paused());
  EXPECT_EQ(ledger_.registry().number(), 0U);
}

TEST_F(WriterTest, IsBounded) {
  for (std::size_t i = 0; i <= limits::kMaxQueuedWrites; ++i) change("a", 1);
  EXPECT_EQ(outcomes_, std::vector<int>{503});
  EXPECT_EQ(writer_.waiting(), limits::kMaxQueuedWrites);
}

TEST_F(WriterTest, WaitsForTheStoreToBeBack) {
  disk_->set(MemoryDisk::Trouble::refuses);
  change("a", 1);
  settle();
  disk_->set(MemoryDisk::Trouble::none);
  change("b", 2);
  settle();
  EXPECT_EQ(outcomes_, (std::vector<int>{503, 503}));
  writer_.resume();
  change("c", 3);
  settle();
  EXPECT_EQ(outcomes_.back(), 200);
}

}  // namespace
}  // namespace ringway::manager

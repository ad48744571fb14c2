// Who leads, over every store.

#include <thread>

#include "manager/store/memory_store.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

class StoreLease : public StoreTest {
 protected:
  Lease take(Store& store, const std::string& holder, std::chrono::milliseconds life) {
    const Result<Lease> lease = store.lease(holder, life);
    EXPECT_TRUE(lease.ok()) << lease.error().message;
    return lease ? *lease : Lease();
  }

  std::unique_ptr<Store> other_ = place_->open();
};

INSTANTIATE_TEST_SUITE_P(Each, StoreLease, kAllKinds, name_of_kind);

TEST_P(StoreLease, NobodyWritesWithoutOne) {
  EXPECT_EQ(store_->write(chains_.batch("a"), 0).written, Written::fenced);
  EXPECT_EQ(read_all(*store_).position, 0u);
}

TEST_P(StoreLease, OneHolderAndTheOthersAreToldWho) {
  const Lease first = take(*store_, "m1 at 10.0.0.1:7000", 1h);
  EXPECT_TRUE(first.mine);
  EXPECT_EQ(first.epoch, 1u);
  const Lease second = take(*other_, "m2", 1h);
  EXPECT_FALSE(second.mine);
  EXPECT_EQ(second.holder, "m1 at 10.0.0.1:7000");
  EXPECT_EQ(second.epoch, first.epoch);
  EXPECT_EQ(take(*store_, "m1 at 10.0.0.1:7000", 1h).epoch, first.epoch) << "renewed";
  EXPECT_EQ(read_all(*other_).epoch, first.epoch);
}

TEST_P(StoreLease, PassesOnWhenItExpires) {
  const auto begun = std::chrono::steady_clock::now();
  const Lease first = take(*store_, "m1", 400ms);
  if (take(*other_, "m2", 1h).mine) {
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 400ms);
    return;
  }
  std::this_thread::sleep_for(410ms);
  const Lease second = take(*other_, "m2", 1h);
  EXPECT_TRUE(second.mine);
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_FALSE(take(*store_, "m1", 1h).mine);
}

TEST_P(StoreLease, PassesOnWhenItIsReleased) {
  const Lease first = take(*store_, "m1", 1h);
  EXPECT_TRUE(other_->release("m2").ok());
  EXPECT_TRUE(other_->release("m1").ok()) << "not its own, whatever its name";
  EXPECT_FALSE(take(*other_, "m2", 1h).mine);
  EXPECT_TRUE(store_->release("m1").ok());
  EXPECT_EQ(store_->write(chains_.batch("a"), first.epoch).written, Written::fenced);
  const Lease second = take(*other_, "m2", 1h);
  EXPECT_TRUE(second.mine);
  EXPECT_GT(second.epoch, first.epoch);
}

TEST_P(StoreLease, WhoStillThinksItLeadsIsFenced) {
  const Lease first = take(*store_, "m1", 1ms);
  const Batch batch = chains_.batch("a");
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(store_->write(batch, first.epoch).written, Written::done) << "late, but nobody else leads yet";
  const Lease second = take(*other_, "m2", 1h);
  const Batch next = chains_.batch("b");
  const WriteResult refused = store_->write(next, first.epoch);
  EXPECT_EQ(refused.written, Written::fenced);
  EXPECT_NE(refused.message.find("m2"), std::string::npos) << refused.message;
  EXPECT_EQ(read_all(*other_).revisions.size(), 1u);
  EXPECT_EQ(other_->write(next, second.epoch).written, Written::done);
  EXPECT_EQ(store_->write(next, first.epoch).written, Written::done) << "it is there, whoever wrote it";
}

TEST_P(StoreLease, AProcessStartedAnewLeadsAtOnceAndTheFormerIsFenced) {
  const Lease first = take(*store_, "m1", 1h);
  const Lease anew = take(*other_, "m1", 1h);
  EXPECT_TRUE(anew.mine);
  EXPECT_GT(anew.epoch, first.epoch);
  EXPECT_EQ(store_->write(chains_.batch("a"), first.epoch).written, Written::fenced);
  EXPECT_FALSE(take(*store_, "m1", 1h).mine);
  EXPECT_TRUE(take(*other_, "m1", 1h).mine);
}

class ClockedLease : public ::testing::TestWithParam<Kind> {
 protected:
  ClockedLease() {
    options_.clock = [this] { return now_; };
  }

  std::unique_ptr<Store> open() {
    if (GetParam() == Kind::memory) return std::make_unique<MemoryStore>(disk_);
    return place_->open(options_);
  }

  WallTime now_{std::chrono::hours(480'000)};
  StoreOptions options_;
  std::unique_ptr<Place> place_ = make_place(GetParam());
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>([this] { return now_; });
};

INSTANTIATE_TEST_SUITE_P(Each, ClockedLease, ::testing::Values(Kind::memory, Kind::sqlite), name_of_kind);

TEST_P(ClockedLease, StepsOfAnHourLeaveNobodyWaiting) {
  const auto one = open();
  const auto two = open();
  ASSERT_TRUE(one->lease("m1", 10s)->mine);
  now_ -= 1h;
  ASSERT_TRUE(one->lease("m1", 10s)->mine) << "its holder goes on";
  EXPECT_FALSE(two->lease("m2", 10s)->mine);
  now_ -= 1h;
  EXPECT_TRUE(two->lease("m2", 10s)->mine) << "its holder may be gone, and that hour is not waited for";
  now_ += 2h;
  EXPECT_TRUE(one->lease("m1", 10s)->mine);
}

}  // namespace
}  // namespace ringway::manager::testing

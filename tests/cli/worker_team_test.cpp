#include "cli/worker_team.h"

#include <gtest/gtest.h>

#include <array>

namespace ringway::cli {
namespace {

class WorkerTeamTest : public testing::Test {
 protected:
  std::unique_ptr<net::Worker> first_ = net::Worker::make(0).value();
  std::unique_ptr<WorkerTeam> team_ = WorkerTeam::open(*first_, 3).value();
};

TEST_F(WorkerTeamTest, EachRunsOnAThreadOfItsOwn) {
  std::array<std::thread::id, 3> threads;
  team_->each([&](std::size_t worker) { threads[worker] = std::this_thread::get_id(); });
  EXPECT_EQ(threads[0], std::this_thread::get_id());
  EXPECT_NE(threads[1], threads[0]);
  EXPECT_NE(threads[2], threads[0]);
  EXPECT_NE(threads[2], threads[1]);
}

TEST_F(WorkerTeamTest, WorkIsDoneInTheOrderOfTheCalls) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) team_->post(2, [&order, i] { order.push_back(i); });
  team_->each([&](std::size_t worker) {
    if (worker == 2) order.push_back(100);
  });
  ASSERT_EQ(order.size(), 101U);
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_F(WorkerTeamTest, TheFirstErrorCounts) {
  const Status status = team_->try_each([](std::size_t worker) {
    return worker == 0 ? Status() : Status(internal_error("worker " + std::to_string(worker)));
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "worker 1");
  EXPECT_TRUE(team_->try_each([](std::size_t) { return Status(); }).ok());
}

TEST(WorkerTeam, OfOneHasNoOtherThread) {
  const std::unique_ptr<net::Worker> first = net::Worker::make(0).value();
  const std::unique_ptr<WorkerTeam> team = WorkerTeam::open(*first, 1).value();
  int calls = 0;
  team->each([&](std::size_t /*worker*/) { ++calls; });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace ringway::cli

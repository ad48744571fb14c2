// Writers that are killed -9: what was acknowledged is there, what was not is there whole or not at all.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "manager/store/chain.h"
#include "tests/manager/store/dying_vfs.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

constexpr int kBatches = 6;

/// The same batches in every process.
std::vector<Batch> all_batches() {
  Chains chains;
  std::vector<Batch> batches;
  for (int i = 0; i < kBatches; ++i) {
    Batch batch = chains.batch("content " + std::to_string(i));
    batch.records.push_back({"k", "same", std::to_string(i)});
    batches.push_back(batch);
  }
  return batches;
}

/// Kills this process when it comes by `point` for the `visits`-th time.
class KillAt final : public FaultPoints {
 public:
  KillAt(std::string point, int visits) : point_(std::move(point)), left_(visits) {}
  void reached(const char* point) override {
    if (point == point_ && --left_ == 0) ::raise(SIGKILL);
  }

 private:
  std::string point_;
  int left_;
};

/// In the child: writes all batches, and an octet to `acknowledged` after each that is done.
int write_all(Store& store, int acknowledged) {
  const Result<Lease> lease = store.lease("m1", 1h);
  if (!lease.ok() || !lease->mine) return 2;
  for (const Batch& batch : all_batches()) {
    if (store.write(batch, lease->epoch).written != Written::done) return 3;
    if (::write(acknowledged, "+", 1) != 1) return 4;
  }
  return 0;
}

struct Outcome {
  bool killed = false;
  std::size_t acknowledged = 0;
};

Outcome run_writer(const std::function<int(int acknowledged)>& work) {
  int pipe[2];
  if (::pipe(pipe) != 0) std::abort();
  const int status = in_child([&] { return work(pipe[1]); });
  ::close(pipe[1]);
  char octets[kBatches + 1];
  const ssize_t count = ::read(pipe[0], octets, sizeof octets);
  ::close(pipe[0]);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(killed || status == 0) << "status " << status;
  return {killed, static_cast<std::size_t>(count)};
}

/// The first batches, as many as are there, are there whole; then the rest can be written.
void expect_whole(Store& store, std::size_t acknowledged) {
  const std::vector<Batch> batches = all_batches();
  const Contents contents = read_all(store);
  const std::size_t there = contents.revisions.size();
  ASSERT_GE(there, acknowledged);
  ASSERT_LE(there, acknowledged + 1);
  ASSERT_EQ(contents.position, there);
  ASSERT_EQ(contents.entries.size(), there);
  ASSERT_EQ(contents.records.size(), there + (there > 0 ? 1 : 0));
  ASSERT_TRUE(verify(contents).ok());
  for (std::size_t i = 0; i < there; ++i) {
    EXPECT_EQ(contents.revisions[i], *batches[i].revision);
    EXPECT_EQ(contents.entries[i], batches[i].entries.front());
    EXPECT_EQ(contents.records[i], batches[i].records.front());
  }
  if (there > 0) {
    EXPECT_EQ(contents.records.back().content, std::to_string(there - 1));
  }
  // The one whose answer never came is written again, and is there once.
  const std::uint64_t epoch = lead(store);
  for (std::size_t i = acknowledged; i < batches.size(); ++i) {
    const WriteResult result = store.write(batches[i], epoch);
    ASSERT_EQ(result.written, Written::done) << result.message;
    EXPECT_EQ(result.position, i + 1);
  }
  EXPECT_EQ(read_all(store).revisions.size(), batches.size());
}

class KilledWriter : public ::testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(Each, KilledWriter, kDurableKinds, name_of_kind);

TEST_P(KilledWriter, LosesNothingAtAnyFaultPoint) {
  for (const char* point : kFaultPoints) {
    for (const int visits : {1, 4}) {
      SCOPED_TRACE(::testing::Message() << point << ", batch " << visits);
      const std::unique_ptr<Place> place = make_place(GetParam());
      const Outcome outcome = run_writer([&](int acknowledged) {
        KillAt faults(point, visits);
        StoreOptions options;
        options.faults = &faults;
        return write_all(*place->open(options), acknowledged);
      });
      EXPECT_TRUE(outcome.killed);
      EXPECT_EQ(outcome.acknowledged, static_cast<std::size_t>(visits - 1));
      const auto store = place->open();
      const bool committed = std::strcmp(point, "committed") == 0;
      EXPECT_EQ(read_all(*store).position, static_cast<std::size_t>(committed ? visits : visits - 1));
      expect_whole(*store, outcome.acknowledged);
    }
  }
}

TEST(KilledSqliteWriter, LosesNothingAtAnyOperationOnItsFiles) {
  bool killed = true;
  std::uint64_t count = 1;
  for (; killed; ++count) {
    SCOPED_TRACE(count);
    const std::unique_ptr<Place> place = make_place(Kind::sqlite);
    const Outcome outcome = run_writer([&](int acknowledged) {
      die_at_file_operation(count);
      return write_all(*place->open(), acknowledged);
    });
    killed = outcome.killed;
    expect_whole(*place->open(), outcome.acknowledged);
    if (::testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(count, 40u) << "the writer does more than that";
}

}  // namespace
}  // namespace ringway::manager::testing

#include "net/signals.h"

#include <csignal>

#include "tests/net/support.h"

namespace ringway::net {
namespace {

TEST(Signals, ArriveOnTheWorker) {
  const std::unique_ptr<Worker> worker = make_worker();
  std::vector<int> seen;
  const auto signals = Signals::open(*worker, {SIGTERM, SIGHUP}, [&](int signal) { seen.push_back(signal); }).value();
  ASSERT_EQ(::raise(SIGHUP), 0);
  ASSERT_TRUE(worker->run_until([&] { return seen.size() == 1; }, kPatience));
  ASSERT_EQ(::raise(SIGTERM), 0);
  ASSERT_TRUE(worker->run_until([&] { return seen.size() == 2; }, kPatience));
  EXPECT_EQ(seen, (std::vector<int>{SIGHUP, SIGTERM}));
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGHUP);
  EXPECT_EQ(::pthread_sigmask(SIG_UNBLOCK, &both, nullptr), 0);  // for the tests after this one
}

}  // namespace
}  // namespace ringway::net

#include "net/mailbox.h"

#include <gtest/gtest.h>

#include "tests/net/support.h"

namespace ringway::net {
namespace {

TEST(Mailbox, BringsLettersOfAnotherThreadInOrder) {
  const std::unique_ptr<Worker> worker = make_worker();
  const auto mailbox = Mailbox<int>::make(100);
  std::vector<int> read;
  const MailboxReader<int> reader(*worker, mailbox, [&](const std::vector<int>& letters) {
    read.insert(read.end(), letters.begin(), letters.end());
  });
  std::thread writer([&] {
    int next = 0;
    while (next < 10000) {
      std::vector<int> batch;
      for (int i = 0; i < 7; ++i) batch.push_back(next++);
      std::size_t sent = 0;
      while (sent < batch.size()) {
        sent += mailbox->put(batch, sent);
        std::this_thread::yield();
      }
    }
  });
  const bool all = worker->run_until([&] { return read.size() >= 10000; }, kPatience);
  writer.join();
  ASSERT_TRUE(all);
  for (std::size_t i = 0; i < read.size(); ++i) ASSERT_EQ(read[i], static_cast<int>(i));
}

TEST(Mailbox, TakesNoMoreThanItHolds) {
  const auto mailbox = Mailbox<int>::make(3);
  std::vector<int> batch = {1, 2, 3, 4, 5};
  EXPECT_EQ(mailbox->put(batch, 0), 3U);
  EXPECT_EQ(mailbox->put(batch, 3), 0U);
  std::vector<int> taken = {7};
  mailbox->take(taken);
  EXPECT_EQ(taken, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(mailbox->put(batch, 3), 2U);
}

TEST(Mailbox, SwallowsWhatNobodyReads) {
  const auto mailbox = Mailbox<int>::make(3);
  mailbox->close();
  std::vector<int> batch = {1, 2, 3, 4, 5};
  EXPECT_EQ(mailbox->put(batch, 0), 5U);
}

}  // namespace
}  // namespace ringway::net

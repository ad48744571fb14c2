#include "manager/store/postgres_store.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "manager/store/chain.h"
#include "manager/store/open_store.h"
#include "tests/manager/store/postgres_server.h"
#include "tests/manager/store/relay.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

std::unique_ptr<Store> open_at(const std::string& url) {
  Result<std::unique_ptr<Store>> store = open_store(url);
  EXPECT_TRUE(store.ok()) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

class PostgresStore : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() { return open_at(server_.url(database_)); }

  PostgresServer& server_ = PostgresServer::shared();
  std::string database_ = server_.make_database();
  std::unique_ptr<Store> store_ = open();
  std::uint64_t epoch_ = lead(*store_);
  Chains chains_;
};

/// Writes until it is done, as a manager does while it has the lease.
WriteResult write_until_done(Store& store, const Batch& batch, std::uint64_t epoch) {
  WriteResult result;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    result = store.write(batch, epoch);
    if (result.written != Written::unavailable) return result;
    std::this_thread::sleep_for(10ms);
  }
  return result;
}

TEST_F(PostgresStore, GoesOnByItselfAfterARestart) {
  for (const int signal : {SIGINT, SIGKILL}) {
    ASSERT_EQ(store_->write(chains_.batch("before"), epoch_).written, Written::done);
    server_.stop(signal);
    server_.start();
    const WriteResult result = store_->write(chains_.batch("after"), epoch_);
    EXPECT_EQ(result.written, Written::done) << result.message;
  }
  EXPECT_EQ(read_all(*store_).revisions.size(), 4u);
}

TEST_F(PostgresStore, IsUnavailableWhileTheServerIsGoneAndLosesNothing) {
  server_.stop(SIGINT);
  const Batch batch = chains_.batch("a");
  const WriteResult result = store_->write(batch, epoch_);
  EXPECT_EQ(result.written, Written::unavailable);
  EXPECT_NE(result.message.find("PostgreSQL at"), std::string::npos) << result.message;
  EXPECT_FALSE(store_->read(0, 1).ok());
  EXPECT_FALSE(store_->lease("m1", 1h).ok());
  EXPECT_FALSE(open_store(server_.url(database_)).ok());
  server_.start();
  EXPECT_EQ(store_->write(batch, epoch_).written, Written::done);
}

TEST_F(PostgresStore, LosesNothingWhenTheServerIsKilledUnderWrites) {
  std::vector<Batch> batches;
  for (int i = 0; i < 120; ++i) batches.push_back(chains_.batch(std::to_string(i)));
  int unavailable = 0;
  std::thread writer([&] {
    for (const Batch& batch : batches) {
      std::this_thread::sleep_for(5ms);
      const WriteResult first = store_->write(batch, epoch_);
      if (first.written == Written::unavailable) ++unavailable;
      const WriteResult result = first.written == Written::done ? first : write_until_done(*store_, batch, epoch_);
      EXPECT_EQ(result.written, Written::done) << result.message;
    }
  });
  // Here, because a server ends with the thread that started it.
  for (const int signal : {SIGQUIT, SIGKILL, SIGINT}) {
    std::this_thread::sleep_for(80ms);
    server_.stop(signal);
    server_.start();
  }
  writer.join();
  EXPECT_GT(unavailable, 0);
  const Contents contents = read_all(*store_);
  EXPECT_EQ(contents.position, batches.size()) << "each once";
  EXPECT_TRUE(verify(contents).ok());
}

TEST_F(PostgresStore, ACommitWhoseAnswerIsLostIsFoundByWritingItAgain) {
  Relay relay(server_.socket_folder());
  const auto store = open_at(PostgresServer::url(database_, relay.socket_folder()));
  EXPECT_TRUE(store_->release("m1").ok());
  const std::uint64_t epoch = lead(*store);
  std::size_t written = 0;
  int known_there = 0;
  bool cut = true;
  for (int answer = 1; cut; ++answer) {
    SCOPED_TRACE(answer);
    const Batch batch = chains_.batch(std::to_string(answer));
    relay.cut_at_answer(answer);
    const WriteResult first = store->write(batch, epoch);
    cut = relay.has_cut();
    relay.cut_at_answer(0);
    const bool there = read_all(*store_).position > written;
    // A connection that breaks at its first question is made again at once, and the batch is done.
    const bool doubt = first.message.find("not known whether") != std::string::npos;
    EXPECT_EQ(there, first.written == Written::done || doubt);
    if (doubt) ++known_there;
    const WriteResult again = store->write(batch, epoch);
    EXPECT_EQ(again.written, Written::done) << again.message;
    EXPECT_EQ(again.position, ++written);
    EXPECT_EQ(read_all(*store_).position, written);
  }
  EXPECT_EQ(known_there, 1) << "the answer to COMMIT";
}

TEST_F(PostgresStore, ACommitThatNeverArrivedIsWrittenOnceByWritingItAgain) {
  Relay relay(server_.socket_folder());
  const auto store = open_at(PostgresServer::url(database_, relay.socket_folder()));
  EXPECT_TRUE(store_->release("m1").ok());
  const std::uint64_t epoch = lead(*store);
  std::size_t written = 0;
  bool cut = true;
  for (int question = 1; cut; ++question) {
    SCOPED_TRACE(question);
    const Batch batch = chains_.batch(std::to_string(question));
    relay.cut_at_question(question);
    const WriteResult first = store->write(batch, epoch);
    cut = relay.has_cut();
    relay.cut_at_question(0);
    EXPECT_EQ(read_all(*store_).position, written + (first.written == Written::done ? 1 : 0));
    EXPECT_EQ(store->write(batch, epoch).position, ++written);
  }
  EXPECT_EQ(read_all(*store_).revisions.size(), written);
}

TEST_F(PostgresStore, ASilentServerIsGivenUp) {
  Relay relay(server_.socket_folder());
  const auto store = open_at(PostgresServer::url(database_, relay.socket_folder()));
  EXPECT_TRUE(store_->release("m1").ok());
  const std::uint64_t epoch = lead(*store);
  relay.set_silent(true);
  const Batch batch = chains_.batch("a");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(store->write(batch, epoch).written, Written::unavailable);
  // Once in the transaction, and once in making a new connection.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
  relay.set_silent(false);
  EXPECT_EQ(write_until_done(*store, batch, epoch).written, Written::done);
}

TEST_F(PostgresStore, WhoHoldsTheLockForLongIsNotWaitedFor) {
  StoreOptions options;
  struct Sleeper final : FaultPoints {
    void reached(const char* point) override {
      if (std::string_view(point) != "judged") return;
      holds = true;
      std::this_thread::sleep_for(4800ms);
    }
    std::atomic<bool> holds{false};
  } sleeper;
  options.faults = &sleeper;
  Result<std::unique_ptr<Store>> slow = open_postgres_store(server_.url(database_), options);
  ASSERT_TRUE(slow.ok());
  Batch batch;
  batch.records = {{"k", "n", "{}"}};
  std::thread writer([&] { EXPECT_EQ((*slow)->write(batch, epoch_).written, Written::done); });
  while (!sleeper.holds) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(store_->write(batch, epoch_).written, Written::unavailable);
  writer.join();
  EXPECT_EQ(store_->write(batch, epoch_).written, Written::done);
}

TEST_F(PostgresStore, TellsOthersOfWrites) {
  const auto other = open();
  EXPECT_TRUE(other->wait_for_news(0ms, -1)) << "what came before it listened it may have missed";
  EXPECT_FALSE(other->wait_for_news(1ms, -1));
  std::thread writer([&] {
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(store_->write(chains_.batch("a"), epoch_).written, Written::done);
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(other->wait_for_news(10s, -1));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  writer.join();
  EXPECT_EQ(read_all(*other).position, 1u);
  while (store_->wait_for_news(0ms, -1)) {
  }
  EXPECT_EQ(store_->write(chains_.batch("b"), epoch_).written, Written::done);
  EXPECT_FALSE(store_->wait_for_news(20ms, -1)) << "its own writes are no news";
}

TEST_F(PostgresStore, TheWaitForNewsCanBeBroken) {
  const int event = ::eventfd(1, EFD_CLOEXEC);
  store_->wait_for_news(0ms, -1);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(store_->wait_for_news(10s, event));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  ::close(event);
}

TEST_F(PostgresStore, ALostConnectionIsNewsForItMayHaveCarriedSome) {
  store_->wait_for_news(0ms, -1);
  server_.ask("postgres",
              "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '" + database_ + "'");
  EXPECT_TRUE(store_->wait_for_news(5s, -1));
  EXPECT_TRUE(store_->read(0, 1).ok());
  EXPECT_TRUE(store_->wait_for_news(0ms, -1));
}

TEST_F(PostgresStore, InsistsOnFlushedCommits) {
  server_.ask("postgres", "ALTER DATABASE " + database_ + " SET synchronous_commit = off");
  // Without the store's own setting these would leave something unflushed.
  const auto store = open();
  EXPECT_TRUE(store_->release("m1").ok());
  const std::uint64_t epoch = lead(*store);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(store->write(chains_.batch(std::to_string(i)), epoch).written, Written::done);
    EXPECT_EQ(server_.ask(database_, "SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()"), "t");
  }
}

TEST_F(PostgresStore, RefusesASchemaOfANewerRelease) {
  server_.ask(database_, "UPDATE state SET schema_major = 9");
  const Result<std::unique_ptr<Store>> refused = open_store(server_.url(database_));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("newer release"), std::string::npos) << refused.error().message;
  const WriteResult result = store_->write(chains_.batch("a"), epoch_);
  EXPECT_EQ(result.written, Written::unavailable) << "nor does a manager that already runs go on";
  EXPECT_NE(result.message.find("newer release"), std::string::npos) << result.message;
  server_.ask(database_, "UPDATE state SET schema_major = 1, schema_minor = 7");
  EXPECT_TRUE(open_store(server_.url(database_)).ok()) << "what a newer release only added does not matter";
}

TEST_F(PostgresStore, ManyMayMakeTheSchemaAtOnce) {
  const std::string fresh = server_.make_database();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(open_at(server_.url(fresh)) != nullptr); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(PostgresUrl, NoErrorShowsAPassword) {
  const std::vector<std::string> urls = {
      "postgresql://ada:s3cr3t@127.0.0.1:1/ringway",       "postgresql://ada:s3cr3t@no.such.host.invalid/ringway",
      "postgresql://ada:p@s3cr3t@127.0.0.1:1/ringway",     "postgresql://ada:p/s3cr3t@127.0.0.1:1/ringway",
      "postgresql://ada:p:s3cr3t@127.0.0.1:1/ringway",     "postgresql://ada:s3cr3t",
      "postgresql://ada:p%s3cr3t@127.0.0.1/ringway",       "postgres://ada@127.0.0.1:1/ringway?password=s3cr3t",
      "postgres://ada@127.0.0.1:1/ringway?pasword=s3cr3t", "postgresql://[ada:s3cr3t@127.0.0.1/ringway",
      "postgresql:/ada:s3cr3t@127.0.0.1/ringway",          "mysql://ada:s3cr3t@127.0.0.1/ringway",
  };
  for (const std::string& url : urls) {
    const Result<std::unique_ptr<Store>> store = open_store(url);
    EXPECT_FALSE(store.ok()) << url;
    const std::string message = store ? "" : store.error().message;
    EXPECT_EQ(message.find("s3cr3t"), std::string::npos) << message;
    EXPECT_EQ(store_name(url).find("s3cr3t"), std::string::npos) << store_name(url);
  }
  EXPECT_EQ(store_name(urls[0]), "PostgreSQL at 127.0.0.1:1, database ringway");
}

}  // namespace
}  // namespace ringway::manager::testing

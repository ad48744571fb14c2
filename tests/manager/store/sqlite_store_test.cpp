#include "manager/store/sqlite_store.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "manager/store/chain.h"
#include "manager/store/open_store.h"
#include "manager/store/schema.h"
#include "tests/manager/store/support.h"

namespace ringway::manager::testing {
namespace {

class SqliteStore : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name = "db") const { return folder_.path() + "/" + name; }
  [[nodiscard]] mode_t mode(const std::string& name) const {
    struct stat there {};
    EXPECT_EQ(::stat(path(name).c_str(), &there), 0) << name;
    return there.st_mode & 0777;
  }
  std::unique_ptr<Store> open() {
    Result<std::unique_ptr<Store>> store = open_store(path());
    EXPECT_TRUE(store.ok()) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  void execute(const std::string& sql) {
    sqlite3* database = nullptr;
    sqlite3_open(path().c_str(), &database);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  std::string refusal() {
    const Result<std::unique_ptr<Store>> store = open_store(path());
    EXPECT_FALSE(store.ok());
    return store ? "" : store.error().message;
  }

  TempFolder folder_;
  Chains chains_;
};

TEST_F(SqliteStore, IsReadableByItsOwnerAlone) {
  ::umask(0);
  const auto store = open();
  ASSERT_EQ(store->write(chains_.batch("a"), lead(*store)).written, Written::done);
  EXPECT_EQ(mode("db"), 0600u);
  EXPECT_EQ(mode("db-wal"), 0600u);
  EXPECT_EQ(mode("db-shm"), 0600u);
  ::chmod(path().c_str(), 0644);
  EXPECT_NE(open(), nullptr);
  EXPECT_EQ(mode("db"), 0600u);
  ::umask(022);
}

TEST_F(SqliteStore, RefusesWhatIsNotItsOwn) {
  execute("CREATE TABLE state (a)");
  EXPECT_NE(refusal().find("another program's"), std::string::npos);
  ::unlink(path().c_str());
  execute("PRAGMA application_id = 7");
  EXPECT_NE(refusal().find("another program's"), std::string::npos);
  ::unlink(path().c_str());
  std::ofstream(path()) << std::string(4096, 'x');
  EXPECT_NE(refusal().find("not a database"), std::string::npos) << refusal();
}

TEST_F(SqliteStore, NamesThePathInItsErrors) {
  const Result<std::unique_ptr<Store>> store = open_store("/no/such/folder/db");
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.error().message.find("/no/such/folder/db"), std::string::npos) << store.error().message;
}

TEST_F(SqliteStore, RefusesASchemaOfANewerRelease) {
  const auto running = open();
  const std::uint64_t epoch = lead(*running);
  execute("UPDATE state SET schema_major = 2");
  EXPECT_NE(refusal().find("newer release"), std::string::npos) << refusal();
  EXPECT_EQ(running->write(chains_.batch("a"), epoch).written, Written::unavailable);
  EXPECT_FALSE(running->read(0, 1).ok());
  execute("UPDATE state SET schema_major = 1, schema_minor = 3");
  EXPECT_NE(open(), nullptr);
}

TEST_F(SqliteStore, SurvivesALostState) {
  open();
  execute("DELETE FROM state");
  const auto store = open_store(path());
  const std::string message = store ? (*store)->read(0, 1).error().message : store.error().message;
  EXPECT_NE(message.find("restore a backup"), std::string::npos) << message;
}

TEST_F(SqliteStore, SaysSoWhereAHashIsDamaged) {
  const auto store = open();
  ASSERT_EQ(store->write(chains_.batch("a"), lead(*store)).written, Written::done);
  execute("UPDATE revisions SET hash = 'x'");
  const Result<Contents> contents = store->read(0, 1);
  ASSERT_FALSE(contents.ok());
  EXPECT_NE(contents.error().message.find("damaged"), std::string::npos);
}

TEST_F(SqliteStore, StepsForwardWholeOrNotAtAll) {
  const Migration first = migrations().front();
  const Migration added{{1, 1}, "ALTER TABLE records ADD COLUMN note TEXT"};
  const Migration broken{{2, 0}, "CREATE TABLE more (a); CREATE TABLE state (a)"};
  const auto refused_or = [&](const std::vector<Migration>& steps) {
    Result<std::unique_ptr<Database>> database = open_sqlite_database(path(), {});
    EXPECT_TRUE(database.ok());
    return migrate(**database, steps);
  };
  const auto tables = [&] {
    Result<std::unique_ptr<Database>> database = open_sqlite_database(path(), {});
    std::string names;
    const Status read = (*database)->run(
        "SELECT group_concat(name) || ' ' || (SELECT schema_major || '.' || schema_minor FROM state) FROM "
        "(SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('more', 'state'))",
        {}, [&](const Row& row) {
          names = row.text(0);
          return Status();
        });
    EXPECT_TRUE(read.ok());
    return names;
  };
  EXPECT_TRUE(refused_or({first}).ok());
  EXPECT_FALSE(refused_or({first, added, broken}).ok());
  EXPECT_EQ(tables(), "state 1.0");
  EXPECT_TRUE(refused_or({first, added}).ok());
  EXPECT_TRUE(refused_or({first, added}).ok()) << "a second time";
  EXPECT_EQ(tables(), "state 1.1");
  const auto store = open();
  ASSERT_NE(store, nullptr) << "a release that does not know the last step goes on";
  EXPECT_EQ(store->write(chains_.batch("a"), lead(*store)).written, Written::done);
}

TEST_F(SqliteStore, ALockedFileIsUnavailableAndNotForLong) {
  const auto store = open();
  const std::uint64_t epoch = lead(*store);
  sqlite3* other = nullptr;
  sqlite3_open(path().c_str(), &other);
  sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  const Batch batch = chains_.batch("a");
  EXPECT_EQ(store->write(batch, epoch).written, Written::unavailable);
  EXPECT_TRUE(store->read(0, 1).ok()) << "readers do not wait";
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_EQ(store->write(batch, epoch).written, Written::done);
}

/// Writes until nothing can be written; returns how many were. `space` makes room again.
int fill_up(Store& store, const std::function<void()>& space) {
  Chains chains;
  const std::uint64_t epoch = lead(store);
  const auto large = [&](int i) {
    Batch batch = chains.batch("batch " + std::to_string(i));
    batch.records.push_back({"k", "large" + std::to_string(i), std::string(20'000, 'x')});
    return batch;
  };
  int written = 0;
  Batch batch = large(written);
  WriteResult result = store.write(batch, epoch);
  while (result.written == Written::done && written < 1000) {
    batch = large(++written);
    result = store.write(batch, epoch);
  }
  EXPECT_EQ(result.written, Written::unavailable) << "the disk is full";
  EXPECT_EQ(read_all(store).revisions.size(), static_cast<std::size_t>(written)) << "what is there can be read";
  space();
  result = store.write(batch, epoch);
  EXPECT_EQ(result.written, Written::done) << result.message;
  EXPECT_EQ(read_all(store).revisions.size(), static_cast<std::size_t>(written + 1));
  EXPECT_TRUE(verify(read_all(store)).ok());
  return written;
}

TEST_F(SqliteStore, AFileThatMayNotGrowLosesNothing) {
  for (const rlim_t most : {100'000U, 200'000U, 333'333U, 1'000'000U}) {
    SCOPED_TRACE(most);
    const TempFolder folder;
    Result<std::unique_ptr<Store>> store = open_store(folder.path() + "/db");
    ASSERT_TRUE(store.ok());
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit unlimited = limit;
    const auto former = ::signal(SIGXFSZ, SIG_IGN);
    limit.rlim_cur = most;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    fill_up(**store, [&] { ::setrlimit(RLIMIT_FSIZE, &unlimited); });
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    ::signal(SIGXFSZ, former);
  }
}

/// In a mount namespace of its own; the file system is gone with the process.
int fill_small_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
  if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") != 0) return 77;
  std::ofstream(folder + "/ballast") << std::string(500'000, 'b') << std::flush;
  Result<std::unique_ptr<Store>> store = open_store(folder + "/db");
  if (!store) return 1;
  fill_up(**store, [&] { ::unlink((folder + "/ballast").c_str()); });
  store->reset();
  Result<std::unique_ptr<Store>> again = open_store(folder + "/db");
  if (!again || !verify(read_all(**again)).ok()) return 1;
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST_F(SqliteStore, AFullDiskLosesNothing) {
  const int status = in_child([&] { return fill_small_disk(folder_.path()); });
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount here";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ringway::manager::testing

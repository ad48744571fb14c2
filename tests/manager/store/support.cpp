#include "tests/manager/store/support.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <utility>

#include "manager/store/chain.h"
#include "manager/store/memory_store.h"
#include "manager/store/open_store.h"
#include "tests/manager/store/postgres_server.h"

namespace ringway::manager::testing {

namespace {

std::unique_ptr<Store> opened(const std::string& where, const StoreOptions& options) {
  Result<std::unique_ptr<Store>> store = open_store(where, options);
  if (store) return std::move(*store);
  std::fprintf(stderr, "%s\n", store.error().message.c_str());
  std::abort();
}

class MemoryPlace final : public Place {
 public:
  std::unique_ptr<Store> open(const StoreOptions& /*options*/) override { return std::make_unique<MemoryStore>(disk_); }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
};

/// In memory, where flushing costs nothing: no test here cuts the power.
std::string quick_folder() { return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; }

class SqlitePlace final : public Place {
 public:
  std::unique_ptr<Store> open(const StoreOptions& options) override { return opened(folder_.path() + "/db", options); }

 private:
  TempFolder folder_{quick_folder()};
};

class PostgresPlace final : public Place {
 public:
  std::unique_ptr<Store> open(const StoreOptions& options) override {
    return opened(PostgresServer::shared().url(database_), options);
  }

 private:
  std::string database_ = PostgresServer::shared().make_database();
};

}  // namespace

TempFolder::TempFolder(const std::string& where) : path_(where + "/ringway-store-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

TempFolder::~TempFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string kind_name(Kind kind) {
  switch (kind) {
    case Kind::memory: return "Memory";
    case Kind::sqlite: return "Sqlite";
    case Kind::postgres: return "Postgres";
  }
  return "";
}

std::unique_ptr<Place> make_place(Kind kind) {
  if (kind == Kind::sqlite) return std::make_unique<SqlitePlace>();
  if (kind == Kind::postgres) return std::make_unique<PostgresPlace>();
  return std::make_unique<MemoryPlace>();
}

Revision Chains::revision(std::vector<Change> changes) {
  Revision next;
  next.number = last_.number + 1;
  next.time = next_time();
  next.author = "ada";
  next.message = "change " + std::to_string(next.number);
  next.changes = std::move(changes);
  seal(next, last_.hash);
  last_ = next;
  return next;
}

LogEntry Chains::entry(const std::string& log, const std::string& content) {
  LogEntry& last = logs_[log];
  LogEntry next{log, last.number + 1, next_time(), content, {}};
  seal(next, last.hash);
  last = next;
  return next;
}

Batch Chains::batch(const std::string& content) {
  Batch batch;
  batch.revision = revision({{"sites", "shop", content}});
  batch.records = {{"drafts", content, content}};
  batch.entries = {entry("audit", content)};
  return batch;
}

void Chains::adopt(const Contents& contents) {
  if (!contents.revisions.empty()) last_ = contents.revisions.back();
  for (const LogEntry& entry : contents.entries) logs_[entry.log] = entry;
}

WallTime Chains::next_time() { return from_microseconds(time_us_ += 1'000'001); }

Contents read_all(Store& store) {
  Result<Contents> contents = store.read(0, std::numeric_limits<std::size_t>::max());
  EXPECT_TRUE(contents.ok()) << contents.error().message;
  return contents ? std::move(*contents) : Contents();
}

std::uint64_t lead(Store& store, const std::string& holder) {
  const Result<Lease> lease = store.lease(holder, 1h);
  EXPECT_TRUE(lease.ok() && lease->mine) << (lease ? lease->holder : lease.error().message);
  return lease ? lease->epoch : 0;
}

int in_child(const std::function<int()>& work) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace ringway::manager::testing

#include "manager/store/sqlite_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "manager/store/chain.h"
#include "manager/store/durable_file.h"

namespace ringway::manager {

namespace {

// What `file` shows of a store, and what tells it from another program's (https://sqlite.org/fileformat2.html §1.3).
constexpr std::int64_t kApplicationId = 0x52776179;  // "Rway"

struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  [[nodiscard]] std::int64_t number(int column) const override { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string text(int column) const override {
    const unsigned char* text = sqlite3_column_text(statement_, column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const StoreOptions& options) : path_(std::move(path)), clock_(options.clock) {}

  Status open();

  Status begin(Access access) override { return script(access == Access::read ? "BEGIN" : "BEGIN IMMEDIATE"); }
  Status commit() override;
  [[nodiscard]] bool may_be_written() const override { return may_be_written_; }
  void rollback() override;
  Status run(std::string sql, const Parameters& parameters, const OnRow& on_row) override;
  Status script(const std::string& sql) override;
  Result<bool> has_schema() override;
  Result<std::int64_t> now_us() override;
  Status tell(std::uint64_t /*position*/) override { return {}; }
  bool wait_for_news(std::chrono::milliseconds most, int wake) override {
    wait_for_wake(most, wake);
    return false;
  }

 private:
  Status prepare_file();
  Status claim_file();
  Status set_up();
  Result<std::int64_t> number(std::string sql);
  [[nodiscard]] Error error() const;

  std::string path_;
  std::function<WallTime()> clock_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  bool may_be_written_ = false;
};

Error file_error(const std::string& path, std::string_view what) {
  return internal_error(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

/// Binds by number: ?1 is the first.
void bind(sqlite3_stmt* statement, const Parameters& parameters) {
  int index = 0;
  for (const Parameter& parameter : parameters) {
    ++index;
    if (const std::int64_t* number = parameter.number()) {
      sqlite3_bind_int64(statement, index, *number);
    } else if (const std::string* text = parameter.text()) {
      sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    }
  }
}

Status SqliteDatabase::open() {
  if (Status prepared = prepare_file(); !prepared) return prepared;
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return error();
  sqlite3_busy_timeout(opened, static_cast<int>(std::chrono::milliseconds(limits::kStoreSilence).count()));
  if (Status claimed = claim_file(); !claimed) return claimed;
  return set_up();
}

/// SQLite itself would make it as readable as the process's mask allows; its other files take this one's mode. Only
/// a new file is opened here: closing a descriptor would end the locks of another store of this process.
Status SqliteDatabase::prepare_file() {
  const int made = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    return flush_folder_of(path_);
  }
  if (errno != EEXIST) return file_error(path_, "cannot be made");
  struct stat there {};
  if (::stat(path_.c_str(), &there) != 0) return file_error(path_, "cannot be looked at");
  if ((there.st_mode & 077) != 0 && ::chmod(path_.c_str(), 0600) != 0) {
    return file_error(path_, "is open to others, and that cannot be changed");
  }
  return {};
}

Status SqliteDatabase::claim_file() {
  const Result<std::int64_t> id = number("PRAGMA application_id");
  if (!id) return id.error();
  if (*id == kApplicationId) return {};
  const Result<std::int64_t> tables = number("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*id != 0 || *tables != 0) return internal_error(path_ + ": is another program's database");
  return script(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

Status SqliteDatabase::set_up() {
  std::string mode;
  const Status wal = run("PRAGMA journal_mode = WAL", {}, [&](const Row& row) {
    mode = row.text(0);
    return Status();
  });
  if (!wal) return wal;
  if (mode != "wal") return internal_error(path_ + ": its file system cannot hold a write-ahead log");
  return script(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
      "PRAGMA journal_size_limit = 67108864");
}

Status SqliteDatabase::commit() {
  const Status done = script("COMMIT");
  // What could not be flushed may be found all the same after a crash.
  may_be_written_ = !done && (sqlite3_errcode(database_.get()) & 0xff) == SQLITE_IOERR;
  return done;
}

void SqliteDatabase::rollback() {
  if (sqlite3_get_autocommit(database_.get()) == 0)
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Status SqliteDatabase::run(std::string sql, const Parameters& parameters, const OnRow& on_row) {
  sqlite3_stmt* made = nullptr;
  const auto length = static_cast<int>(sql.size());
  if (sqlite3_prepare_v2(database_.get(), sql.c_str(), length, &made, nullptr) != SQLITE_OK) return error();
  const Statement statement(made);
  bind(made, parameters);
  const SqliteRow row(made);
  for (;;) {
    const int code = sqlite3_step(made);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return error();
    if (!on_row) continue;
    if (Status taken = on_row(row); !taken) return taken;
  }
}

Status SqliteDatabase::script(const std::string& sql) {
  may_be_written_ = false;
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<bool> SqliteDatabase::has_schema() {
  const Result<std::int64_t> tables =
      number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'state'");
  if (!tables) return tables.error();
  return *tables > 0;
}

Result<std::int64_t> SqliteDatabase::now_us() {
  return to_microseconds(clock_ ? clock_() : std::chrono::system_clock::now());
}

Result<std::int64_t> SqliteDatabase::number(std::string sql) {
  std::int64_t number = 0;
  const Status read = run(std::move(sql), {}, [&](const Row& row) {
    number = row.number(0);
    return Status();
  });
  if (!read) return read.error();
  return number;
}

Error SqliteDatabase::error() const {
  const char* why = database_ ? sqlite3_errmsg(database_.get()) : "no memory";
  return {Side::internal, Retry::safe, fmt::format("{}: {}", path_, why)};
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite_database(const std::string& path, const StoreOptions& options) {
  auto database = std::make_unique<SqliteDatabase>(path, options);
  if (Status opened = database->open(); !opened) return opened.error();
  return std::unique_ptr<Database>(std::move(database));
}

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options) {
  Result<std::unique_ptr<Database>> database = open_sqlite_database(path, options);
  if (!database) return database.error();
  Result<std::unique_ptr<Store>> store = SqlStore::open(std::move(*database), options);
  if (!store && !store.error().message.starts_with(path)) return internal_error(path + ": " + store.error().message);
  return store;
}

}  // namespace ringway::manager

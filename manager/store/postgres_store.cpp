#include "manager/store/postgres_store.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "manager/store/postgres_connection.h"

namespace ringway::manager {

namespace {

// Any number that nothing else in the database takes.
constexpr const char* kOverhaulLock = "SELECT pg_advisory_xact_lock(5937221905411217509)";

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
  [[nodiscard]] bool null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  [[nodiscard]] std::int64_t number(int column) const override {
    const char* text = PQgetvalue(result_, row_, column);
    std::int64_t value = 0;
    std::from_chars(text, text + std::strlen(text), value);
    return value;
  }
  [[nodiscard]] std::string text(int column) const override {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  const PGresult* result_;
  int row_;
};

/// A reader's rows may be long on their way, and the connection's own bound sees to a network that is silent.
std::string begin_sql(Access access) {
  switch (access) {
    case Access::read: return "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = '600s'";
    case Access::write: return "BEGIN ISOLATION LEVEL READ COMMITTED";
    case Access::overhaul: break;
  }
  return std::string("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = '600s'; ") + kOverhaulLock;
}

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(std::string url) : url_(std::move(url)), name_(postgres_name(url_)) {}

  Status begin(Access access) override;
  Status commit() override;
  [[nodiscard]] bool may_be_written() const override { return may_be_written_; }
  void rollback() override;
  Status run(std::string sql, const Parameters& parameters, const OnRow& on_row) override;
  Status script(const std::string& sql) override;
  Result<bool> has_schema() override;
  Result<std::int64_t> now_us() override;
  Status tell(std::uint64_t position) override;
  bool wait_for_news(std::chrono::milliseconds most, int wake) override;

 private:
  Status connect();
  Result<std::int64_t> number(const std::string& sql);
  Status named(const Status& status);

  std::string url_;
  std::string name_;
  std::unique_ptr<PostgresConnection> connection_;
  std::chrono::milliseconds silence_ = limits::kStoreSilence;
  bool in_transaction_ = false;
  bool may_be_written_ = false;
  bool missed_news_ = false;  // nobody listened for a while
};

/// A connection that was made before may have died unseen, for instance when the server was restarted: once more, then,
/// on a new one. Nothing was done yet.
Status PostgresDatabase::begin(Access access) {
  may_be_written_ = false;
  silence_ = access == Access::overhaul ? limits::kStoreOverhaulSilence : limits::kStoreSilence;
  const bool fresh = !connection_;
  if (fresh) {
    if (Status connected = connect(); !connected) return connected;
  }
  Status begun = script(begin_sql(access));
  if (!begun && !connection_ && !fresh) {
    if (Status connected = connect(); !connected) return connected;
    begun = script(begin_sql(access));
  }
  in_transaction_ = connection_ != nullptr;
  return begun;
}

Status PostgresDatabase::connect() {
  Result<std::unique_ptr<PostgresConnection>> made = PostgresConnection::make(url_);
  if (!made) return named(made.error());
  connection_ = std::move(*made);
  missed_news_ = true;
  return {};
}

Status PostgresDatabase::commit() {
  const Status done = script("COMMIT");
  may_be_written_ = !done && !connection_;
  if (done) in_transaction_ = false;
  return done;
}

void PostgresDatabase::rollback() {
  if (std::exchange(in_transaction_, false) && connection_) static_cast<void>(script("ROLLBACK"));
}

Status PostgresDatabase::run(std::string sql, const Parameters& parameters, const OnRow& on_row) {
  if (!connection_) return named(internal_error("the connection is lost"));
  const Result<PgResult> result = connection_->run(sql, parameters, silence_);
  if (!result) return named(result.error());
  if (!on_row) return {};
  const int rows = PQntuples(result->get());
  for (int i = 0; i < rows; ++i) {
    if (Status taken = on_row(PostgresRow(result->get(), i)); !taken) return taken;
  }
  return {};
}

Status PostgresDatabase::script(const std::string& sql) {
  if (!connection_) return named(internal_error("the connection is lost"));
  return named(connection_->script(sql, silence_));
}

/// An error says of which server, and a connection that is lost is dropped.
Status PostgresDatabase::named(const Status& status) {
  if (status.ok()) return status;
  if (connection_ && connection_->lost()) connection_.reset();
  return Error{status.error().side, Retry::safe, fmt::format("{}: {}", name_, status.error().message)};
}

Result<std::int64_t> PostgresDatabase::number(const std::string& sql) {
  std::int64_t number = 0;
  const Status read = run(sql, {}, [&](const Row& row) {
    number = row.number(0);
    return Status();
  });
  if (!read) return read.error();
  return number;
}

Result<bool> PostgresDatabase::has_schema() {
  // Not to_regclass(): a session remembers that it found nothing, even after it waited for who made it.
  const Result<std::int64_t> there =
      number("SELECT count(*) FROM pg_class WHERE relname = 'state' AND relkind = 'r' AND pg_table_is_visible(oid)");
  if (!there) return there.error();
  return *there > 0;
}

Result<std::int64_t> PostgresDatabase::now_us() {
  return number("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
}

Status PostgresDatabase::tell(std::uint64_t position) {
  return run("SELECT pg_notify('ringway', ?1::text)", Parameters{std::to_string(position)}, nullptr);
}

bool PostgresDatabase::wait_for_news(std::chrono::milliseconds most, int wake) {
  if (std::exchange(missed_news_, false)) return true;
  if (!connection_) {
    wait_for_wake(most, wake);
    return false;
  }
  const bool news = connection_->wait_for_notification(most, wake);
  if (connection_->lost()) connection_.reset();
  return news;
}

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url, const StoreOptions& options) {
  if (Status fit = check_postgres_url(url); !fit) return fit.error();
  Result<std::unique_ptr<Store>> store = SqlStore::open(std::make_unique<PostgresDatabase>(url), options);
  const std::string name = postgres_name(url);
  if (!store && !store.error().message.starts_with(name)) return internal_error(name + ": " + store.error().message);
  return store;
}

}  // namespace ringway::manager

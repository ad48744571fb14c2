#pragma once
// What the two databases have in common, as far as SqlStore needs it: statements in the SQL that both speak, with
// parameters ?1, ?2, …, and transactions. What they do each in their own way are the calls below.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ringway::manager {

/// A parameter of a statement: nothing (NULL), a number or a text.
class Parameter {
 public:
  Parameter(std::int64_t number) : value_(number) {}          // NOLINT(google-explicit-constructor)
  Parameter(std::uint64_t number) : value_(clamp(number)) {}  // NOLINT(google-explicit-constructor)
  Parameter(std::string text) : value_(std::move(text)) {}    // NOLINT(google-explicit-constructor)
  Parameter(const std::optional<std::string>& text) {         // NOLINT(google-explicit-constructor)
    if (text) value_ = *text;
  }

  [[nodiscard]] const std::int64_t* number() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value_); }

 private:
  static std::int64_t clamp(std::uint64_t number) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(number, kMost));
  }
  std::variant<std::monostate, std::int64_t, std::string> value_;
};

using Parameters = std::vector<Parameter>;

/// One row of an answer, until the next.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t number(int column) const = 0;
  [[nodiscard]] virtual std::string text(int column) const = 0;
  /// Of a column that is never negative.
  [[nodiscard]] std::uint64_t count(int column) const { return static_cast<std::uint64_t>(number(column)); }
};

/// An error ends the statement, and is what run() returns.
using OnRow = std::function<Status(const Row&)>;

enum class Access : std::uint8_t {
  read,      // a view of one moment
  write,     // as a leader commits; what two of them change they change one after the other
  overhaul,  // the schema, or everything: alone, and as long as it takes
};

class Database {
 public:
  virtual ~Database() = default;

  /// Begins a transaction; connects first where there is no connection.
  virtual Status begin(Access access) = 0;
  /// An error: nothing was written, or `may_be_written` says that this is not known.
  virtual Status commit() = 0;
  [[nodiscard]] virtual bool may_be_written() const = 0;
  /// Where none is open nothing happens.
  virtual void rollback() = 0;

  /// One statement.
  virtual Status run(std::string sql, const Parameters& parameters, const OnRow& on_row) = 0;
  /// Several without parameters or answers.
  virtual Status script(const std::string& sql) = 0;

  /// Whether the store's tables are there.
  virtual Result<bool> has_schema() = 0;
  /// The clock of leases, since 1970; inside a transaction, too, it goes on.
  virtual Result<std::int64_t> now_us() = 0;
  /// Tells others once the open transaction is committed.
  virtual Status tell(std::uint64_t position) = 0;
  /// As Store's.
  virtual bool wait_for_news(std::chrono::milliseconds most, int wake) = 0;
};

/// Rolls back at its end what was not committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { database_.rollback(); }

  Status begin(Access access) { return database_.begin(access); }
  Status commit() { return database_.commit(); }

 private:
  Database& database_;
};

/// Waits until `wake` (-1: none) can be read, at most so long; true where it can. A signal may end it early.
bool wait_for_wake(std::chrono::milliseconds most, int wake);

}  // namespace ringway::manager

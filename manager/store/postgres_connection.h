#pragma once
// One connection to PostgreSQL by libpq, never waiting longer than it is told: a server that is stopped, or behind a
// network that swallows everything, is given up, where libpq's own calls would wait for ever.

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "manager/store/database.h"

namespace ringway::manager {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

/// Whether libpq can make of `url` (RFC 3986) what it says, with no doubt where a password ends. No error ever quotes
/// any part of it.
Status check_postgres_url(const std::string& url);
/// Where it leads to, without its password: "PostgreSQL at db.test:5432, database ringway".
std::string postgres_name(const std::string& url);

class PostgresConnection {
 public:
  /// Connects, at most limits::kStoreSilence for each address of each host, and sets the session up.
  static Result<std::unique_ptr<PostgresConnection>> make(const std::string& url);

  /// One statement; `silence` bounds how long the server may say nothing. Rows come in text form.
  Result<PgResult> run(const std::string& sql, const Parameters& parameters, std::chrono::milliseconds silence);
  /// Several statements, without parameters.
  Status script(const std::string& sql, std::chrono::milliseconds silence);

  /// After an error: whether it was the connection's, and another one is needed.
  [[nodiscard]] bool lost() const { return lost_ || PQstatus(connection_.get()) != CONNECTION_OK; }

  /// Waits for a notification of another session, or for `wake`; true where one came, or the connection is lost.
  bool wait_for_notification(std::chrono::milliseconds most, int wake);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}
  Status set_up();
  Status wait_until_answered(std::chrono::milliseconds silence);
  Result<PgResult> collect(std::chrono::milliseconds silence);
  bool take_notifications();
  Error lose(std::string message);
  [[nodiscard]] std::string reason() const;

  std::unique_ptr<PGconn, Finish> connection_;
  bool lost_ = false;
};

}  // namespace ringway::manager

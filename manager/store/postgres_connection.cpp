#include "manager/store/postgres_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "base/text.h"

namespace ringway::manager {

namespace {

// Sessions that stand still inside a transaction hold the lock that every manager needs. What waits for it asks
// again. A server that acknowledges what it has not flushed would break the store's promise.
constexpr const char* kSessionSetUp =
    "SET statement_timeout = '5s'; SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '10s'; "
    "SET client_min_messages = error; "
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local'); LISTEN ringway";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConnectionOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string_view without_scheme(std::string_view url) {
  const std::size_t at = url.find("://");
  return at == std::string_view::npos ? std::string_view() : url.substr(at + 3);
}

/// Empty where it is not set.
std::string option_of(const PQconninfoOption* option, std::string_view keyword) {
  for (; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return {};
}

/// In one line; libpq ends its messages with a newline.
std::string one_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

int wait_for(pollfd* waited, nfds_t count, std::chrono::milliseconds most) {
  return ::poll(waited, count, static_cast<int>(most.count()));
}

PGconn* connect(const std::string& url) {
  const std::string seconds = std::to_string(limits::kStoreSilence.count());
  const std::string milliseconds = std::to_string(std::chrono::milliseconds(limits::kStoreSilence).count());
  // Before `dbname`, which is the whole URL: the URL may say otherwise. After it: it may not.
  const std::array<std::pair<const char*, const char*>, 11> settings{{
      {"connect_timeout", seconds.c_str()},
      {"tcp_user_timeout", milliseconds.c_str()},
      {"keepalives_idle", "5"},
      {"keepalives_interval", "2"},
      {"keepalives_count", "3"},
      {"target_session_attrs", "read-write"},
      {"fallback_application_name", "ringway manager"},
      {"dbname", url.c_str()},
      {"client_encoding", "UTF8"},
      {"replication", "false"},
      {nullptr, nullptr},
  }};
  std::array<const char*, settings.size()> keywords{};
  std::array<const char*, settings.size()> values{};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    keywords[i] = settings[i].first;
    values[i] = settings[i].second;
  }
  return PQconnectdbParams(keywords.data(), values.data(), 1);
}

}  // namespace

Status check_postgres_url(const std::string& url) {
  const std::string_view rest = without_scheme(url);
  const std::string_view user = rest.substr(0, rest.rfind('@') == std::string_view::npos ? 0 : rest.rfind('@'));
  // An unencoded character would make libpq take a part of the password for a host, and say so in its errors.
  const bool doubtful = std::ranges::count(user, ':') > 1 || user.find_first_of("@/?#[] ") != std::string_view::npos;
  const ConnectionOptions options(doubtful ? nullptr : PQconninfoParse(url.c_str(), nullptr));
  // Where the host was forgotten libpq takes the password for a port.
  if (options && option_of(options.get(), "port").find_first_not_of("0123456789,") == std::string::npos) return {};
  return internal_error(
      "the store's URL is not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE "
      "(special characters in it are written as %40 and the like)");
}

std::string postgres_name(const std::string& url) {
  const ConnectionOptions options(PQconninfoParse(url.c_str(), nullptr));
  const std::string host = option_of(options.get(), "host");
  const std::string port = option_of(options.get(), "port");
  const std::string database = option_of(options.get(), "dbname");
  return fmt::format("PostgreSQL at {}{}{}", host.empty() ? "the local server" : host, port.empty() ? "" : ":" + port,
                     database.empty() ? "" : ", database " + database);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::make(const std::string& url) {
  PGconn* made = connect(url);
  if (made == nullptr) return internal_error("no memory for a connection");
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(made));
  // It would write to standard error.
  PQsetNoticeProcessor(
      made, [](void*, const char*) {}, nullptr);
  if (PQstatus(made) != CONNECTION_OK) return connection->lose(connection->reason());
  if (PQsetnonblocking(made, 1) != 0) return connection->lose(connection->reason());
  if (Status ready = connection->set_up(); !ready) return ready.error();
  return connection;
}

Status PostgresConnection::set_up() { return script(kSessionSetUp, limits::kStoreSilence); }

Result<PgResult> PostgresConnection::run(const std::string& sql, const Parameters& parameters,
                                         std::chrono::milliseconds silence) {
  std::string numbered = sql;
  std::ranges::replace(numbered, '?', '$');
  std::vector<std::string> numbers(parameters.size());
  std::vector<const char*> values(parameters.size(), nullptr);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (const std::int64_t* number = parameters[i].number()) values[i] = (numbers[i] = std::to_string(*number)).c_str();
    if (const std::string* text = parameters[i].text()) values[i] = text->c_str();
  }
  const int sent = PQsendQueryParams(connection_.get(), numbered.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0);
  if (sent == 0) return lose(reason());
  return collect(silence);
}

Status PostgresConnection::script(const std::string& sql, std::chrono::milliseconds silence) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return lose(reason());
  const Result<PgResult> result = collect(silence);
  if (!result) return result.error();
  return {};
}

/// All results of what was sent: the last, or the first error.
Result<PgResult> PostgresConnection::collect(std::chrono::milliseconds silence) {
  PgResult last;
  std::string error;
  for (;;) {
    if (Status answered = wait_until_answered(silence); !answered) return answered.error();
    PgResult next(PQgetResult(connection_.get()));
    if (!next) break;
    const ExecStatusType status = PQresultStatus(next.get());
    const bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!fine && error.empty()) error = one_line(PQresultErrorMessage(next.get()));
    last = std::move(next);
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) return lose(error.empty() ? reason() : error);
  if (!error.empty()) return Error{Side::internal, Retry::safe, error};
  return last;
}

/// Sends what is still to be sent and reads until PQgetResult() would not wait.
Status PostgresConnection::wait_until_answered(std::chrono::milliseconds silence) {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) return lose(reason());
    if (unsent == 0 && PQisBusy(connection_.get()) == 0) return {};
    const auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    pollfd waited{PQsocket(connection_.get()), events, 0};
    const int ready = wait_for(&waited, 1, silence);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      return lose(fmt::format("the server has said nothing for {} s", std::chrono::duration<double>(silence).count()));
    }
    if ((waited.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_.get()) == 0) return lose(reason());
  }
}

bool PostgresConnection::wait_for_notification(std::chrono::milliseconds most, int wake) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!take_notifications()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    std::array<pollfd, 2> waited{{{PQsocket(connection_.get()), POLLIN, 0}, {wake, POLLIN, 0}}};
    const int ready = wait_for(waited.data(), waited.size(), std::max(left, std::chrono::milliseconds(0)));
    if (ready <= 0 || waited[0].revents == 0) return false;
    // Its own notifications come here too, and a server's last words before it hangs up.
    if (PQconsumeInput(connection_.get()) == 0) {
      lose(reason());
      return true;
    }
  }
  return true;
}

/// Whether one of those that are here is of another session.
bool PostgresConnection::take_notifications() {
  bool foreign = false;
  while (PGnotify* notify = PQnotifies(connection_.get())) {
    foreign = foreign || notify->be_pid != PQbackendPID(connection_.get());
    PQfreemem(notify);
  }
  return foreign;
}

Error PostgresConnection::lose(std::string message) {
  lost_ = true;
  return {Side::internal, Retry::safe, std::move(message)};
}

std::string PostgresConnection::reason() const { return one_line(PQerrorMessage(connection_.get())); }

}  // namespace ringway::manager

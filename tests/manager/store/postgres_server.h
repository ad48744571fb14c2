#pragma once
// A real PostgreSQL with a cluster of its own in a temporary folder, on a socket there. It ends with this process,
// however that ends.

#include <sys/types.h>

#include <string>

#include "tests/manager/store/support.h"

namespace ringway::manager::testing {

class PostgresServer {
 public:
  /// The one of this process, started when it is first asked for. Aborts, saying why, where there is none to start.
  static PostgresServer& shared();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  [[nodiscard]] const std::string& socket_folder() const { return folder_.path(); }
  /// For `database`, by the socket in `folder`.
  [[nodiscard]] static std::string url(const std::string& database, const std::string& folder);
  [[nodiscard]] std::string url(const std::string& database) const { return url(database, socket_folder()); }

  /// A new empty database's name.
  std::string make_database();
  /// Runs `sql`; returns the first value of the first row.
  std::string ask(const std::string& database, const std::string& sql);

  /// SIGINT is an orderly end, SIGKILL none at all.
  void stop(int signal);
  void start();

 private:
  PostgresServer();
  [[nodiscard]] int run(const std::vector<std::string>& command) const;
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& command) const;

  TempFolder folder_;
  std::string programs_;  // the folder of initdb and postgres
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace ringway::manager::testing

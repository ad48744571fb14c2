#include "tests/manager/store/postgres_server.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

namespace ringway::manager::testing {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "PostgreSQL for the tests: %s\n", why.c_str());
  std::abort();
}

/// Debian keeps each version's server programs in a folder of its own, on nobody's path.
std::string find_programs() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(version.path() / "bin" / "postgres")) found.push_back((version.path() / "bin").string());
  }
  if (found.empty()) give_up("none is installed");
  return *std::ranges::max_element(found);
}

/// It refuses to run as root.
const passwd* other_user() { return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr; }

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : programs_(find_programs()) {
  if (const passwd* user = other_user()) {
    if (::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) give_up("its folder cannot be given to it");
  }
  const int made = run({programs_ + "/initdb", "-D", folder_.path() + "/data", "-U", "postgres", "-A", "trust",
                        "--no-sync", "--locale=C", "-E", "UTF8"});
  if (made != 0) give_up("initdb failed: " + folder_.path() + "/log");
  start();
}

PostgresServer::~PostgresServer() { stop(SIGQUIT); }

std::string PostgresServer::url(const std::string& database, const std::string& folder) {
  return "postgresql://postgres@/" + database + "?host=" + folder;
}

std::string PostgresServer::make_database() {
  const std::string name = "store" + std::to_string(++databases_);
  ask("postgres", "CREATE DATABASE " + name);
  return name;
}

std::string PostgresServer::ask(const std::string& database, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url(database).c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(sql + ": " + PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

void PostgresServer::start() {
  const std::vector<std::string> command = {
      programs_ + "/postgres", "-D", folder_.path() + "/data", "-h", "", "-k", folder_.path(), "-c", "fsync=off", "-c",
      "max_connections=30"};
  server_ = spawn(command);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (PQping(url("postgres").c_str()) != PQPING_OK) {
    // It does not start beside what is left of one that was killed, which ends in a moment.
    if (::waitpid(server_, nullptr, WNOHANG) == server_) server_ = spawn(command);
    if (std::chrono::steady_clock::now() > end) give_up("it does not start: " + folder_.path() + "/log");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void PostgresServer::stop(int signal) {
  if (server_ <= 0) return;
  ::kill(server_, signal);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

int PostgresServer::run(const std::vector<std::string>& command) const {
  int status = -1;
  ::waitpid(spawn(command), &status, 0);
  return status;
}

pid_t PostgresServer::spawn(const std::vector<std::string>& command) const {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const std::string log = folder_.path() + "/log";
  const passwd* user = other_user();
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  const bool as_user = user == nullptr || (::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after setuid(), which would undo it
  if (as_user && ::chdir("/") == 0) ::execv(words[0], words.data());
  ::_exit(127);
}

}  // namespace ringway::manager::testing

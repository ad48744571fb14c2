#pragma once
// A console and a manager that tests hold in their hands.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/client/commands.h"
#include "cli/help.h"

namespace ringway::cli::client {

class FakeConsole final : public Console {
 public:
  void out(std::string_view text) override { said += text; }
  void note(std::string_view text) override { noted += text; }
  [[nodiscard]] bool can_ask() const override { return answer.has_value(); }
  [[nodiscard]] bool is_screen() const override { return false; }
  bool confirm(std::string_view question) override {
    asked += question;
    return answer.value_or(false);
  }
  std::string read_line() override { return line; }
  [[nodiscard]] Paint paint() const override { return Paint::none; }
  [[nodiscard]] ScreenSize size() const override { return screen; }
  void sleep(Duration duration) override { slept += duration; }

  std::string said;
  std::string noted;
  std::string asked;
  std::optional<bool> answer;  // of whom is asked; nothing: nobody is there
  std::string line;
  ScreenSize screen{1000, 1000};
  Duration slept{};
};

/// Answers "GET /v1/sites" and the like with what was put there, in turn, the last again and again.
class FakeApi final : public Api {
 public:
  void put(const std::string& question, Answer answer) { answers_[question].push_back(std::move(answer)); }
  void put(const std::string& question, const std::string& json) {
    put(question, {200, "application/json", "\"revision-7\"", json});
  }
  void put_problem(const std::string& question, int status, const std::string& title, const std::string& more = "") {
    put(question, {status, "application/problem+json", "", "{\"title\": \"" + title + "\"" + more + "}"});
  }

  Result<Answer> ask(const Ask& ask) override {
    asks.push_back(ask);
    const auto found = answers_.find(ask.method + " " + ask.target);
    if (found == answers_.end()) {
      return Error{Side::origin, retry, "nothing was put for " + ask.method + " " + ask.target};
    }
    Answer answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return answer;
  }

  std::vector<Ask> asks;
  Retry retry = Retry::safe;  // of what was not put

 private:
  std::map<std::string, std::deque<Answer>> answers_;
};

class BorrowedApi final : public Api {
 public:
  explicit BorrowedApi(Api& api) : api_(api) {}
  Result<Answer> ask(const Ask& ask) override { return api_.ask(ask); }

 private:
  Api& api_;
};

/// Both, and commands run on them.
class ClientTest : public ::testing::Test {
 protected:
  int run(const std::string& name, const std::vector<std::string>& words) {
    const Outside outside{console, [this](const char* variable) { return environment[variable]; },
                          [this](const Location& asked) {
                            location = asked;
                            return std::make_unique<BorrowedApi>(api);
                          }};
    return run_client_command(*find_command(name), words, outside);
  }

  FakeConsole console;
  FakeApi api;
  Location location;
  std::map<std::string, std::string> environment = {{"RINGWAY_MANAGER", "http://127.0.0.1:7480"}};
};

}  // namespace ringway::cli::client

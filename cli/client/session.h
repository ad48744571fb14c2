#pragma once
// What every command works with: a manager to ask, a console, and how the answer is to look.

#include <cstdint>
#include <optional>
#include <string>

#include "cli/client/api.h"
#include "cli/client/console.h"
#include "cli/client/json.h"
#include "cli/client/problem.h"

namespace ringway::cli::client {

enum class Output : std::uint8_t { table, json, yaml };

class Session {
 public:
  /// `command` stands in front of what is wrong. All outlive it.
  Session(std::string command, Api& api, Console& console, Output output)
      : command_(std::move(command)), api_(api), console_(console), output_(output) {}

  [[nodiscard]] Api& api() { return api_; }
  [[nodiscard]] Console& console() { return console_; }
  [[nodiscard]] Output output() const { return output_; }
  [[nodiscard]] Paint paint() const { return console_.paint(); }

  /// Whatever the manager says; nothing where it says nothing: then that is told, and exit_code() is set.
  std::optional<Answer> ask_any(const Ask& ask);
  /// Its good answer; a problem is told as well.
  std::optional<Answer> ask(const Ask& ask, const TellFault& tell = nullptr);
  /// The JSON of a good answer.
  std::optional<TreeNode> get(const std::string& target);

  /// Tells the problem and returns the exit code that it stands for.
  ExitCode fail(const Answer& answer, const TellFault& tell = nullptr);
  /// Tells `message`, and returns `code`.
  ExitCode fail(ExitCode code, const std::string& message);
  /// What is wrong with the command line, and where its right form stands.
  ExitCode misused(const std::string& message);
  /// Of what failed last.
  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

 private:
  std::string command_;
  Api& api_;
  Console& console_;
  Output output_;
  ExitCode exit_code_ = kFine;
};

}  // namespace ringway::cli::client

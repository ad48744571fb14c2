#include "cli/client/session.h"

#include <fmt/format.h>

namespace ringway::cli::client {

std::optional<Answer> Session::ask_any(const Ask& ask) {
  Result<Answer> answer = api_.ask(ask);
  if (answer) return std::move(*answer);
  fail(kNoAnswer, printable(answer.error().message));
  return std::nullopt;
}

std::optional<Answer> Session::ask(const Ask& ask, const TellFault& tell) {
  std::optional<Answer> answer = ask_any(ask);
  if (!answer || answer->good()) return answer;
  fail(*answer, tell);
  return std::nullopt;
}

std::optional<TreeNode> Session::get(const std::string& target) {
  Ask question;
  question.target = target;
  const std::optional<Answer> answer = ask(question);
  if (!answer) return std::nullopt;
  Result<TreeNode> tree = read_json(answer->body);
  if (tree) return std::move(*tree);
  fail(kFailed, tree.error().message);
  return std::nullopt;
}

ExitCode Session::fail(const Answer& answer, const TellFault& tell) {
  exit_code_ = exit_code_of(answer.status);
  const std::string text = problem_text(read_problem(answer), tell);
  console_.note(fmt::format("ringway {}: {}", command_, text));
  return exit_code_;
}

ExitCode Session::fail(ExitCode code, const std::string& message) {
  exit_code_ = code;
  console_.note(fmt::format("ringway {}: {}\n", command_, message));
  return exit_code_;
}

ExitCode Session::misused(const std::string& message) {
  return fail(kUsage, fmt::format("{}\nSee ringway {} --help.", message, command_));
}

}  // namespace ringway::cli::client

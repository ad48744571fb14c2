#include "cli/client/problem.h"

#include <fmt/format.h>

#include "cli/client/json.h"
#include "http/message.h"

namespace ringway::cli::client {

Problem read_problem(const Answer& answer) {
  Problem problem;
  const Result<TreeNode> tree = read_json(answer.body);
  if (tree && tree->kind == TreeNode::Kind::map) {
    problem.title = text_of(*tree, "title");
    problem.detail = text_of(*tree, "detail");
    problem.request = text_of(*tree, "request");
    for (const TreeNode& fault : items_of(*tree, "errors")) {
      // The pointer is compared with what was sent, so it stays as it is.
      problem.faults.push_back({member(fault, "pointer").scalar, text_of(fault, "message"), text_of(fault, "hint")});
    }
  }
  if (problem.title.empty()) problem.title = fmt::format("{} {}", answer.status, http::reason_phrase(answer.status));
  return problem;
}

ExitCode exit_code_of(int status) {
  switch (status) {
    case 401:
    case 403: return kNotAllowed;
    case 404: return kNotThere;
    case 412: return kChanged;
    case 429:
    case 502:
    case 503:
    case 504: return kNoAnswer;
    default: return kFailed;
  }
}

std::string fault_text(const ProblemFault& fault) {
  const std::string where = fault.pointer.empty() ? "" : printable(fault.pointer) + ": ";
  const std::string hint = fault.hint.empty() ? "" : "\n    " + fault.hint;
  return fmt::format("  {}{}{}", where, fault.message, hint);
}

std::string problem_text(const Problem& problem, const TellFault& tell) {
  std::string text = problem.title;
  // That so many are wrong is said by what follows.
  if (!problem.detail.empty() && problem.faults.empty()) text += ": " + problem.detail;
  text += "\n";
  for (const ProblemFault& fault : problem.faults) {
    const std::string told = tell ? tell(fault) : "";
    text += (told.empty() ? fault_text(fault) : told) + "\n";
  }
  return text;
}

}  // namespace ringway::cli::client

#pragma once
// What a manager says is wrong (RFC 9457), for people.

#include <functional>
#include <string>
#include <vector>

#include "cli/client/api.h"
#include "cli/client/exit_code.h"

namespace ringway::cli::client {

struct ProblemFault {
  std::string pointer;  // RFC 6901, into what was sent
  std::string message;
  std::string hint;
};

struct Problem {
  std::string title;
  std::string detail;
  std::string request;  // how the manager's log calls it
  std::vector<ProblemFault> faults;
};

/// Of an answer that is not good; also where it is no problem+json.
Problem read_problem(const Answer& answer);
ExitCode exit_code_of(int status);

/// What stands in for a fault that has a place of its own; empty: it has none.
using TellFault = std::function<std::string(const ProblemFault&)>;
/// A line of title and detail, then each fault.
std::string problem_text(const Problem& problem, const TellFault& tell);
std::string fault_text(const ProblemFault& fault);

}  // namespace ringway::cli::client

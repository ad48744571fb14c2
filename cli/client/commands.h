#pragma once
// The commands that ask a manager, each what it is called and what it does.

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/client/location.h"
#include "cli/client/session.h"

namespace ringway::cli::client {

/// For the help texts, in their order.
std::span<const Command> client_commands();

/// What a command needs of the world.
struct Outside {
  Console& console;
  Environment environment;
  std::function<std::unique_ptr<Api>(const Location&)> connect;

  /// To several managers as if they were one.
  [[nodiscard]] std::unique_ptr<Api> connect_all(const std::vector<Location>& locations) const;
};

/// Runs one of client_commands(); returns the exit code (exit_code.h).
int run_client_command(const Command& command, std::span<const std::string> words, const Outside& outside);

// What they do. Arguments are of the command of that name.

int run_status(Session& session, const Arguments& arguments);
int run_top(Session& session, const Arguments& arguments);
int run_get(Session& session, const Arguments& arguments);
int run_apply(Session& session, const Arguments& arguments);
int run_diff(Session& session, const Arguments& arguments);
int run_rollback(Session& session, const Arguments& arguments);
int run_drain(Session& session, const Arguments& arguments);
int run_undrain(Session& session, const Arguments& arguments);
int run_explain(Session& session, const Arguments& arguments);
int run_link(Session& session, const Arguments& arguments);
int run_token(Session& session, const Arguments& arguments);
int run_enrolment(Session& session, const Arguments& arguments);
/// The one that finds out with which token to ask, so it has no session.
int run_login(const Outside& outside, const Arguments& arguments);

}  // namespace ringway::cli::client

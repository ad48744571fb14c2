#pragma once
// The commands that ask a manager: `ringway status`, `apply`, … (client/commands.h).

#include <span>
#include <string>

#include "cli/arguments.h"

namespace ringway::cli {

/// Null where `name` is no such command.
const Command* find_client_command(std::string_view name);
int run_client(const Command& command, std::span<const std::string> args);

}  // namespace ringway::cli

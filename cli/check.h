#pragma once
// `ringway check FILE...`: whether configuration files are right, without starting anything.

#include <span>
#include <string>

namespace ringway::cli {

/// `args` follow the subcommand's name. Returns the process's exit code: 0, 1 where a file is wrong, 2 on bad usage.
int run_check(std::span<const std::string> args);

}  // namespace ringway::cli

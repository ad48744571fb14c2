#pragma once
// `ringway backup` and `ringway restore`: all that a manager keeps, as one file.

#include <span>
#include <string>

namespace ringway::cli {

/// Take the words after the command; return the process's exit code.
int run_backup(std::span<const std::string> args);
int run_restore(std::span<const std::string> args);

}  // namespace ringway::cli

#pragma once
// `ringway frontend` and `ringway backend`: one gateway until a signal ends it.

#include <span>
#include <string>

namespace ringway::cli {

/// `args` follow the subcommand's name. They return the process's exit code: 0, 1 on failure, 2 on bad usage.
int run_frontend(std::span<const std::string> args);
int run_backend(std::span<const std::string> args);

}  // namespace ringway::cli

#pragma once
// `ringway demo`: everything on one machine, joined by a link with an emulated distance.

#include <span>
#include <string>

namespace ringway::cli {

/// `args` follow the subcommand's name. Returns the process's exit code: 0, 1 on failure, 2 on bad usage.
int run_demo(std::span<const std::string> args);

}  // namespace ringway::cli

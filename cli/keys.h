#pragma once
// `ringway keys`: a private authority once, and an identity per gateway.

#include <span>
#include <string>

namespace ringway::cli {

/// `args` follow the subcommand's name. Returns the process's exit code: 0, 1 on failure, 2 on bad usage.
int run_keys(std::span<const std::string> args);

}  // namespace ringway::cli

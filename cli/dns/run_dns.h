#pragma once
// ringway dns: a redirector until it is told to stop.

#include <span>
#include <string>

namespace ringway::cli {

int run_dns(std::span<const std::string> args);

}  // namespace ringway::cli

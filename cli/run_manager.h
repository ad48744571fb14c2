#pragma once
// `ringway manager`.

#include <span>
#include <string>

namespace ringway::cli {

int run_manager(std::span<const std::string> args);

}  // namespace ringway::cli

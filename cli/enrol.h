#pragma once
// `ringway enrol`: a gateway's first certificate, for the one-time token that a manager made.

#include <span>
#include <string>

namespace ringway::cli {

/// The exit status: 0, 1 where nobody issued one, 2 where the command line is wrong.
int run_enrol(std::span<const std::string> args);

}  // namespace ringway::cli

#pragma once
// Who started this process may wait until it serves, as systemd does for units of Type=notify (sd_notify(3)).

#include <string>

#include "base/result.h"

namespace ringway::cli {

/// Says that it serves, in one datagram to the Unix socket at `path` ("@" before a name without a file). Nobody waits
/// where the path is empty.
Status tell_ready(const std::string& path);

}  // namespace ringway::cli

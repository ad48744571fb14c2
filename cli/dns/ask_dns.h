#pragma once
// `ringway dns --dump` and `--explain NAME --client IP`: what the redirector of a file answers by.

#include <string>

#include "redirector_dns/settings.h"

namespace ringway::cli {

/// Prints the zones and the table of the one that runs, or, where none does, the last good table of its state
/// directory. They return the process's exit code.
int dump_dns(const dns::Settings& settings);
/// Of the one that runs.
int explain_dns(const dns::Settings& settings, const std::string& name, const std::string& client);

}  // namespace ringway::cli

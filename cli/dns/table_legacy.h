#pragma once
// The tables that one process leaves to the next, as texts (redirector_dns/steering/table_text.h).

#include <optional>
#include <string>

#include "base/time.h"

namespace ringway::cli {

struct TableLegacy {
  std::optional<std::string> told;  // what a manager told last
  Duration told_age{};              // of its levels
  std::optional<std::string> own;   // what the process makes itself: by its file, or in a manager's place
};

}  // namespace ringway::cli

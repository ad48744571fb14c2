#pragma once
// /v1/explain as a story: what happens to a request, and why.

#include <string>

#include "cli/client/console.h"
#include "cli/client/json.h"

namespace ringway::cli::client {

std::string explain_text(const TreeNode& explanation, Paint paint);

}  // namespace ringway::cli::client

#pragma once
// /v1/status for people: as a whole, and as what fits a screen.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/client/console.h"
#include "cli/client/json.h"

namespace ringway::cli::client {

/// The whole. Parts with nothing in them are left out.
std::string status_text(const TreeNode& status, ScreenSize size, Paint paint);

/// By what `top` sorts sites and gateways.
enum class SortBy : std::uint8_t { load, errors, p95, name };
Result<SortBy> parse_sort(const std::string& word);

/// At most size.lines - 1 lines: the busiest sites and gateways, and what is wrong.
std::string top_text(const TreeNode& status, SortBy sort, ScreenSize size, Paint paint);

}  // namespace ringway::cli::client

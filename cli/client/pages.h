#pragma once
// Lists that a manager gives page by page.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/session.h"

namespace ringway::cli::client {

/// No more than so many pages are asked for: a manager that never ends is not followed for ever.
inline constexpr std::size_t kMaxPages = 1000;

/// The first items, at most `most`, of the list at `path`; nothing where a page was refused, which is told.
std::optional<std::vector<TreeNode>> get_pages(Session& session, const std::string& path, std::size_t most = SIZE_MAX);

}  // namespace ringway::cli::client

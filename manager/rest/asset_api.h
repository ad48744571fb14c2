#pragma once
// The dashboard: its files are part of the executable, and run nothing but themselves.
//
//   GET /                the page
//   GET /assets/{name}   what it is made of: scripts, a style sheet, a picture
//
// Open to everyone: they say nothing of the overlay. Browsers ask each time whether their copy is still the one
// (RFC 9111 §5.2.2.4), so that after an upgrade no page runs an older script.

#include <span>
#include <string_view>

#include "manager/rest/router.h"

namespace ringway::manager {

struct Asset {
  std::string_view name;  // "app.js"
  std::string_view type;
  std::string_view etag;  // quoted; of its content
  std::string_view content;
};

/// Those of manager/dashboard/, in the order of their names.
[[nodiscard]] std::span<const Asset> dashboard_assets();

void add_asset_operations(Router& router);

}  // namespace ringway::manager

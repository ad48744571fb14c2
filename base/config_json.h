#pragma once
// JSON (RFC 8259) as the tree that YAML gives too, by Boost.JSON: strict, UTF-8 only, no comments, no trailing commas.
// People do not read these texts line by line: what is wrong is told by pointer (RFC 6901).

#include <optional>
#include <string>
#include <string_view>

#include "base/config_tree.h"

namespace ringway::config {

/// Nothing where the text is no JSON or beyond a bound. The places of the tree count its nodes in the text's order
/// (Place::line), and are there for json_pointer() alone.
std::optional<TreeNode> parse_json(std::string_view text, Report& report);

/// A tree of either as JSON. Words of YAML that are no number, true or false get quotes.
std::string json_text(const TreeNode& node);

/// Leads from `root` to what stands at `place`; "" is the whole.
std::string json_pointer(const TreeNode& root, Place place);

}  // namespace ringway::config

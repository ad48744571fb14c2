#pragma once
// What a manager says, read without a schema: an older client passes over what a newer manager adds.

#include <string>
#include <string_view>
#include <vector>

#include "base/config_tree.h"
#include "base/result.h"

namespace ringway::cli::client {

using config::TreeNode;

Result<TreeNode> read_json(std::string_view text);

// Each takes what is missing, or is of another kind, for an empty one.

const TreeNode& member(const TreeNode& node, std::string_view key);
/// Whether it is there, and not null.
bool has(const TreeNode& node, std::string_view key);
/// Fit for a terminal: see printable().
std::string text_of(const TreeNode& node, std::string_view key);
double number_of(const TreeNode& node, std::string_view key);
bool flag_of(const TreeNode& node, std::string_view key);
const std::vector<TreeNode>& items_of(const TreeNode& node, std::string_view key);
/// The single values of a list.
std::vector<std::string> words_of(const TreeNode& node, std::string_view key);

/// `text` with "?" in place of what a terminal would take for a command (C0, DEL, C1).
std::string printable(std::string_view text);

}  // namespace ringway::cli::client

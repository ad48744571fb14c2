#pragma once
// Trees as YAML lines, as people write them and `apply` reads them, and what differs between two trees, by key.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/console.h"
#include "cli/client/json.h"

namespace ringway::cli::client {

struct YamlLine {
  std::size_t depth = 0;  // two columns each
  std::string text;
};

/// Texts that YAML could take for something else, or that hold what is no plain character, are in quotes.
std::vector<YamlLine> yaml_lines(const TreeNode& node);
/// One document.
std::string yaml_text(const TreeNode& node);

enum class Mark : std::uint8_t { same, added, removed };

struct DiffLine {
  Mark mark = Mark::same;
  YamlLine line;
};

/// Every line that was added or removed, below the keys that lead to it. Items of lists are the same ones where their
/// `name`, else their `address`, is the same; other items where they are equal. Equal trees give nothing.
std::vector<DiffLine> diff_lines(const TreeNode& before, const TreeNode& after);

std::string diff_text(const std::vector<DiffLine>& lines, Paint paint);

}  // namespace ringway::cli::client

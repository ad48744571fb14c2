#pragma once
// A configuration file as a tree of values that know their place, and the list of what is wrong with it.
// YAML 1.2, JSON being a subset; anchors' aliases and tags are refused, so a tree is never larger than its text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::config {

inline constexpr std::size_t kMaxTextOctets = 4U << 20;
inline constexpr std::size_t kMaxDepth = 32;
/// In one map; lists have no bound but the text's.
inline constexpr std::size_t kMaxKeys = 1000;
/// What is wrong beyond so many is only counted.
inline constexpr std::size_t kMaxErrors = 50;

/// Where something stands in the text, from 0; columns count octets.
struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
  auto operator<=>(const Place&) const = default;
};

/// One thing that is wrong.
struct Finding {
  Place place;
  std::string message;
  std::string hint;  // the way out; empty: none
};

/// All that is wrong with one text.
class Report {
 public:
  /// `file` is what messages call it; both outlive the report.
  Report(std::string_view file, std::string_view text) : file_(file), text_(text) {}
  /// `hint` is a line of its own below the source line; empty: none.
  void add(Place place, std::string message, std::string hint = {});
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// In the order of the text; at most kMaxErrors of them.
  [[nodiscard]] std::vector<Finding> findings() const;
  /// For each of them: `file:line:column: message`, the source line, a caret, the hint.
  [[nodiscard]] std::string text() const;

 private:
  void write_source(std::string& out, Place place) const;

  std::string_view file_;
  std::string_view text_;
  std::vector<Finding> findings_;
  std::size_t count_ = 0;
};

struct Entry;

struct TreeNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  bool quoted = false;  // a scalar in quotes is text whatever it looks like
  Place place;
  std::string scalar;
  std::vector<TreeNode> items;
  std::vector<Entry> entries;  // in the text's order, keys all different

  /// The value of `key`; null where it is none.
  [[nodiscard]] const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;
  TreeNode value;
};

/// "a list", "nothing": for messages.
std::string_view kind_name(TreeNode::Kind kind);

/// Nothing where the text is no YAML or beyond a bound. Other faults (doubled keys, aliases) are reported and
/// left out of the tree, so that its reader finds the rest of them.
std::optional<TreeNode> parse_tree(std::string_view text, Report& report);

}  // namespace ringway::config

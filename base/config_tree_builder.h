#pragma once
// Makes a tree of a parser's events, YAML's or JSON's. Doubled keys are reported and left out.

#include <optional>
#include <string>
#include <vector>

#include "base/config_tree.h"

namespace ringway::config {

class TreeBuilder {
 public:
  explicit TreeBuilder(Report& report) : report_(report) {}

  // Each false where the text is beyond a bound, which is reported then; nothing may follow.

  [[nodiscard]] bool put_null(Place place);
  [[nodiscard]] bool put_scalar(Place place, std::string text, bool quoted);
  /// `kind` is list or map. Keys of maps are put as their values are, in turn.
  [[nodiscard]] bool open(TreeNode::Kind kind, Place place);
  [[nodiscard]] bool close();

  /// The whole, once everything that was opened is closed.
  TreeNode take() { return std::move(root_); }

 private:
  struct Level {
    TreeNode node;
    std::optional<TreeNode> key;  // in a map, the key whose value is awaited
  };
  bool put(TreeNode node);
  bool put_entry(Level& level, TreeNode value);

  Report& report_;
  std::vector<Level> levels_;
  TreeNode root_;
};

}  // namespace ringway::config

#include "base/config_tree_builder.h"

#include <fmt/format.h>

#include <utility>

namespace ringway::config {

bool TreeBuilder::put_null(Place place) {
  TreeNode node;
  node.place = place;
  return put(std::move(node));
}

bool TreeBuilder::put_scalar(Place place, std::string text, bool quoted) {
  TreeNode node;
  node.kind = TreeNode::Kind::scalar;
  node.place = place;
  node.scalar = std::move(text);
  node.quoted = quoted;
  return put(std::move(node));
}

bool TreeBuilder::open(TreeNode::Kind kind, Place place) {
  if (levels_.size() >= kMaxDepth) {
    report_.add(place, fmt::format("nested deeper than {} levels", kMaxDepth));
    return false;
  }
  Level& level = levels_.emplace_back();
  level.node.kind = kind;
  level.node.place = place;
  return true;
}

bool TreeBuilder::close() {
  TreeNode node = std::move(levels_.back().node);
  levels_.pop_back();
  return put(std::move(node));
}

bool TreeBuilder::put(TreeNode node) {
  if (levels_.empty()) {
    root_ = std::move(node);
  } else if (levels_.back().node.kind == TreeNode::Kind::list) {
    levels_.back().node.items.push_back(std::move(node));
  } else if (!levels_.back().key) {
    levels_.back().key = std::move(node);
  } else {
    return put_entry(levels_.back(), std::move(node));
  }
  return true;
}

bool TreeBuilder::put_entry(Level& level, TreeNode value) {
  const TreeNode key = std::move(*level.key);
  level.key.reset();
  if (level.node.entries.size() == kMaxKeys) {
    report_.add(key.place, fmt::format("more than {} keys in one map", kMaxKeys));
    return false;
  }
  if (key.kind != TreeNode::Kind::scalar) {
    report_.add(key.place, fmt::format("a key must be a word, not {}", kind_name(key.kind)));
  } else if (level.node.find(key.scalar) != nullptr) {
    report_.add(key.place, fmt::format("the key \"{}\" stands here a second time", key.scalar));
  } else {
    level.node.entries.push_back({key.scalar, key.place, std::move(value)});
  }
  return true;
}

}  // namespace ringway::config

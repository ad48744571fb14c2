#include "cli/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_json.h"

namespace ringway::cli {

namespace {

using config::Entry;
using config::Place;
using config::TreeNode;

constexpr std::string_view kSitePrefix = "sites/";
constexpr std::string_view kLinkSection = "link";
/// Places of section number s begin at line (s + 1) times this: no text that is read has so many lines or values.
constexpr std::size_t kSectionLines = std::size_t{1} << 32;

void shift(TreeNode& node, std::size_t lines) {
  node.place.line += lines;
  for (TreeNode& item : node.items) shift(item, lines);
  for (Entry& entry : node.entries) {
    entry.place.line += lines;
    shift(entry.value, lines);
  }
}

Entry* find(TreeNode& map, std::string_view key) {
  const auto found =
      std::find_if(map.entries.begin(), map.entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == map.entries.end() ? nullptr : &*found;
}

/// The value of `key`, made as an empty one of `kind` where it is not there.
TreeNode& at(TreeNode& map, std::string_view key, TreeNode::Kind kind) {
  if (Entry* const entry = find(map, key)) return entry->value;
  TreeNode made;
  made.kind = kind;
  made.place = map.place;
  map.entries.push_back({std::string(key), map.place, std::move(made)});
  return map.entries.back().value;
}

bool has_site(const TreeNode& sites, std::string_view name) {
  return std::any_of(sites.items.begin(), sites.items.end(), [&](const TreeNode& site) {
    const Entry* const entry = site.find("name");
    return entry != nullptr && entry->value.scalar == name;
  });
}

}  // namespace

Composition::Composition(std::string path, std::string text, const agent::Sections& sections)
    : path_(std::move(path)), text_(std::move(text)) {
  config::Report report(path_, text_);
  root_ = config::parse_tree(text_, report).value_or(TreeNode{});
  for (const auto& [name, section] : sections) add(name, section);
}

void Composition::add(const std::string& name, const std::string& text) {
  const bool site = name.starts_with(kSitePrefix);
  if (!site && name != kLinkSection) return;
  config::Report report(name, text);
  std::optional<TreeNode> tree = config::parse_json(text, report);
  if (!tree || tree->kind != TreeNode::Kind::map) {
    faults_ += fmt::format("{}: {}\n", name, report.empty() ? "it is no object" : report.findings().front().message);
    return;
  }
  shift(*tree, (parts_.size() + 1) * kSectionLines);
  parts_.push_back({name, std::move(*tree)});
  site ? add_site(parts_.back()) : add_link(parts_.back());
}

void Composition::add_site(const Part& part) {
  TreeNode& sites = at(root_, "sites", TreeNode::Kind::list);
  const std::string name = part.name.substr(kSitePrefix.size());
  if (has_site(sites, name)) {
    faults_ += fmt::format("{}: {} has a site of this name already, which stays\n", part.name, path_);
  } else {
    sites.items.push_back(part.tree);
  }
}

/// What the file says itself stays.
void Composition::add_link(const Part& part) {
  TreeNode& link = at(root_, "link", TreeNode::Kind::map);
  for (const Entry& entry : part.tree.entries) {
    if (link.find(entry.key) == nullptr) link.entries.push_back(entry);
  }
}

std::string Composition::told(const config::Report& report) const {
  std::string out;
  for (const config::Finding& finding : report.findings()) {
    const std::size_t section = finding.place.line / kSectionLines;
    if (section == 0) {
      out += fmt::format("{}:{}:{}: {}", path_, finding.place.line + 1, finding.place.column + 1, finding.message);
    } else {
      const Part& part = parts_[section - 1];
      out += fmt::format("{}: {}: {}", part.name, config::json_pointer(part.tree, finding.place), finding.message);
    }
    out += finding.hint.empty() ? "\n" : fmt::format(" ({})\n", finding.hint);
  }
  return out;
}

}  // namespace ringway::cli

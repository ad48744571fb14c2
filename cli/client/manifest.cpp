#include "cli/client/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/config_json.h"
#include "base/file.h"
#include "base/text.h"

namespace ringway::cli::client {

using config::Entry;
using config::TreeNode;

namespace {

Result<std::string> read_standard_input() {
  std::string text;
  char buffer[65536];
  while (const std::size_t octets = std::fread(buffer, 1, sizeof buffer, stdin)) {
    text.append(buffer, octets);
    if (text.size() > config::kMaxTextOctets) return client_error("standard input: larger than a file may be");
  }
  return text;
}

/// Takes the first token off `pointer`, unescaped (RFC 6901 §4).
std::string next_token(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  std::string token;
  for (std::size_t i = 0; i < end; ++i) {
    const bool escaped = pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
    if (escaped) ++i;
    token += !escaped ? pointer[i] : pointer[i] == '0' ? '~' : '/';
  }
  pointer.remove_prefix(end);
  return token;
}

/// The name of an item; null where it has none that is a name.
const std::string* name_of(const TreeNode& item) {
  const Entry* name = item.find("name");
  return name == nullptr || name->value.kind != TreeNode::Kind::scalar ? nullptr : &name->value.scalar;
}

}  // namespace

config::Place place_of(const TreeNode& root, std::string_view pointer) {
  const TreeNode* node = &root;
  config::Place place = root.place;
  while (pointer.starts_with('/')) {
    const std::string token = next_token(pointer);
    if (node->kind == TreeNode::Kind::list) {
      const auto index = parse_decimal(token);
      if (!index || *index >= node->items.size()) return place;
      node = &node->items[*index];
      place = node->place;
    } else {
      const Entry* entry = node->find(token);
      if (entry == nullptr) return place;
      node = &entry->value;
      place = node->kind == TreeNode::Kind::scalar ? node->place : entry->place;
    }
  }
  return place;
}

Result<Manifest> Manifest::read(const std::vector<std::string>& paths) {
  std::vector<ManifestFile> files;
  for (const std::string& path : paths) {
    const Result<std::string> text = path == "-" ? read_standard_input() : read_file(path, config::kMaxTextOctets);
    if (!text) return client_error(text.error().message);
    files.push_back({path == "-" ? "standard input" : path, *text, {}});
  }
  return parse(std::move(files));
}

Result<Manifest> Manifest::parse(std::vector<ManifestFile> files) {
  Manifest manifest;
  std::string faults;
  for (ManifestFile& read : files) {
    auto file = std::make_unique<ManifestFile>(std::move(read));
    config::Report report(file->path, file->text);
    std::optional<TreeNode> root = config::parse_tree(file->text, report);
    if (root) {
      file->root = std::move(*root);
      manifest.take(*file, report);
    }
    if (!report.empty()) faults += (faults.empty() ? "" : "\n") + report.text();
    manifest.files_.push_back(std::move(file));
  }
  if (!faults.empty()) return client_error(faults);
  return manifest;
}

void Manifest::take(const ManifestFile& file, config::Report& report) {
  if (file.root.kind == TreeNode::Kind::null) return;
  if (file.root.kind != TreeNode::Kind::map) {
    return report.add(file.root.place, "a file is a map of kinds, each with a list",
                      "such as `sites: [ { name: shop, … } ]`");
  }
  for (const Entry& kind : file.root.entries) take_kind(file, kind, report);
}

void Manifest::take_kind(const ManifestFile& file, const Entry& kind, config::Report& report) {
  kinds_.insert(kind.key);
  if (kind.value.kind == TreeNode::Kind::null) return;
  if (kind.value.kind != TreeNode::Kind::list) {
    return report.add(kind.place, fmt::format("`{}` is a list, not {}", kind.key, config::kind_name(kind.value.kind)));
  }
  for (const TreeNode& item : kind.value.items) {
    const std::string* name = name_of(item);
    if (name == nullptr) {
      report.add(item.place, fmt::format("each of `{}` is a map with a `name`", kind.key));
    } else if (names(kind.key, *name)) {
      report.add(item.place, fmt::format("\"{}\" stands twice in `{}`", *name, kind.key));
    } else {
      items_.push_back({kind.key, *name, config::json_text(item), &file, &item});
    }
  }
}

bool Manifest::names(const std::string& kind, const std::string& name) const {
  return std::any_of(items_.begin(), items_.end(),
                     [&](const ManifestItem& item) { return item.kind == kind && item.name == name; });
}

std::string Manifest::place(const ProblemFault& fault) const {
  std::string_view pointer = fault.pointer;
  if (!pointer.starts_with("/changes/")) return "";
  next_token(pointer);
  const auto index = parse_decimal(next_token(pointer));
  if (!index || *index >= items_.size()) return "";
  const ManifestItem& item = items_[*index];
  if (!pointer.empty() && next_token(pointer) != "content") pointer = "";
  config::Report report(item.file->path, item.file->text);
  report.add(place_of(*item.node, pointer), fault.message, fault.hint);
  return report.text();
}

}  // namespace ringway::cli::client

#include "base/config_object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace ringway::config {
namespace {

std::vector<std::string> keys_of(const Description& description) {
  std::vector<std::string> keys;
  for (const FieldDescription& field : description.fields) keys.push_back(field.key);
  return keys;
}

bool has_key(const Description& description, std::string_view key) {
  return std::any_of(description.fields.begin(), description.fields.end(),
                     [&](const FieldDescription& field) { return field.key == key; });
}

/// Returns the key that was probably meant; empty where none is near.
std::string report_unknown(Context& context, const Entry& entry, const Description& expected) {
  const std::vector<std::string> keys = keys_of(expected);
  const std::string near = did_you_mean(entry.key, keys);
  const std::string allowed = fmt::format("allowed: {}", fmt::join(keys, ", "));
  context.report.add(entry.place, fmt::format("unknown key \"{}\" in {}", entry.key, expected.name),
                     near.empty() ? allowed : fmt::format("did you mean \"{}\"? ({})", near, allowed));
  return near;
}

const TreeNode* step_into(const TreeNode& node, const std::string& step, Place& place) {
  if (node.kind == TreeNode::Kind::list) {
    const std::optional<std::uint64_t> index = parse_decimal(step);
    if (!index || *index >= node.items.size()) return nullptr;
    place = node.items[*index].place;
    return &node.items[*index];
  }
  const Entry* entry = node.find(step);
  if (entry == nullptr) return nullptr;
  place = entry->value.kind == TreeNode::Kind::scalar ? entry->value.place : entry->place;
  return &entry->value;
}

}  // namespace

void Checker::error(const std::vector<std::string>& path, std::string message, std::string hint) {
  Place place = node_.place;
  const TreeNode* node = &node_;
  for (const std::string& step : path) {
    node = step_into(*node, step, place);
    if (node == nullptr) break;
  }
  context_.report.add(place, std::move(message), std::move(hint));
}

bool check_keys(Context& context, const TreeNode& node, const Description& expected) {
  bool good = true;
  std::set<std::string> meant;  // these are not missing as well: one mistake is one error
  for (const Entry& entry : node.entries) {
    if (context.unknown_keys == UnknownKeys::passed_over || has_key(expected, entry.key)) continue;
    meant.insert(report_unknown(context, entry, expected));
    good = false;
  }
  for (const FieldDescription& field : expected.fields) {
    if (!field.fallback.empty() || node.find(field.key) != nullptr || meant.count(field.key) != 0) continue;
    context.report.add(node.place, fmt::format("the key \"{}\" is missing in {}", field.key, expected.name),
                       fmt::format("{}: {}", field.key, field.doc));
    good = false;
  }
  return good;
}

}  // namespace ringway::config

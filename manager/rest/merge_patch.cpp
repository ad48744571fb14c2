#include "manager/rest/merge_patch.h"

#include <algorithm>

#include "base/config_json.h"
#include "base/text.h"

namespace ringway::manager {

namespace {

using config::Entry;
using config::TreeNode;

/// RFC 7396 §2, for maps alone: anything else takes the target's place.
void merge(TreeNode& target, const TreeNode& patch) {
  if (patch.kind != TreeNode::Kind::map || target.kind != TreeNode::Kind::map) {
    target = patch;
    if (patch.kind != TreeNode::Kind::map) return;
    target.entries.clear();
  }
  for (const Entry& change : patch.entries) {
    const auto found = std::find_if(target.entries.begin(), target.entries.end(),
                                    [&](const Entry& entry) { return entry.key == change.key; });
    if (change.value.kind == TreeNode::Kind::null) {
      if (found != target.entries.end()) target.entries.erase(found);
    } else if (found != target.entries.end()) {
      merge(found->value, change.value);
    } else {
      Entry added{change.key, {}, {}};
      added.value.kind = TreeNode::Kind::map;
      merge(added.value, change.value);
      target.entries.push_back(std::move(added));
    }
  }
}

}  // namespace

std::optional<std::string> merge_patch(std::string_view target, std::string_view patch, FieldFaults& faults) {
  config::Report report("patch", patch);
  std::optional<TreeNode> whole = config::parse_json(target, report);
  const std::optional<TreeNode> changes = config::parse_json(patch, report);
  for (const config::Finding& finding : report.findings()) {
    faults.push_back({changes ? config::json_pointer(*changes, finding.place) : "", finding.message, finding.hint});
  }
  if (changes && changes->kind != TreeNode::Kind::map) faults.push_back({"", "a merge patch is an object", ""});
  if (!whole || !faults.empty()) return std::nullopt;
  merge(*whole, *changes);
  return config::json_text(*whole);
}

}  // namespace ringway::manager

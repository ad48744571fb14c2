#include "manager/resources/resource_kind.h"

#include <algorithm>

namespace ringway::manager {

const ResourceKind* ResourceKinds::find(std::string_view plural) const {
  const auto found =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const auto& kind) { return kind->plural() == plural; });
  return found == kinds_.end() ? nullptr : found->get();
}

ResourcePtr read_resource(const ResourceKind& kind, std::string_view json, std::uint64_t revision,
                          FieldFaults& faults) {
  config::Report report(kind.singular(), json);
  const std::optional<config::TreeNode> tree = config::parse_json(json, report);
  ResourcePtr resource = tree ? kind.read(*tree, report, revision) : nullptr;
  for (const config::Finding& finding : report.findings()) {
    faults.push_back({tree ? config::json_pointer(*tree, finding.place) : "", finding.message, finding.hint});
  }
  return resource;
}

}  // namespace ringway::manager

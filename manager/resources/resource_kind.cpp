#include "manager/resources/resource_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ringway::manager {

const ResourceKind* ResourceKinds::find(std::string_view plural) const {
  const auto found =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const auto& kind) { return kind->plural() == plural; });
  return found == kinds_.end() ? nullptr : found->get();
}

void check_reference(const std::string& name, const std::string& pointer, const char* kind, const Snapshot& snapshot,
                     const SayFault& say) {
  if (snapshot.find(kind, name) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& [each, resource] : snapshot.all(kind)) names.push_back(each);
  const std::string near = did_you_mean(name, names);
  say({pointer, fmt::format("there is no \"{}\" in /v1/{}", name, kind),
       near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
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

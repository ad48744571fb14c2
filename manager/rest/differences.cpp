#include "manager/rest/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "manager/rest/judgement.h"

namespace ringway::manager {

std::string differences_json(const std::vector<Difference>& differences) {
  std::string out;
  for (const Difference& each : differences) {
    out += fmt::format(R"({}{{"kind": {}, "name": {}, "before": {}, "after": {}}})", out.empty() ? "" : ",\n",
                       json_quote(each.kind), json_quote(each.name), each.before.value_or("null"),
                       each.after.value_or("null"));
  }
  return "[" + out + "]";
}

namespace {

FieldFault within(std::size_t change, FieldFault fault) {
  fault.pointer = fmt::format("/changes/{}/content{}", change, fault.pointer);
  return fault;
}

FieldFault told(const ResourceFault& each, const std::vector<Change>& changes) {
  const auto change = std::find_if(changes.begin(), changes.end(), [&each](const Change& made) {
    return made.kind == each.kind && made.name == each.name && made.content;
  });
  if (change != changes.end()) return within(static_cast<std::size_t>(change - changes.begin()), each.fault);
  FieldFault fault = each.fault;
  if (!each.kind.empty()) {
    fault.message = fmt::format("{}/{}{}: {}", each.kind, each.name, fault.pointer, fault.message);
  }
  fault.pointer.clear();
  return fault;
}

}  // namespace

Problem refused_changes(const Principal& principal, const Registry& registry, const std::vector<Change>& changes,
                        Refusal refusal) {
  FieldFaults faults;
  for (const ChangeFault& each : refusal.changes) faults.push_back(within(each.change, each.fault));
  for (const ResourceFault& each : visible(principal, registry, std::move(refusal.whole))) {
    faults.push_back(told(each, changes));
  }
  return invalid(std::move(faults));
}

}  // namespace ringway::manager

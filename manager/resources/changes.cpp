#include "manager/resources/changes.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ringway::manager {

namespace {

std::vector<std::string> plurals(const ResourceKinds& kinds) {
  std::vector<std::string> words;
  for (const auto& kind : kinds.all()) words.push_back(kind->plural());
  return words;
}

/// One change on top of `snapshot`; the fault has no message where all is well.
FieldFault apply_one(const ResourceKinds& kinds, Snapshot& snapshot, const Change& change, std::uint64_t revision,
                     FieldFaults& of_content) {
  const ResourceKind* kind = kinds.find(change.kind);
  if (kind == nullptr) {
    const std::string near = did_you_mean(change.kind, plurals(kinds));
    return {"", fmt::format("there is no kind \"{}\" of resource", change.kind),
            near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)};
  }
  const ResourcePtr before = snapshot.find(change.kind, change.name);
  if (!change.content) {
    if (before == nullptr) return {"", fmt::format("there is no {} \"{}\"", kind->singular(), change.name), ""};
    snapshot.remove(change.kind, change.name);
    return {};
  }
  const ResourcePtr resource = read_resource(*kind, *change.content, revision, of_content);
  if (resource == nullptr) return {};
  if (resource->name != change.name) {
    return {"/name", fmt::format("\"{}\" is not the name in the path, \"{}\"", resource->name, change.name), ""};
  }
  // What is as it was keeps its revision, and so its ETag.
  if (before == nullptr || before->json != resource->json) snapshot.put(change.kind, resource);
  return {};
}

}  // namespace

std::vector<Change> difference(const ResourceKinds& kinds, const Snapshot& from, const Snapshot& to) {
  std::vector<Change> changes;
  for (const auto& kind : kinds.all()) {
    const ResourceMap& before = from.all(kind->plural());
    const ResourceMap& after = to.all(kind->plural());
    for (const auto& [name, resource] : after) {
      const auto old = before.find(name);
      if (old != before.end() && old->second->json == resource->json) continue;
      changes.push_back({kind->plural(), name, resource->json});
    }
    for (const auto& [name, resource] : before) {
      if (!after.contains(name)) changes.push_back({kind->plural(), name, std::nullopt});
    }
  }
  return changes;
}

Snapshot applied(const ResourceKinds& kinds, const Snapshot& base, const std::vector<Change>& changes,
                 std::uint64_t revision, std::vector<ChangeFault>& faults) {
  Snapshot next = base;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    FieldFaults of_content;
    const FieldFault fault = apply_one(kinds, next, changes[i], revision, of_content);
    if (!fault.message.empty()) of_content.push_back(fault);
    for (FieldFault& each : of_content) faults.push_back({i, std::move(each)});
  }
  return next;
}

ResourceFaults check_all(const ResourceKinds& kinds, const Snapshot& snapshot) {
  ResourceFaults faults;
  for (const auto& kind : kinds.all()) kind->check(snapshot, faults);
  return faults;
}

}  // namespace ringway::manager

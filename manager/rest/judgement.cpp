#include "manager/rest/judgement.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringway::manager {

Verdict judge(const Principal& principal, Action action, const ResourceKind& kind,
              const std::vector<std::string>& sites) {
  return authorise(principal, action, {kind.domain(), sites});
}

bool may_see(const Principal& principal, const ResourceKind& kind, const Resource& resource) {
  return judge(principal, Action::read, kind, owners_of(kind, &resource, nullptr)) == Verdict::allowed;
}

std::vector<Difference> visible(const Principal& principal, const ResourceKinds& kinds,
                                std::vector<Difference> differences) {
  std::erase_if(differences, [&](const Difference& each) {
    return judge(principal, Action::read, *kinds.find(each.kind), each.sites) != Verdict::allowed;
  });
  return differences;
}

Problem no_such_resource(const ResourceKind& kind, const std::string& name) {
  return not_found(fmt::format("there is no {} \"{}\"", kind.singular(), name));
}

namespace {

std::optional<Problem> not_allowed(const Principal& principal, const ResourceKind& kind, const std::string& name,
                                   const std::vector<std::string>& sites) {
  switch (judge(principal, Action::write, kind, sites)) {
    case Verdict::allowed: return std::nullopt;
    case Verdict::hidden: return no_such_resource(kind, name);
    case Verdict::forbidden: break;
  }
  return forbidden(
      fmt::format("the role {} may not change {}/{}", access_role_name(principal.role), kind.plural(), name));
}

}  // namespace

std::optional<Objection> objection(const Principal& principal, const Registry& registry,
                                   const std::vector<Change>& changes) {
  Refusal refusal;
  std::optional<Problem> problem;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    const ResourceKind* const kind = registry.kinds().find(change.kind);
    if (kind == nullptr) continue;  // told by who tries it
    FieldFaults faults;
    const ResourcePtr after =
        change.content ? read_resource(*kind, *change.content, registry.number() + 1, faults) : nullptr;
    for (FieldFault& fault : faults) refusal.changes.push_back({i, std::move(fault)});
    const ResourcePtr before = registry.head().find(change.kind, change.name);
    if (!problem) problem = not_allowed(principal, *kind, change.name, owners_of(*kind, before.get(), after.get()));
  }
  // What is wrong with the content says nothing of what there is, so it may be told to everyone.
  if (!refusal.empty()) return refusal;
  if (problem) return *problem;
  return std::nullopt;
}

ResourceFaults visible(const Principal& principal, const Registry& registry, ResourceFaults faults) {
  if (!principal.scope) return faults;
  for (ResourceFault& each : faults) {
    each.fault.hint.clear();  // it may name what is others'
    const ResourcePtr resource = registry.head().find(each.kind, each.name);
    if (principal.scope->contains(each.name)) continue;
    if (resource != nullptr && may_see(principal, *registry.kinds().find(each.kind), *resource)) continue;
    each = {"", "", {"", "what others have configured stands against it", ""}};
  }
  return faults;
}

}  // namespace ringway::manager

#pragma once
// Who may see and change which resources: what each operation on them asks before it shows or proposes anything.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "manager/access/permissions.h"
#include "manager/rest/problem.h"
#include "manager/revisions/registry.h"

namespace ringway::manager {

/// `sites` own the resource, before or after a change of it: all of them must be the principal's where it is bound to
/// sites.
[[nodiscard]] Verdict judge(const Principal& principal, Action action, const ResourceKind& kind,
                            const std::vector<std::string>& sites);
[[nodiscard]] bool may_see(const Principal& principal, const ResourceKind& kind, const Resource& resource);
/// Those that it may see.
[[nodiscard]] std::vector<Difference> visible(const Principal& principal, const ResourceKinds& kinds,
                                              std::vector<Difference> differences);
using Objection = std::variant<Refusal, Problem>;
/// What stands against changes of the head before they are tried: content that cannot be read, or that the principal
/// may not make one of them. A resource that it may not see is as one that is not there.
[[nodiscard]] std::optional<Objection> objection(const Principal& principal, const Registry& registry,
                                                 const std::vector<Change>& changes);
Problem no_such_resource(const ResourceKind& kind, const std::string& name);
/// What is said against a proposal, for the eyes of this principal: what is others' stays unnamed.
[[nodiscard]] ResourceFaults visible(const Principal& principal, const Registry& registry, ResourceFaults faults);

}  // namespace ringway::manager

#pragma once
// What is changed, as replies tell it.

#include <string>
#include <vector>

#include "manager/access/permissions.h"
#include "manager/rest/problem.h"
#include "manager/revisions/registry.h"

namespace ringway::manager {

/// [{"kind", "name", "before", "after"}], null where it is not.
std::string differences_json(const std::vector<Difference>& differences);
/// 422, for the eyes of this principal; pointers lead into a body that has the changes as /changes. What is wrong with
/// a resource that they do not change has none.
Problem refused_changes(const Principal& principal, const Registry& registry, const std::vector<Change>& changes,
                        Refusal refusal);

}  // namespace ringway::manager

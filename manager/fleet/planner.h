#pragma once
// Between revisions and the assigner: what may be assigned, and which routes follow from what was.

#include <span>
#include <string>

#include "base/config_type.h"
#include "manager/assigner/assigner.h"
#include "manager/fleet/drains.h"
#include "manager/resources/compile.h"
#include "manager/resources/snapshot.h"

namespace ringway::manager {

/// What the assigner reads of `snapshots`, of which the last counts where several have a name: while a revision spreads
/// there are gateways of the one before it.
[[nodiscard]] assigner::Plan plan_of(std::span<const Snapshot* const> snapshots, const Drains& drains);

/// Who has which site, and where front-ends send it. Make before break is in the seats: a back-end is sent to once it
/// reports that it has the site in use, and keeps it while anybody may still come (docs/decisions/0015-assigner.md).
[[nodiscard]] Routes routes_of(const assigner::Assignment& assignment);

/// Who serves what, for a manager that comes after this one: without weights' history, which settles within a minute.
inline constexpr const char* kAssignmentKind = "assignments";
[[nodiscard]] std::string assignment_json(const assigner::Assignment& assignment, Time now, WallTime wall);
/// On this manager's clock. An error where the text is not of assignment_json().
[[nodiscard]] Result<assigner::Assignment> parse_assignment(const std::string& json, Time now, WallTime wall);
/// Whether both have the same seats in the same states, whatever their weights.
[[nodiscard]] bool same_seats(const assigner::Assignment& a, const assigner::Assignment& b);

}  // namespace ringway::manager

#pragma once
// From one snapshot to another: what changes, and whether the whole is right then.

#include <cstdint>
#include <vector>

#include "manager/resources/resource_kind.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// What leads from one to the other, in the order of the kinds, then by name.
[[nodiscard]] std::vector<Change> difference(const ResourceKinds& kinds, const Snapshot& from, const Snapshot& to);

/// A fault of one change of several: which it was, and what of it.
struct ChangeFault {
  std::size_t change = 0;
  FieldFault fault;
};

/// `base` with the changes, as `revision` would have it. Not judged as a whole: that is check_all().
/// Where `faults` is not empty afterwards, those changes are left out.
[[nodiscard]] Snapshot applied(const ResourceKinds& kinds, const Snapshot& base, const std::vector<Change>& changes,
                               std::uint64_t revision, std::vector<ChangeFault>& faults);

[[nodiscard]] ResourceFaults check_all(const ResourceKinds& kinds, const Snapshot& snapshot);

}  // namespace ringway::manager

#pragma once
// JSON merge patches (RFC 7396): a patch has the keys that change; null removes one.

#include <optional>
#include <string>
#include <string_view>

#include "manager/resources/resource.h"

namespace ringway::manager {

/// `target`, which is right, with `patch`; nothing, and what is wrong with the patch, where that is no JSON object.
std::optional<std::string> merge_patch(std::string_view target, std::string_view patch, FieldFaults& faults);

}  // namespace ringway::manager

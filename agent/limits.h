#pragma once
// The agent's own bounds; those that managers know as well are in base/limits.h.

#include <cstddef>

#include "base/limits.h"

namespace ringway::limits {

/// One text of a steering table; of redirector_dns/limits.h' kMaxAtlasOctets, the larger of both kinds.
inline constexpr std::size_t kMaxTableTextOctets = 64U << 20;

}  // namespace ringway::limits

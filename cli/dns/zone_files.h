#pragma once
// The zones of a redirector's file.

#include <memory>
#include <vector>

#include "base/result.h"
#include "redirector_dns/settings.h"
#include "redirector_dns/zone/zone_set.h"

namespace ringway::cli {

/// The error says everything that is wrong with any of them, each at its place.
Result<std::shared_ptr<const dns::ZoneSet>> read_zones(const std::vector<dns::ZoneSource>& sources);

}  // namespace ringway::cli

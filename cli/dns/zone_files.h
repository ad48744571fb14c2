#pragma once
// The zones of a redirector: those of its file, and those that a manager tells it beside them.

#include <memory>
#include <vector>

#include "agent/content.h"
#include "base/result.h"
#include "redirector_dns/settings.h"
#include "redirector_dns/zone/zone_set.h"

namespace ringway::cli {

/// `told`: sections "zones/NAME" with {"name": "shop.test", "records": "a master file's text"}; others are passed over.
/// The error says everything that is wrong with any zone, each at its place, and of those that both give.
Result<std::shared_ptr<const dns::ZoneSet>> read_zones(const std::vector<dns::ZoneSource>& sources,
                                                       const agent::Sections& told);

}  // namespace ringway::cli

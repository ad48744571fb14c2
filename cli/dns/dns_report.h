#pragma once
// What a redirector reports to its manager each second, out of what its workers counted.

#include <vector>

#include "agent/messages.h"
#include "cli/dns/dns_share.h"

namespace ringway::cli {

/// `table`: null where nothing is steered. `told`: whether it is a manager's.
agent::SteeringReport steering_report(const std::vector<DnsCount>& counts, const dns::steering::SteeringTable* table,
                                      bool told);

}  // namespace ringway::cli

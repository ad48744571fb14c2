#pragma once
// Why a client is sent where it is, for people.

#include <optional>
#include <string>

#include "base/address.h"
#include "manager/rest/live_view.h"
#include "manager/steering/publisher.h"

namespace ringway::manager {

/// Nothing where no table steers the site. What candidates cost is missing while the table is another leader's.
[[nodiscard]] std::optional<LiveSteering> explain_steering(const Publisher& publisher, const std::string& site,
                                                           const IpAddress& client);

}  // namespace ringway::manager

#pragma once
// From what gateways said last to one second's readings of an atlas. Pure.

#include <string>
#include <vector>

#include "manager/fleet/fleet.h"
#include "manager/resources/kinds.h"
#include "redirector_dns/steering/atlas.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::manager {

/// A report is believed for so long: one that is late is no crowd that has gone.
inline constexpr Duration kReportHolds = std::chrono::seconds(3);

/// How full one gateway is: of its exchanges, its bits and its CPU the worst. What it can do and nobody has said is not
/// counted; its CPU tells.
[[nodiscard]] double use_of(const Gateway& gateway, const Node& node);

/// `observers` are those of the plan that the atlas was drawn from, in its order; `led_since`: this manager, who
/// judges nobody before everybody had time to come. A POP of which nothing is heard stays as it is.
[[nodiscard]] dns::steering::Readings steering_readings(const dns::steering::Atlas& atlas,
                                                        const std::vector<std::vector<std::string>>& observers,
                                                        const Fleet& fleet, Time led_since);

/// What clients keep an answer for, on average over the demand of the moment, and where there is none over sites.
/// `before` is what it was last: it stays where it is about that still.
[[nodiscard]] Duration usual_ttl(const dns::steering::Atlas& atlas, const Fleet& fleet, Duration before);

}  // namespace ringway::manager

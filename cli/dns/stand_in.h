#pragma once
// Makes tables in place of a manager that is away: loads as they age (redirector_dns/steering/table.h), and who is ill
// as this redirector sees it. The manager's ill stay so until something is known of them, or its word is too old
// (limits::kHealthHolds).

#include <vector>

#include "base/time.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::cli {

class StandIn {
 public:
  /// `last`: the manager's, as it has aged.
  StandIn(const dns::steering::SteeringTable& last, Time now);

  /// Each second. The same one as before where nothing changed. `votes` are by front-end, as in the atlas.
  dns::steering::SharedTable make(const dns::steering::SteeringTable& aged,
                                  const std::vector<dns::steering::Votes>& votes, Time now);

 private:
  dns::steering::TableMaker maker_;
  dns::steering::SharedTable made_;
};

}  // namespace ringway::cli

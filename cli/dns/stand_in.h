#pragma once
// Makes tables in place of a manager that is away: loads as they age (redirector_dns/steering/table.h), and who is ill
// as this redirector sees it. The manager's ill stay so until something is known of them, or its word is too old
// (limits::kHealthHolds).

#include <string>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::cli {

class StandIn {
 public:
  /// `last`: the manager's, as it has aged; or that of another who stood in until now.
  StandIn(const dns::steering::SteeringTable& last, Time now);

  /// Each second. The same one as before where nothing changed. `votes` are by front-end, as in the atlas.
  dns::steering::SharedTable make(const dns::steering::SteeringTable& aged,
                                  const std::vector<dns::steering::Votes>& votes, Time now);

 private:
  [[nodiscard]] dns::steering::Votes word_on(const dns::steering::SteeringTable& aged, std::size_t frontend,
                                             const std::vector<dns::steering::Votes>& votes);
  [[nodiscard]] dns::steering::Readings readings_of(const dns::steering::SteeringTable& aged,
                                                    const std::vector<dns::steering::Votes>& votes);

  dns::steering::TableMaker maker_;
  std::unordered_set<std::string> ill_;  // by name, whom nobody has looked at since they were told to be ill
  dns::steering::SharedTable made_;
};

}  // namespace ringway::cli

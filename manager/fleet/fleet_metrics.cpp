#include "manager/fleet/fleet_metrics.h"

#include <map>

#include "tmp_protocol/identity.h"

namespace ringway::manager {

namespace {

/// One figure for each role, also where it is 0.
using ByRole = std::map<tmp::Role, std::size_t>;

ByRole nobody() { return {{tmp::Role::frontend, 0}, {tmp::Role::backend, 0}, {tmp::Role::redirector, 0}}; }

void set(Metrics& metrics, std::string_view name, std::string_view help, const ByRole& counts) {
  for (const auto& [role, count] : counts) {
    metrics.gauge(name, help, {{"role", std::string(tmp::role_name(role))}}).set(static_cast<double>(count));
  }
}

void collect_gateways(Metrics& metrics, const Fleet& fleet) {
  ByRole connected = nobody();
  ByRole behind = nobody();
  ByRole foreign = nobody();
  for (const auto& [identity, node] : fleet.nodes()) {
    if (node.session == nullptr) continue;
    ++connected[identity.role];
    if (node.foreign) ++foreign[identity.role];
    if (!node.foreign && node.in_use.revision != node.wanted) ++behind[identity.role];
  }
  set(metrics, "ringway_fleet_connected", "Gateways and redirectors whose agents are connected.", connected);
  set(metrics, "ringway_fleet_behind", "Gateways that are connected and have another revision than they should.",
      behind);
  set(metrics, "ringway_fleet_foreign", "Gateways that know a history which this manager does not.", foreign);
}

void collect_revisions(Metrics& metrics, const Fleet& fleet) {
  const auto& rollout = fleet.rollouts().last();
  metrics.gauge("ringway_fleet_revision", "The newest revision.")
      .set(static_cast<double>(fleet.ledger().registry().number()));
  metrics.gauge("ringway_fleet_good_revision", "The newest revision that has proven itself; 0: none yet.")
      .set(static_cast<double>(fleet.rollouts().good()));
  metrics.gauge("ringway_fleet_rollout_stopped", "1 where the last rollout was stopped.")
      .set(rollout && rollout->state == RolloutState::stopped ? 1 : 0);
}

}  // namespace

void collect_fleet_metrics(Metrics& metrics, const Fleet& fleet) {
  collect_gateways(metrics, fleet);
  collect_revisions(metrics, fleet);
  metrics.gauge("ringway_fleet_drains", "Drains in force.").set(static_cast<double>(fleet.drains().all.size()));
  for (const assigner::Shortage& shortage : fleet.shortages()) {
    metrics
        .gauge("ringway_fleet_shortage", "1 for each site that wants more gateways than there are.",
               {{"site", shortage.site}, {"role", std::string(role_name(shortage.role))}})
        .set(1);
  }
}

}  // namespace ringway::manager

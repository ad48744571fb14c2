#include "manager/fleet/fleet_view.h"

#include "manager/steering/steering_explain.h"

namespace ringway::manager {

std::vector<LiveSeat> FleetView::seats(const std::string& site, assigner::Role role) const {
  const auto& sites = fleet_.assignment().sites;
  const auto found = sites.find(site);
  if (found == sites.end()) return {};
  const assigner::Seating& seating =
      role == assigner::Role::frontend ? found->second.frontends : found->second.backends;
  std::vector<LiveSeat> all;
  for (const auto& [gateway, seat] : seating.seats) {
    all.push_back({gateway, std::string(assigner::seat_state_name(seat.state)), seat.weight, seat.backends});
  }
  return all;
}

std::optional<LiveLink> FleetView::link(const std::string& frontend, const std::string& backend) const {
  const Node* node = fleet_.find({tmp::Role::frontend, frontend});
  if (node == nullptr || node->session == nullptr) return std::nullopt;
  for (const agent::LinkReport& link : node->report.links) {
    if (link.peer == backend) return LiveLink{link.rtt_us / 1e3, link.loss_out, link.loss_in, link.used};
  }
  return std::nullopt;
}

std::vector<LiveOrigin> FleetView::origins(const std::string& site) const {
  std::vector<LiveOrigin> all;
  for (const auto& [identity, node] : fleet_.nodes()) {
    if (identity.role != tmp::Role::backend || node.session == nullptr) continue;
    for (const agent::SiteReport& report : node.report.sites) {
      if (report.name != site) continue;
      for (const agent::OriginReport& origin : report.origins) {
        all.push_back({origin.name, identity.name, origin.pending, origin.capacity, origin.up,
                       is_draining(fleet_.drains(), site, origin.name)});
      }
    }
  }
  return all;
}

std::optional<double> FleetView::client_rtt_ms(const std::string& frontend, const IpAddress& client) const {
  for (const ClientDistance& distance : fleet_.clients().find(client)) {
    if (distance.frontend == frontend) return distance.rtt_ms;
  }
  return std::nullopt;
}

std::optional<LiveSteering> FleetView::steering(const std::string& site, const IpAddress& client) const {
  return explain_steering(publisher_, site, client);
}

}  // namespace ringway::manager

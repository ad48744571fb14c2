#include "manager/assigner/assigner.h"

#include "manager/assigner/routes.h"
#include "manager/assigner/side.h"

namespace ringway::manager::assigner {

namespace {

/// The seats of the group, by the names of their gateways.
Seating seating(Group& group, const std::vector<Gateway>& gateways) {
  Seating seating = std::move(group.seating);
  for (Member& member : group.members) seating.seats.emplace(*gateways[member.gateway].name, std::move(member.seat));
  return seating;
}

void set_routes(Group& frontends, const Group& backends, const Side& back, const Nearness& nearness) {
  for (Member& member : frontends.members) {
    member.seat.backends = route(backends, back.gateways(), nearness, member.gateway, member.seat.backends);
  }
}

void tell_lost_sites(const Plan& plan, const Assignment& previous, std::vector<Move>& moves) {
  const auto tell = [&](const std::string& site, Role role, const Seating& seating) {
    for (const auto& [gateway, seat] : seating.seats) {
      moves.push_back({site, role, gateway, MoveKind::gone, Cause::plan, "the site is not in the plan any more"});
    }
  };
  for (const auto& [site, assignment] : previous.sites) {
    if (plan.sites.contains(site)) continue;
    tell(site, Role::frontend, assignment.frontends);
    tell(site, Role::backend, assignment.backends);
  }
}

}  // namespace

Round assign(const Plan& plan, const Measurements& measurements, const Assignment& previous, Time now) {
  Round round;
  tell_lost_sites(plan, previous, round.moves);
  const Nearness to_frontends = Nearness::of_frontends(plan);
  Side front(Role::frontend, {plan, measurements, previous, to_frontends, nullptr, now}, round);
  front.run();
  const Nearness to_backends = Nearness::of_backends(plan, measurements);
  const auto anchors = front.anchors();
  Side back(Role::backend, {plan, measurements, previous, to_backends, &anchors, now}, round);
  back.run();

  round.next.at = now;
  round.next.moved_frontends = front.moved();
  round.next.moved_backends = back.moved();
  std::size_t site = 0;
  for (const auto& [name, unused] : plan.sites) {
    Group& frontends = front.groups()[site];
    Group& backends = back.groups()[site++];
    set_routes(frontends, backends, back, to_backends);
    round.next.sites[name] = {seating(frontends, front.gateways()), seating(backends, back.gateways())};
  }
  return round;
}

std::string_view role_name(Role role) { return role == Role::frontend ? "frontend" : "backend"; }

std::string_view seat_state_name(SeatState state) {
  switch (state) {
    case SeatState::serving: return "serving";
    case SeatState::draining: return "draining";
    case SeatState::away: return "away";
    case SeatState::cut_off: return "cut off";
    case SeatState::leaving: break;
  }
  return "leaving";
}

std::string_view move_kind_name(MoveKind kind) {
  switch (kind) {
    case MoveKind::added: return "added";
    case MoveKind::hindered: return "hindered";
    case MoveKind::resumed: return "resumed";
    case MoveKind::shed: return "shed";
    case MoveKind::released: return "released";
    case MoveKind::gone: break;
  }
  return "gone";
}

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::plan: return "plan";
    case Cause::failure: return "failure";
    case Cause::spread: return "spread";
    case Cause::crowd: return "crowd";
    case Cause::calm: break;
  }
  return "calm";
}

}  // namespace ringway::manager::assigner

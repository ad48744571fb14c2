#include "manager/assigner/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ringway::manager::assigner {

namespace {

/// How quickly new clients come back, per second and unit of what is missing to limits::kShedUse, and at most.
constexpr double kReturnPerSecond = 0.04;
constexpr double kMaxReturnPerSecond = 0.01;
/// The same when a gateway is a little too full.
constexpr double kCreepPerSecond = 0.04;
/// Less is not worth an event.
constexpr double kLeastShed = 0.05;

/// How good a seat is for what is new; only those of the best kind that a site has get any.
int rank(const Group& group, const std::vector<Gateway>& gateways, const Member& member) {
  switch (member.seat.state) {
    case SeatState::serving:
      return gateways[member.gateway].figures(*group.site) != nullptr ? 0 : 1;  // does it have the site in use yet?
    case SeatState::away:
    case SeatState::cut_off: return 2;
    case SeatState::draining:
    case SeatState::leaving: break;
  }
  return 3;
}

/// How full the site finds this gateway.
double felt(const Group& group, const std::vector<Gateway>& gateways, const Member& member) {
  const double load = gateways[member.gateway].load;
  return group.settling ? load : std::max(load, member.strain);
}

/// Exchanges/s that the gateway may still take.
double room(const Group& group, const std::vector<Gateway>& gateways, const Member& member) {
  return std::max(0.0, limits::kShedUse - felt(group, gateways, member)) * gateways[member.gateway].size();
}

double room_elsewhere(const Group& group, const std::vector<Gateway>& gateways, const Member& member) {
  double sum = 0;
  for (const Member& other : group.members) {
    if (&other != &member && other.serves()) sum += room(group, gateways, other);
  }
  return sum;
}

void move_demand(Group& group, std::vector<Gateway>& gateways, Member& from, double moved, double room_in_all) {
  for (Member& other : group.members) {
    if (&other == &from || !other.serves()) continue;
    const double part = moved * room(group, gateways, other) / room_in_all;
    other.demand += part;
    gateways[other.gateway].load += part / gateways[other.gateway].size();
  }
  from.demand -= moved;
  gateways[from.gateway].load -= moved / gateways[from.gateway].size();
}

/// Of what was sent elsewhere lately, exchanges/s that are still here. Clients follow evenly over limits::kFollowTime.
double still_to_leave(const Member& member, Time now) {
  if (!member.seat.shed_at) return 0;
  const double past = to_seconds(now - *member.seat.shed_at) / to_seconds(limits::kFollowTime);
  return past >= 1 ? 0 : std::min(member.demand, member.seat.shed_demand * (1 - past));
}

/// Returns how much of the gateway's new clients go elsewhere from now on; 0: nothing to be done, or nowhere.
double shed_at_once(Group& group, std::vector<Gateway>& gateways, Member& member, Time now) {
  Seat& seat = member.seat;
  if (seat.shed_at && now - *seat.shed_at < limits::kShedPause) return 0;
  const double full = felt(group, gateways, member);
  const double room_in_all = room_elsewhere(group, gateways, member);
  const double moved = std::min(member.demand * (1 - limits::kShedUse / full), room_in_all);
  if (moved <= 0) return 0;
  const double next = std::min(limits::kMaxShed, 1 - (1 - seat.shed) * (1 - moved / member.demand));
  const double part = 1 - (1 - next) / (1 - seat.shed);
  if (part <= kLeastShed) return 0;
  const double leaving = still_to_leave(member, now);
  move_demand(group, gateways, member, moved, room_in_all);
  seat.shed = next;
  seat.shed_at = now;
  seat.shed_demand = leaving + moved;
  return part;
}

void shed_slowly(Group& group, const std::vector<Gateway>& gateways, Member& member, Time now, double seconds) {
  const double full = felt(group, gateways, member);
  double& shed = member.seat.shed;
  if (full > limits::kCrowdedUse && room_elsewhere(group, gateways, member) > 0) {
    shed = std::min(limits::kMaxShed, shed + seconds * kCreepPerSecond * (full - limits::kShedUse));
  } else if (full < limits::kRoomyUse && (!member.seat.shed_at || now - *member.seat.shed_at >= limits::kFollowTime)) {
    const double step = std::min(kMaxReturnPerSecond, kReturnPerSecond * (limits::kShedUse - full));
    shed = std::max(0.0, shed - seconds * step);
  }
}

}  // namespace

const SiteFigures* Gateway::figures(const std::string& site) const {
  if (measured == nullptr) return nullptr;
  const auto found = measured->figures.sites.find(site);
  return found == measured->figures.sites.end() ? nullptr : &found->second;
}

unsigned Group::max() const {
  return std::max({wanted->min, wanted->max, static_cast<unsigned>(wanted->pinned.size())});
}

std::size_t Group::count(SeatState state) const {
  return static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(), [&](const Member& member) { return member.seat.state == state; }));
}

Member* Group::find(std::size_t gateway) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.gateway == gateway; });
  return found == members.end() ? nullptr : &*found;
}

double Group::demand() const {
  double sum = 0;
  for (const Member& member : members) sum += member.demand;
  return sum;
}

bool Group::pinned(const Gateway& gateway) const {
  return wanted->pinned.contains(*gateway.name) && !wanted->excluded.contains(*gateway.name);
}

double Group::use(const std::vector<Gateway>& gateways) const {
  double size = 0, used = 0, strained = 0;
  for (const Member& member : members) {
    if (!member.serves()) continue;
    const Gateway& gateway = gateways[member.gateway];
    size += gateway.size();
    used += gateway.load * gateway.size();
    strained += member.strain * gateway.size();
  }
  if (size == 0) return 0;
  return (settling ? used : std::max(used, strained)) / size;
}

double Group::use_without(const std::vector<Gateway>& gateways, const Member& without) const {
  double size = 0, used = without.demand;
  for (const Member& member : members) {
    if (!member.serves() || member.gateway == without.gateway) continue;
    const Gateway& gateway = gateways[member.gateway];
    size += gateway.size();
    used += std::max(gateway.load, member.strain) * gateway.size();
  }
  return size == 0 ? INFINITY : used / size;
}

std::size_t Group::in_place(const std::vector<Gateway>& gateways, std::size_t place) const {
  return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [&](const Member& member) {
    return member.serves() && gateways[member.gateway].place == place;
  }));
}

std::size_t Group::places(const std::vector<Gateway>& gateways) const {
  std::vector<std::size_t> found;
  for (const Member& member : members) {
    if (member.serves()) found.push_back(gateways[member.gateway].place);
  }
  std::sort(found.begin(), found.end());
  return static_cast<std::size_t>(std::unique(found.begin(), found.end()) - found.begin());
}

double fair_share(const Gateway& gateway, const Seat& seat) { return gateway.size() * (1 - seat.shed); }

void settle(Group& group, std::vector<Gateway>& gateways) {
  double shares = 0;
  for (const Member& member : group.members) {
    if (member.serves()) shares += fair_share(gateways[member.gateway], member.seat);
  }
  if (shares == 0) return;
  const double demand = group.demand();
  for (Member& member : group.members) {
    Gateway& gateway = gateways[member.gateway];
    const double expected = member.serves() ? demand * fair_share(gateway, member.seat) / shares : 0;
    gateway.load = std::max(0.0, gateway.load + (expected - member.demand) / gateway.size());
    member.demand = expected;
  }
}

void foresee_shed(Group& group, std::vector<Gateway>& gateways, Time now) {
  for (Member& member : group.members) {
    if (!member.serves()) continue;
    const double moved = still_to_leave(member, now);
    const double room_in_all = room_elsewhere(group, gateways, member);
    if (moved > 0 && room_in_all > 0) move_demand(group, gateways, member, moved, room_in_all);
  }
}

void shed(Group& group, std::vector<Gateway>& gateways, Role role, Time now, Duration elapsed,
          std::vector<Move>& moves) {
  const bool alone = group.serving() < 2;
  for (Member& member : group.members) {
    if (!member.serves()) continue;
    const double full = felt(group, gateways, member);
    const double part = !alone && full > limits::kFullUse ? shed_at_once(group, gateways, member, now) : 0;
    if (part == 0) {
      shed_slowly(group, gateways, member, now, to_seconds(elapsed));
      continue;
    }
    moves.push_back({*group.site, role, *gateways[member.gateway].name, MoveKind::shed, Cause::crowd,
                     fmt::format("it is used to {:.0f} %: {:.0f} % of what is new here goes to the site's others",
                                 100 * full, 100 * part)});
  }
}

void weigh(Group& group, const std::vector<Gateway>& gateways) {
  int best = 4;
  for (const Member& member : group.members) best = std::min(best, rank(group, gateways, member));
  double shares = 0;
  for (const Member& member : group.members) {
    if (rank(group, gateways, member) == best) shares += fair_share(gateways[member.gateway], member.seat);
  }
  for (Member& member : group.members) {
    const bool wanted = rank(group, gateways, member) == best;
    const double share = wanted ? fair_share(gateways[member.gateway], member.seat) / shares : 0;
    member.seat.weight = wanted ? std::max(1U, static_cast<std::uint32_t>(std::lround(1000 * share))) : 0;
  }
}

}  // namespace ringway::manager::assigner

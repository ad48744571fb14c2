// What becomes of the seats that there are, and what is measured of them.

#include <fmt/format.h>

#include <algorithm>

#include "manager/assigner/side.h"

namespace ringway::manager::assigner {

namespace {

/// More than this cannot be told from what is refused: the most that a load is taken to be above what is served.
constexpr double kMaxRefusedShare = 0.9;

double asked(const SiteFigures& figures) { return figures.requests_per_s + figures.refused_per_s; }

double refused_share(double refused, double asked_for) {
  return asked_for <= 0 ? 0 : std::min(kMaxRefusedShare, refused / asked_for);
}

/// How full the gateway is of what it serves.
double served_load(const Gateway& gateway) {
  const GatewayFigures& figures = gateway.measured->figures;
  const double load = std::max(figures.cpu, figures.exchanges_per_s / gateway.size());
  return gateway.plan->bits_per_s > 0 ? std::max(load, figures.bits_per_s / gateway.plan->bits_per_s) : load;
}

const char* reason(SeatState hindrance, Condition condition) {
  if (hindrance == SeatState::cut_off) return "it reaches none of the site's origins";
  if (condition == Condition::draining) return "it, or its place, is drained";
  return condition == Condition::ailing ? "it says that it is unhealthy" : "it is not heard any more";
}

}  // namespace

void Side::keep_seats(Group& group, const std::map<std::string, Seat>& seats) {
  for (const auto& [name, seat] : seats) {
    Member member;
    member.gateway = index(name);
    member.seat = seat;
    if (member.gateway == gateways_.size()) {
      round_.moves.push_back({*group.site, role_, name, MoveKind::gone, Cause::plan, "it is not in the plan any more"});
    } else if (keep(group, member)) {
      gateways_[member.gateway].seats += member.serves() ? 1 : 0;
      group.members.push_back(std::move(member));
    }
  }
}

/// Whether the seat lasts.
bool Side::keep(Group& group, Member& member) {
  const Gateway& gateway = gateways_[member.gateway];
  const SeatState before = member.seat.state;
  if (before == SeatState::leaving) {
    if (!deserted(group, member)) return true;
    tell(group, gateway, MoveKind::gone, Cause::calm, "its clients have left, or had half an hour for it");
    return false;
  }
  if (!may_have(group, gateway)) {
    set_state(member, SeatState::leaving);
    tell(group, gateway, MoveKind::released, Cause::plan,
         "the site excludes it, or its origins cannot be reached there");
    return true;
  }
  const SeatState after = hindrance(group, member);
  if (after == before) return true;
  set_state(member, after);
  const Cause cause =
      gateway.condition == Condition::draining || before == SeatState::draining ? Cause::plan : Cause::failure;
  if (after == SeatState::serving) {
    tell(group, gateway, MoveKind::resumed, cause, fmt::format("it was {} and serves again", seat_state_name(before)));
  } else {
    tell(group, gateway, MoveKind::hindered, cause, reason(after, gateway.condition));
  }
  return true;
}

bool Side::deserted(const Group& group, const Member& member) const {
  const Duration leaving = in_.now - member.seat.changed;
  if (leaving < limits::kLeavingTime) return false;
  const SiteFigures* figures = gateways_[member.gateway].figures(*group.site);
  return figures == nullptr || asked(*figures) < limits::kDeserted || leaving >= limits::kMaxLeavingTime;
}

bool Side::may_have(const Group& group, const Gateway& gateway) const {
  if (group.wanted->excluded.contains(*gateway.name)) return false;
  const std::set<std::string>& reaching = group.plan->reachable_from;
  return role_ == Role::frontend || reaching.empty() || reaching.contains(*gateway.name);
}

/// `serving` where nothing hinders it. Who was away is on trial first.
SeatState Side::hindrance(const Group& group, const Member& member) const {
  const Gateway& gateway = gateways_[member.gateway];
  switch (gateway.condition) {
    case Condition::draining: return SeatState::draining;
    case Condition::away:
    case Condition::ailing: return SeatState::away;
    case Condition::unheard: return member.seat.state;
    case Condition::well: break;
  }
  if (member.seat.state == SeatState::away && gateway.on_trial) return SeatState::away;
  const SiteFigures* figures = gateway.figures(*group.site);
  if (role_ == Role::backend && figures != nullptr && figures->origins_up == 0) return SeatState::cut_off;
  return SeatState::serving;
}

void Side::set_state(Member& member, SeatState state) {
  member.seat.state = state;
  member.seat.changed = in_.now;
}

void Side::measure_gateways() {
  std::map<std::size_t, double> bits_of_places;
  for (Gateway& gateway : gateways_) {
    if (gateway.measured == nullptr) continue;
    double refused = 0;
    for (const auto& [site, figures] : gateway.measured->figures.sites) {
      refused += figures.refused_per_s;
      gateway.asked += asked(figures);
    }
    gateway.asked_load = served_load(gateway) / (1 - refused_share(refused, gateway.asked));
    if (gateway.condition == Condition::away) continue;
    gateway.load = gateway.asked_load;
    bits_of_places[gateway.place] += gateway.measured->figures.bits_per_s;
  }
  for (Gateway& gateway : gateways_) {
    const auto place = in_.plan.places.find(gateway.plan->place);
    if (place == in_.plan.places.end() || place->second.bits_per_s <= 0) continue;
    gateway.load = std::max(gateway.load, bits_of_places[gateway.place] / place->second.bits_per_s);
  }
}

/// A gateway's demand is dealt out to its sites by what they asked of it. Who is away had it until a moment ago: it
/// comes to the others while the group settles, and then shows in their own figures.
void Side::measure(Group& group) {
  group.settling = is_settling(group);
  for (Member& member : group.members) {
    const Gateway& gateway = gateways_[member.gateway];
    const SiteFigures* figures = gateway.figures(*group.site);
    if (figures == nullptr) continue;
    const bool gone = gateway.condition == Condition::away;
    if (gone && in_.now - member.seat.changed >= limits::kSettleTime) continue;
    if (gateway.asked > 0) {
      member.demand = gateway.asked_load * gateway.size() * asked(*figures) / gateway.asked;
    }
    if (!gone) member.strain = strain(static_cast<std::size_t>(&group - groups_.data()), member, *figures);
  }
}

bool Side::is_settling(const Group& group) const {
  return std::any_of(group.members.begin(), group.members.end(),
                     [&](const Member& member) { return in_.now - member.seat.changed < limits::kSettleTime; });
}

double Side::strain(std::size_t site, const Member& member, const SiteFigures& figures) const {
  const double refused = refused_share(figures.refused_per_s, asked(figures));
  double strain = std::max(figures.origins_busy, refused > limits::kMaxRefusedShare ? 1 + refused : 0);
  if (role_ == Role::frontend) return strain;
  double used = 0;
  for (const Anchor& anchor : (*in_.anchors)[site]) {
    used += anchor.share * in_.nearness.used(anchor.frontend, member.gateway);
  }
  return std::max(strain, used);
}

}  // namespace ringway::manager::assigner

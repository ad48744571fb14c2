// What the load asks for: another gateway where a site is crowded, one less where it is calm.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "manager/assigner/side.h"

namespace ringway::manager::assigner {

namespace {

/// A crowd still grows when the first measures against it are taken: until they have settled they must still do.
constexpr double kStillCrowdedUse = 0.82;

/// The site gets one more: was it too soon that it had to do with one less?
void regret(Seating& seating, Time now) {
  if (!seating.released) return;
  if (now - *seating.released < limits::kRegretTime) {
    seating.patience = std::min<Duration>(2 * seating.patience, limits::kMaxCalmTime);
    seating.regretted = now;
  }
  seating.released.reset();
}

void forgive(Seating& seating, Time now) {
  if (!seating.regretted || now - *seating.regretted < limits::kForgiveTime) return;
  seating.patience = limits::kCalmTime;
  seating.regretted.reset();
}

}  // namespace

bool Side::is_crowded(const Group& group) const {
  const bool established = std::any_of(group.members.begin(), group.members.end(), [&](const Member& member) {
    return member.serves() && in_.now - member.seat.since >= limits::kSettleTime;
  });
  return group.use(gateways_) > (group.settling && established ? kStillCrowdedUse : limits::kCrowdedUse);
}

/// Those with the most demand first: one more gateway for them does most for all who share theirs.
void Side::relieve_crowded() {
  std::vector<std::pair<double, std::size_t>> crowded;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (!is_crowded(groups_[i])) continue;
    crowded.emplace_back(-groups_[i].plan->weight * groups_[i].demand(), i);
  }
  std::sort(crowded.begin(), crowded.end());
  for (const auto& [urgency, site] : crowded) relieve(groups_[site]);
}

void Side::relieve(Group& group) {
  if (!is_crowded(group)) return;  // another site's relief was enough
  while (group.use(gateways_) > limits::kRoomyUse) {
    const std::size_t serving = group.serving();
    const std::string crowded = fmt::format("the site's {} {}{} used to {:.0f} %", serving, noun(),
                                            serving == 1 ? " is" : "s are", 100 * group.use(gateways_));
    if (serving >= group.max()) return lack(group, crowded + ", and they are as many as it may have");
    const std::optional<std::size_t> chosen = choose(group, Purpose::crowd);
    if (!chosen) return lack(group, crowded + ", and no other has room and was not reassigned within a minute");
    add(group, *chosen, Cause::crowd,
        fmt::format("{}; this one to {:.0f} %, {:.0f} ms from them", crowded, 100 * gateways_[*chosen].load,
                    cost_ms(anchors_of(group), *chosen)));
    regret(group.seating, in_.now);
  }
}

void Side::release(Group& group) {
  Seating& seating = group.seating;
  forgive(seating, in_.now);
  if (!group.settling && group.serving() > group.max()) release_surplus(group);
  Member* least = group.settling || group.serving() <= group.wanted->min ? nullptr : least_missed(group, Cause::calm);
  if (least == nullptr) {
    seating.calm_since.reset();
    return;
  }
  if (!seating.calm_since) seating.calm_since = in_.now;
  if (in_.now - *seating.calm_since < seating.patience || !gateways_[least->gateway].may_move) return;
  let_go(group, *least, Cause::calm,
         fmt::format("the site's {} {}s are used to {:.0f} %, without this one to {:.0f} %, for {} s", group.serving(),
                     noun(), 100 * group.use(gateways_), 100 * group.use_without(gateways_, *least),
                     std::chrono::duration_cast<std::chrono::seconds>(seating.patience).count()));
  seating.released = in_.now;
}

/// The maximum was lowered, or those that were hindered are back beside those that took their place.
void Side::release_surplus(Group& group) {
  Member* least = least_missed(group, Cause::plan);
  if (least == nullptr) return;
  let_go(group, *least, Cause::plan,
         fmt::format("{} {}s serve the site, which may have {}", group.serving(), noun(), group.max()));
}

void Side::let_go(Group& group, Member& member, Cause cause, std::string why) {
  Gateway& gateway = gateways_[member.gateway];
  set_state(member, SeatState::leaving);
  gateway.seats -= 1;
  gateway.moved_now |= cause != Cause::plan;
  group.seating.calm_since.reset();
  tell(group, gateway, MoveKind::released, cause, std::move(why));
  group.settling = true;
  settle(group, gateways_);
}

/// One of several in a place, else the one that came last, else one that is far from the clients or that others use.
/// Null where each is pinned or, for calm's sake, cannot be done without.
Member* Side::least_missed(Group& group, Cause cause) const {
  const std::vector<Anchor> anchors = anchors_of(group);
  const auto key = [&](const Member& member) {
    const Gateway& gateway = gateways_[member.gateway];
    const bool shares_place = group.in_place(gateways_, gateway.place) > 1;
    return std::tuple(shares_place, member.seat.since, kLoadPerMs * cost_ms(anchors, member.gateway) + gateway.load,
                      member.gateway);
  };
  Member* least = nullptr;
  for (Member& member : group.members) {
    if (!member.serves() || group.pinned(gateways_[member.gateway])) continue;
    if (cause == Cause::calm && !dispensable(group, member)) continue;
    if (least == nullptr || key(member) > key(*least)) least = &member;
  }
  return least;
}

bool Side::dispensable(const Group& group, const Member& member) const {
  const bool places_count = group.places(gateways_) <= group.wanted->min;
  if (places_count && group.in_place(gateways_, gateways_[member.gateway].place) == 1) return false;
  return group.use_without(gateways_, member) <= limits::kReleaseUse;
}

}  // namespace ringway::manager::assigner

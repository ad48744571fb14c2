// What the plan asks for: pins, minimums, and different places. And how a gateway is chosen, for whatever purpose.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "manager/assigner/side.h"

namespace ringway::manager::assigner {

namespace {

/// What a site that nobody has measured yet is counted as, of a gateway of mean size.
constexpr double kNominalLoad = 0.002;

}  // namespace

/// The lesser is the better one. What comes first cannot be made up for by what follows.
struct Side::Choice {
  bool on_trial, full, same_place, roomless, moved_lately;
  double score;
  std::size_t gateway;

  [[nodiscard]] auto key() const {
    return std::tie(on_trial, full, same_place, roomless, moved_lately, score, gateway);
  }
};

void Side::seat_pinned(Group& group) {
  for (const std::string& name : group.wanted->pinned) {
    const std::size_t gateway = index(name);
    if (gateway == gateways_.size() || !may_have(group, gateways_[gateway])) {
      lack(group, fmt::format("{} is pinned, but not in the plan, excluded or out of its origins' reach", name));
      continue;
    }
    const Member* member = group.find(gateway);
    if (member != nullptr && member->seat.state != SeatState::leaving) continue;
    add(group, gateway, Cause::plan, "the site is pinned to it");
    Member& added = *group.find(gateway);
    const SeatState state = hindrance(group, added);
    if (state == SeatState::serving) continue;
    gateways_[gateway].seats -= 1;
    set_state(added, state);
  }
}

void Side::fill(Group& group) {
  while (group.serving() < group.wanted->min && group.serving() + group.count(SeatState::cut_off) < group.max()) {
    if (resume_on_trial(group)) continue;
    const std::optional<std::size_t> chosen = choose(group, Purpose::minimum);
    if (!chosen) {
      lack(group,
           fmt::format("{} of at least {} {}s serve it, and no other can", group.serving(), group.wanted->min, noun()));
      return;
    }
    const bool failed = group.count(SeatState::away) + group.count(SeatState::cut_off) > 0;
    add(group, *chosen, failed ? Cause::failure : Cause::plan,
        fmt::format("{} of at least {} {}s serve the site; this one is used to {:.0f} %", group.serving(),
                    group.wanted->min, noun(), 100 * gateways_[*chosen].load));
  }
}

/// In need those that only just came back will do.
bool Side::resume_on_trial(Group& group) {
  for (Member& member : group.members) {
    const Gateway& gateway = gateways_[member.gateway];
    if (member.seat.state != SeatState::away || !gateway.well()) continue;
    set_state(member, SeatState::serving);
    gateways_[member.gateway].seats += 1;
    tell(group, gateway, MoveKind::resumed, Cause::failure, "it is only just back, but the site has too few others");
    return true;
  }
  return false;
}

/// One more than the maximum may serve until one of those that share a place is released for it.
void Side::spread(Group& group) {
  const std::size_t serving = group.serving();
  const std::size_t places = group.places(gateways_);
  if (places >= std::min<std::size_t>(group.wanted->min, serving) || serving > group.max()) return;
  if (serving == group.max() && !has_spare_in_shared_place(group)) return;
  const std::optional<std::size_t> chosen = choose(group, Purpose::spread);
  if (!chosen) return;
  add(group, *chosen, Cause::spread,
      fmt::format("the site's {} {}s stand in {}", serving, noun(),
                  places == 1 ? std::string("one place") : fmt::format("{} places", places)));
}

bool Side::has_spare_in_shared_place(const Group& group) const {
  return std::any_of(group.members.begin(), group.members.end(), [&](const Member& member) {
    const Gateway& gateway = gateways_[member.gateway];
    return member.serves() && !group.pinned(gateway) && group.in_place(gateways_, gateway.place) > 1;
  });
}

/// Its first share of new clients is what its gateway has room for.
void Side::add(Group& group, std::size_t chosen, Cause cause, std::string why) {
  Gateway& gateway = gateways_[chosen];
  Member* member = group.find(chosen);
  if (member == nullptr) {
    group.members.push_back({chosen, {}, 0, 0});
    member = &group.members.back();
  }
  member->seat.since = in_.now;
  member->seat.shed = group.demand() > 0 ? std::min(limits::kMaxShed, gateway.load / limits::kRoomyUse) : 0;
  member->seat.shed_at.reset();
  set_state(*member, SeatState::serving);
  gateway.seats += 1;
  gateway.moved_now |= cause != Cause::plan;
  tell(group, gateway, MoveKind::added, cause, std::move(why));
  group.settling = true;
  settle(group, gateways_);
}

std::optional<std::size_t> Side::choose(const Group& group, Purpose purpose) const {
  const std::vector<Anchor> anchors = anchors_of(group);
  std::optional<Choice> best;
  for (std::size_t i = 0; i < gateways_.size(); ++i) {
    if (!fits(group, i, purpose)) continue;
    const Gateway& gateway = gateways_[i];
    const bool same_place = purpose == Purpose::minimum && group.in_place(gateways_, gateway.place) > 0;
    const Choice choice{gateway.on_trial,
                        gateway.load > limits::kFullUse,
                        same_place,
                        gateway.load > limits::kRoomyUse,
                        !gateway.may_move,
                        score(anchors, i),
                        i};
    if (!best || choice.key() < best->key()) best = choice;
  }
  return best ? std::optional(best->gateway) : std::nullopt;
}

bool Side::fits(const Group& group, std::size_t index, Purpose purpose) const {
  const Gateway& gateway = gateways_[index];
  if (!gateway.well() || !may_have(group, gateway)) return false;
  const auto has = std::find_if(group.members.begin(), group.members.end(),
                                [&](const Member& member) { return member.gateway == index; });
  if (has != group.members.end() && has->seat.state != SeatState::leaving) return false;
  if (purpose == Purpose::minimum) return true;
  if (gateway.on_trial || !gateway.may_move || gateway.load > limits::kReleaseUse) return false;
  return purpose == Purpose::crowd || group.in_place(gateways_, gateway.place) == 0;
}

double Side::score(const std::vector<Anchor>& anchors, std::size_t index) const {
  const Gateway& gateway = gateways_[index];
  const double seats = static_cast<double>(gateway.seats) * mean_size_ / gateway.size();
  return gateway.load + kNominalLoad * seats + kLoadPerMs * cost_ms(anchors, index);
}

}  // namespace ringway::manager::assigner

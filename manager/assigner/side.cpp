#include "manager/assigner/side.h"

#include <algorithm>

namespace ringway::manager::assigner {

namespace {

/// Rounds that were missed do not count: nobody knows what would have been measured.
constexpr Duration kLongestRound = std::chrono::seconds(5);

const std::map<std::string, GatewayPlan>& plans_of(Role role, const Plan& plan) {
  return role == Role::frontend ? plan.frontends : plan.backends;
}

const std::map<std::string, Measured>& measured_of(Role role, const Measurements& measurements) {
  return role == Role::frontend ? measurements.frontends : measurements.backends;
}

const Seating* seating_of(Role role, const Assignment& assignment, const std::string& site) {
  const auto found = assignment.sites.find(site);
  if (found == assignment.sites.end()) return nullptr;
  return role == Role::frontend ? &found->second.frontends : &found->second.backends;
}

}  // namespace

Side::Side(Role role, const Input& input, Round& round)
    : role_(role),
      in_(input),
      round_(round),
      elapsed_(std::clamp(input.now - input.previous.at, Duration(0), kLongestRound)),
      moved_before_(role == Role::frontend ? input.previous.moved_frontends : input.previous.moved_backends) {}

void Side::run() {
  know_gateways();
  know_groups();
  measure_gateways();
  for (Group& group : groups_) measure(group);
  for (Group& group : groups_) {
    if (group.settling) {
      settle(group, gateways_);
    } else {
      foresee_shed(group, gateways_, in_.now);
    }
  }
  for (Group& group : groups_) seat_pinned(group);
  for (Group& group : groups_) fill(group);
  for (Group& group : groups_) spread(group);
  for (Group& group : groups_) shed(group, gateways_, role_, in_.now, elapsed_, round_.moves);
  relieve_crowded();
  for (Group& group : groups_) release(group);
  for (Group& group : groups_) weigh(group, gateways_);
}

void Side::know_gateways() {
  const auto& plans = plans_of(role_, in_.plan);
  const auto& measured = measured_of(role_, in_.measurements);
  double sizes = 0;
  for (const auto& [name, plan] : plans) {
    Gateway gateway;
    gateway.name = &name;
    gateway.plan = &plan;
    const auto figures = measured.find(name);
    gateway.measured = figures == measured.end() ? nullptr : &figures->second;
    gateway.condition = condition(plan, gateway.measured);
    gateway.on_trial =
        gateway.measured && gateway.measured->heard - gateway.measured->alive_since < limits::kGatewayTrial;
    const auto place = in_.plan.places.find(plan.place);
    gateway.place = place == in_.plan.places.end()
                        ? in_.plan.places.size() + gateways_.size()
                        : static_cast<std::size_t>(std::distance(in_.plan.places.begin(), place));
    const auto moved = moved_before_.find(name);
    gateway.may_move = moved == moved_before_.end() || in_.now - moved->second >= limits::kReassignPause;
    sizes += gateway.size();
    gateways_.push_back(gateway);
  }
  if (!gateways_.empty()) mean_size_ = sizes / static_cast<double>(gateways_.size());
}

Condition Side::condition(const GatewayPlan& plan, const Measured* measured) const {
  const auto place = in_.plan.places.find(plan.place);
  const bool place_drains = place != in_.plan.places.end() && place->second.admin == Admin::draining;
  if (plan.admin == Admin::draining || place_drains) return Condition::draining;
  if (measured == nullptr) {
    return in_.now - in_.measurements.since < limits::kUnheardGrace ? Condition::unheard : Condition::away;
  }
  if (in_.now - measured->heard > limits::kGatewaySilence) return Condition::away;
  return measured->figures.health == Health::well ? Condition::well : Condition::ailing;
}

void Side::know_groups() {
  for (const auto& [name, plan] : in_.plan.sites) {
    Group group;
    group.site = &name;
    group.plan = &plan;
    group.wanted = role_ == Role::frontend ? &plan.frontends : &plan.backends;
    if (const Seating* seating = seating_of(role_, in_.previous, name)) {
      group.seating = {{}, seating->calm_since, seating->patience, seating->released, seating->regretted};
      keep_seats(group, seating->seats);
    }
    groups_.push_back(std::move(group));
  }
}

std::size_t Side::index(const std::string& name) const {
  const auto found =
      std::lower_bound(gateways_.begin(), gateways_.end(), name,
                       [](const Gateway& gateway, const std::string& key) { return *gateway.name < key; });
  return found != gateways_.end() && *found->name == name ? static_cast<std::size_t>(found - gateways_.begin())
                                                          : gateways_.size();
}

std::vector<Anchor> Side::anchors_of(const Group& group) const {
  if (in_.anchors) return (*in_.anchors)[static_cast<std::size_t>(&group - groups_.data())];
  std::vector<Anchor> anchors;
  const double demand = group.demand();
  for (const Member& member : group.members) {
    if (demand > 0 && member.demand > 0) anchors.push_back({member.gateway, member.demand / demand});
  }
  return anchors;
}

std::vector<std::vector<Anchor>> Side::anchors() const {
  std::vector<std::vector<Anchor>> anchors;
  for (const Group& group : groups_) {
    anchors.push_back(anchors_of(group));
    if (!anchors.back().empty()) continue;
    for (const Member& member : group.members) {
      if (member.serves()) anchors.back().push_back({member.gateway, 1.0 / static_cast<double>(group.serving())});
    }
  }
  return anchors;
}

double Side::cost_ms(const std::vector<Anchor>& anchors, std::size_t gateway) const {
  double ms = 0;
  for (const Anchor& anchor : anchors) ms += anchor.share * in_.nearness.ms(anchor.frontend, gateway);
  return ms;
}

void Side::tell(const Group& group, const Gateway& gateway, MoveKind kind, Cause cause, std::string why) {
  round_.moves.push_back({*group.site, role_, *gateway.name, kind, cause, std::move(why)});
}

void Side::lack(const Group& group, std::string why) {
  round_.shortages.push_back({*group.site, role_, std::move(why)});
}

std::map<std::string, Time> Side::moved() const {
  std::map<std::string, Time> moved;
  for (const Gateway& gateway : gateways_) {
    if (gateway.moved_now) {
      moved[*gateway.name] = in_.now;
    } else if (!gateway.may_move) {
      moved[*gateway.name] = moved_before_.at(*gateway.name);
    }
  }
  return moved;
}

}  // namespace ringway::manager::assigner

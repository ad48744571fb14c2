#include "redirector_dns/steering/costs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

/// Where nobody knows better.
constexpr double kUnknownMs = 30;
/// As the front-ends' dispatcher counts it.
constexpr double kLossWeight = 10;
constexpr double kNever = std::numeric_limits<double>::infinity();

double ms_between(const std::optional<Location>& a, const std::optional<Location>& b) {
  return a && b ? Point(*a).ms_to(Point(*b)) : kUnknownMs;
}

double link_cost(const Plan& plan, const FrontendPlan& frontend, std::uint32_t backend) {
  for (const LinkPlan& link : frontend.links) {
    if (link.backend == backend) return link.rtt_ms * (1 + kLossWeight * link.loss);
  }
  return limits::kColdLinkMs + ms_between(plan.pops[frontend.pop].place, plan.backends[backend].place);
}

}  // namespace

std::vector<ClassPlan> classify(const Plan& plan) {
  using Key = std::tuple<std::vector<FrontendIndex>, std::vector<std::uint32_t>, PolicyPlan>;
  std::map<Key, std::size_t> known;
  std::vector<ClassPlan> classes;
  for (std::uint32_t i = 0; i < plan.sites.size(); ++i) {
    const SitePlan& site = plan.sites[i];
    if (site.frontends.empty()) continue;
    const auto [entry, fresh] = known.try_emplace({site.frontends, site.backends, site.policy}, classes.size());
    if (fresh) classes.push_back({site.frontends, site.backends, site.policy, {}});
    classes[entry->second].sites.push_back(i);
  }
  return classes;
}

Surroundings surroundings_of(const Plan& plan, const IpAddress& address) {
  const Family family = family_of(address);
  const Network alone = Network::around(family, number_of(address), width_of(family));
  Surroundings found;
  for (const ClientPlan& client : plan.clients) {  // those inside others stand behind them
    if (!client.network.contains(alone)) continue;
    found.client = &client;
    if (client.place) found.placed = &client;
  }
  return found;
}

std::vector<Whereabouts> locate(const Plan& plan) {
  static const std::string kNowhere;
  std::vector<Whereabouts> all;
  all.reserve(plan.clients.size());
  std::vector<std::size_t> around;  // the networks that the present one is inside of, the largest first
  for (std::size_t i = 0; i < plan.clients.size(); ++i) {
    const ClientPlan& client = plan.clients[i];
    while (!around.empty() && !plan.clients[around.back()].network.contains(client.network)) around.pop_back();
    Whereabouts whereabouts = around.empty() ? Whereabouts{nullptr, &kNowhere} : all[around.back()];
    if (client.place) whereabouts.place = &*client.place;
    if (!client.area.empty()) whereabouts.area = &client.area;
    all.push_back(whereabouts);
    around.push_back(i);
  }
  return all;
}

ClientDistance::ClientDistance(const Plan& plan) {
  points_.reserve(plan.pops.size());
  between_.reserve(plan.pops.size() * plan.pops.size());
  for (const PopPlan& pop : plan.pops) points_.push_back(pop.place ? std::optional(Point(*pop.place)) : std::nullopt);
  for (const std::optional<Point>& a : points_) {
    for (const std::optional<Point>& b : points_) between_.push_back(a && b ? a->ms_to(*b) : kUnknownMs);
  }
}

void ClientDistance::measure(const ClientPlan* client, const Whereabouts& whereabouts, std::vector<double>& ms) const {
  ms.assign(points_.size(), kUnknownMs);
  guess(client, whereabouts, ms);
  if (client == nullptr) return;
  for (const RoundTrip& trip : client->round_trips) {
    const double believed = std::exp2(-to_seconds(trip.age) / to_seconds(limits::kRoundTripHalfLife));
    ms[trip.pop] += believed * (trip.ms - ms[trip.pop]);
  }
}

void ClientDistance::guess(const ClientPlan* client, const Whereabouts& whereabouts, std::vector<double>& ms) const {
  if (whereabouts.place != nullptr) {
    const Point place(*whereabouts.place);
    for (std::size_t pop = 0; pop < points_.size(); ++pop) {
      if (points_[pop]) ms[pop] = place.ms_to(*points_[pop]);
    }
    return;
  }
  if (client == nullptr || client->round_trips.empty()) return;
  std::fill(ms.begin(), ms.end(), kNever);
  for (const RoundTrip& trip : client->round_trips) {
    for (std::size_t pop = 0; pop < points_.size(); ++pop) {
      ms[pop] = std::min(ms[pop], trip.ms + (pop == trip.pop ? 0 : between(trip.pop, pop)));
    }
  }
}

std::vector<double> class_costs(const Plan& plan, const ClassPlan& of) {
  std::vector<double> costs(plan.pops.size(), kNever);
  for (const FrontendIndex index : of.frontends) {
    const FrontendPlan& frontend = plan.frontends[index];
    double cheapest = of.backends.empty() ? 0 : kNever;
    for (const std::uint32_t backend : of.backends) cheapest = std::min(cheapest, link_cost(plan, frontend, backend));
    costs[frontend.pop] = std::min(costs[frontend.pop], cheapest);
  }
  for (std::size_t pop = 0; pop < of.policy.penalty_ms.size(); ++pop) costs[pop] += of.policy.penalty_ms[pop];
  return costs;
}

}  // namespace ringway::dns::steering

#include "manager/assigner/nearness.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ringway::manager::assigner {

namespace {

constexpr double kEarthRadiusKm = 6371;
/// Light in glass does 100 km and back in a millisecond; cables are half as long again as the way.
constexpr double kMsPerKm = 1.5 / 100;
constexpr double kLeastMs = 1;
/// Where nobody knows better.
constexpr double kUnknownMs = 30;
/// As the front-ends' dispatcher counts it.
constexpr double kLossWeight = 10;

const PlacePlan* find_place(const Plan& plan, const GatewayPlan& gateway) {
  const auto found = plan.places.find(gateway.place);
  return found == plan.places.end() ? nullptr : &found->second;
}

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

double square(double value) { return value * value; }

/// Between any two places that gateways name; by the place's address, nullptr for none.
class Distances {
 public:
  double ms(const PlacePlan* a, const PlacePlan* b) {
    if (a == nullptr || b == nullptr) return kUnknownMs;
    const auto [entry, fresh] = known_.try_emplace({a, b});
    if (fresh) entry->second = milliseconds_between(*a, *b);
    return entry->second;
  }

 private:
  std::map<std::pair<const PlacePlan*, const PlacePlan*>, double> known_;
};

}  // namespace

double milliseconds_between(const PlacePlan& a, const PlacePlan& b) {
  const double haversine = square(std::sin(radians(b.latitude - a.latitude) / 2)) +
                           std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) *
                               square(std::sin(radians(b.longitude - a.longitude) / 2));
  const double km = 2 * kEarthRadiusKm * std::asin(std::sqrt(std::clamp(haversine, 0.0, 1.0)));
  return kLeastMs + km * kMsPerKm;
}

Nearness::Nearness(const Plan& plan, const std::map<std::string, GatewayPlan>& gateways) : columns_(gateways.size()) {
  ms_.reserve(plan.frontends.size() * columns_);
  Distances distances;
  for (const auto& [from, frontend] : plan.frontends) {
    const PlacePlan* place = find_place(plan, frontend);
    for (const auto& [to, gateway] : gateways) {
      ms_.push_back(&frontend == &gateway ? kLeastMs : distances.ms(place, find_place(plan, gateway)));
    }
  }
}

Nearness Nearness::of_frontends(const Plan& plan) { return Nearness(plan, plan.frontends); }

Nearness Nearness::of_backends(const Plan& plan, const Measurements& measurements) {
  Nearness nearness(plan, plan.backends);
  nearness.measure(plan, measurements);
  return nearness;
}

void Nearness::measure(const Plan& plan, const Measurements& measurements) {
  used_.assign(ms_.size(), 0);
  std::size_t row = 0;
  for (const auto& [name, unused] : plan.frontends) {
    const std::size_t begin = columns_ * row++;
    const auto measured = measurements.frontends.find(name);
    if (measured == measurements.frontends.end()) continue;
    const auto& links = measured->second.figures.links;
    std::size_t column = 0;
    auto link = links.begin();
    for (const auto& [backend, also_unused] : plan.backends) {  // both are in the order of names
      while (link != links.end() && link->first < backend) ++link;
      if (link != links.end() && link->first == backend) {
        ms_[begin + column] = link->second.rtt_ms * (1 + kLossWeight * link->second.loss);
        used_[begin + column] = link->second.used;
      }
      ++column;
    }
  }
}

}  // namespace ringway::manager::assigner

#pragma once
// How near gateways are to front-ends, in milliseconds of round trip: as links measure it, else as places lie.

#include <cstddef>
#include <vector>

#include "manager/assigner/measurements.h"
#include "manager/assigner/plan.h"

namespace ringway::manager::assigner {

/// Gateways are counted in the order of their names.
class Nearness {
 public:
  /// Between front-ends: how far it is from the clients of the one to the other.
  static Nearness of_frontends(const Plan& plan);
  /// From front-ends to back-ends.
  static Nearness of_backends(const Plan& plan, const Measurements& measurements);

  /// Milliseconds, a link's made dearer by its loss.
  [[nodiscard]] double ms(std::size_t frontend, std::size_t gateway) const {
    return ms_[frontend * columns_ + gateway];
  }
  /// Of the link's capacity, where there is one; 0 to 1.
  [[nodiscard]] double used(std::size_t frontend, std::size_t gateway) const {
    return used_.empty() ? 0 : used_[frontend * columns_ + gateway];
  }

 private:
  Nearness(const Plan& plan, const std::map<std::string, GatewayPlan>& gateways);
  void measure(const Plan& plan, const Measurements& measurements);

  std::size_t columns_;
  std::vector<double> ms_;
  std::vector<double> used_;
};

/// Milliseconds for so far over the earth's surface, as fibres lie.
double milliseconds_between(const PlacePlan& a, const PlacePlan& b);

}  // namespace ringway::manager::assigner

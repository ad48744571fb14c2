#include "redirector_dns/steering/geography.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ringway::dns::steering {

namespace {

constexpr double kEarthRadiusKm = 6371;
/// Light in glass does 100 km and back in a millisecond; cables are half as long again as the way.
constexpr double kMsPerKm = 1.5 / 100;
constexpr double kLeastMs = 1;

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

}  // namespace

Point::Point(const Location& location)
    : x_(std::cos(radians(location.latitude)) * std::cos(radians(location.longitude))),
      y_(std::cos(radians(location.latitude)) * std::sin(radians(location.longitude))),
      z_(std::sin(radians(location.latitude))) {}

double Point::ms_to(const Point& other) const {
  const double cosine = x_ * other.x_ + y_ * other.y_ + z_ * other.z_;
  return kLeastMs + kEarthRadiusKm * std::acos(std::clamp(cosine, -1.0, 1.0)) * kMsPerKm;
}

}  // namespace ringway::dns::steering

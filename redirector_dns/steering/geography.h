#pragma once
// How long light takes between places: what is believed of a distance until it is measured.

namespace ringway::dns::steering {

struct Location {
  double latitude = 0;   // degrees
  double longitude = 0;  // degrees
};

/// A location as a point on the unit sphere: distances of many are quick to tell.
class Point {
 public:
  explicit Point(const Location& location);
  /// Milliseconds of a round trip, as fibres lie.
  [[nodiscard]] double ms_to(const Point& other) const;

 private:
  double x_;
  double y_;
  double z_;
};

}  // namespace ringway::dns::steering

#pragma once
// Spreads packets over time: trains (or single packets), then a pause until the train has
// drained at the rate. A timer that fires late loses nothing: what it missed leaves with the next train, up
// to limits::kPacerLateCredit. An idle link earns no credit.

#include <cstddef>

#include "base/time.h"

namespace ringway::tmp {

/// On a path of its own: few wake-ups.
inline constexpr Duration kLongTrain = std::chrono::milliseconds(1);

class Pacer {
 public:
  /// Octets a second; 0 sends unpaced.
  void set_rate(double octets_per_second) { rate_ = octets_per_second; }
  /// Packets leave together until they are so far ahead of the rate.
  void set_train(Duration train) { train_ = train; }

  /// Whether a packet may leave now.
  [[nodiscard]] bool open(Time now) const { return !paused_ || rate_ <= 0 || next_ <= now; }
  /// When one may; not later than now where open.
  [[nodiscard]] Time release() const { return paused_ ? next_ : Time{}; }
  /// `octets` left.
  void on_sent(std::size_t octets, Time now);
  /// Nothing waits: time that passes until the next packet is not the timer's lateness.
  void on_idle() { idle_ = true; }

 private:
  double rate_ = 0;
  Duration train_ = kLongTrain;
  Time next_{};  // when all that left will have drained
  bool paused_ = false;
  bool idle_ = true;
};

}  // namespace ringway::tmp

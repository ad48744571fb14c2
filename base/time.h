#pragma once
// Monotonic time as every room sees it: a number handed in, never a system call.

#include <chrono>
#include <cstdint>

namespace ringway {

using Duration = std::chrono::nanoseconds;

/// Only a tag: time comes from a Clock, so that a simulation can be its own.
struct Monotonic {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Monotonic>;
  static constexpr bool is_steady = true;
};

using Time = Monotonic::time_point;

/// Later than anything that will ever be: "no time-out".
inline constexpr Time kNever = Time::max();

/// `now()` is the start of the present turn of the loop; it stands still inside a turn.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  /// Seconds since 1970 for logs, certificates and HTTP dates.
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
};

inline double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
inline double to_milliseconds(Duration duration) { return to_seconds(duration) * 1e3; }

inline Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace ringway

#pragma once
// How good one direction of the link is: what LINK_QUALITY frames carry, so that both ends know both.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

/// The sender's knowledge of its own direction. The peer receives it as the other direction's.
struct DirectionQuality {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_lost = 0;
  std::uint32_t loss_1s_ppm = 0;         // lost of a million, moving average over 1 s
  std::uint32_t loss_30s_ppm = 0;        // over 30 s
  std::uint32_t mean_burst_centi = 100;  // packets lost in a row, times 100
  std::uint32_t smoothed_rtt_us = 0;
  std::uint32_t min_rtt_us = 0;
  std::uint32_t queue_us = 0;  // standing in the path
  std::uint32_t window_packets = 0;
  std::uint32_t hosted = 1;  // N
  std::uint64_t delivery_octets_per_s = 0;
  friend bool operator==(const DirectionQuality&, const DirectionQuality&) = default;
};

/// Counts losses of one direction and averages them over time.
class LossMeter {
 public:
  void on_sent() { ++sent_; }
  void on_acked(std::size_t packets, Time now);
  /// Lowest number first.
  void on_lost(std::uint64_t number, Time now);
  /// A loss proved spurious.
  void on_late(Time now);

  [[nodiscard]] double loss_1s() const { return short_.share(); }
  [[nodiscard]] double loss_30s() const { return long_.share(); }
  /// At least 1.
  [[nodiscard]] double mean_burst() const;
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// The loss fields of `out`.
  void describe(DirectionQuality& out) const;

 private:
  /// Two decaying sums and their ratio: lost over lost and arrived.
  struct Average {
    double arrived = 0;
    double lost = 0;
    void decay(double factor);
    [[nodiscard]] double share() const;
  };
  void decay(Time now);

  Average short_;
  Average long_;
  Time last_{};
  std::uint64_t sent_ = 0;
  std::uint64_t lost_ = 0;
  double burst_packets_ = 0;  // decaying sums of the long average
  double bursts_ = 0;
  std::uint64_t last_lost_ = 0;
};

}  // namespace ringway::tmp

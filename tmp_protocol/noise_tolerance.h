#pragma once
// Which losses are the path's noise and which are congestion. Noise comes whatever the queue is; congestion
// drops packets where the queue is full. A loss is noise where
//   - no queue stood when it was noticed, or one less than half as deep as the path has shown lately,
//   - the delivery rate has not dropped by itself, and
//   - noise so far stays within the bound that is set: a bucket of credit that acknowledged packets fill.

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "tmp_protocol/delivery_rate.h"
#include "tmp_protocol/path_queue.h"

namespace ringway::tmp {

class NoiseTolerance {
 public:
  /// `bound`: the share of packets, 0..1; at 0 every loss is congestion.
  explicit NoiseTolerance(double bound) : bound_(bound) {}

  void set_bound(double bound) { bound_ = bound; }
  /// `packets` were acknowledged with the window at `window` packets; `rate` has taken its sample.
  void on_acked(std::size_t packets, std::size_t window, const DeliveryRate& rate);
  /// Judges one lost packet; uses up credit where it is noise. `own`: what the link itself may have standing.
  [[nodiscard]] bool tolerates(const PathQueue& queue, const DeliveryRate& rate, Duration own = {});
  /// A loss that was tolerated proved spurious: the credit comes back.
  void give_back() { credit_ += 1; }
  /// The window was cut: the delivery rate will drop, and that is no sign.
  void on_cut(const DeliveryRate& rate);

 private:
  [[nodiscard]] bool rate_dropped(const DeliveryRate& rate) const;

  double bound_;
  double credit_ = 8;  // packets: a burst at the very start may be noise
  double peak_ = 0;    // octets a second, the best since the window was last cut
  std::uint64_t peak_round_ = 0;
  std::size_t window_ = 0;         // packets
  std::uint64_t blind_until_ = 0;  // round before which rates still show the window before the cut
};

}  // namespace ringway::tmp

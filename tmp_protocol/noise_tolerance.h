#pragma once
// Which losses are the path's noise and which are congestion. Noise comes whatever the queue is; congestion
// drops packets where the queue is full. A loss is noise where
//   - no queue stood when it was noticed, or one much shallower than the path has shown lately,
//   - the delivery rate has not dropped, and
//   - noise so far stays within the bound that is set (a bucket of credit that acknowledged packets fill).

#include <cstdint>

#include "base/time.h"
#include "tmp_protocol/delivery_rate.h"
#include "tmp_protocol/path_queue.h"

namespace ringway::tmp {

class NoiseTolerance {
 public:
  /// `bound`: the share of packets, 0..1; at 0 every loss is congestion.
  explicit NoiseTolerance(double bound);

  void set_bound(double bound);
  /// `packets` were acknowledged with the window at `window` packets.
  void on_acked(std::size_t packets, double window);
  /// Judges one lost packet; uses up credit where it is noise.
  [[nodiscard]] bool tolerates(const PathQueue& queue, const DeliveryRate& rate);
  /// A loss that was tolerated proved spurious: the credit comes back.
  void give_back() { credit_ += 1; }

 private:
  double bound_;
  double credit_ = 0;
};

}  // namespace ringway::tmp

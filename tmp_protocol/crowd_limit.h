#pragma once
// For how many of its N hosted connections the link counts on this path: all of them, unless they are more than it
// holds. Connections keep a packet or two each in flight whatever is lost, so a crowd on a short path only keeps its
// queue full and sends half of its packets in vain. Then N gives way. Every 2 round trips and 128 packets:
//
//   counted --lost > 10 %, or the floor N alone keeps two RTT of queue, twice in a row--> yields: a quarter fewer
//      ^                                                                                     |
//      +-- lost < 5 %: a sixteenth more, up to N, as long as the floor N makes no queue <----+
//
// Where no queue stands the loss may be the path's own: it yields no further than to two delivered packets each in a
// round trip, which noise leaves to any flow and a path that drops at once (a policer) does not.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

/// One path as seen now.
struct CrowdView {
  std::uint64_t round = 0;    // counts round trips
  std::size_t window = 0;     // in use, packets
  std::size_t delivered = 0;  // packets in a round trip without a queue, at best
  Duration base_rtt{};        // without a queue
  Duration queue{};           // standing
  Duration unrest{};          // what may seem to stand without a queue
};

class CrowdLimit {
 public:
  /// N, at least 1.
  void set_hosted(std::uint32_t hosted) { hosted_ = hosted; }
  [[nodiscard]] std::uint32_t hosted() const { return hosted_; }
  /// What of it the congestion window counts, 1..N.
  [[nodiscard]] std::uint32_t counted() const { return hosted_ < most_ ? hosted_ : most_; }

  /// Another path: counts all of them until it shows what it holds.
  void on_route_changed() {
    most_ = UINT32_MAX;
    yields_ = false;
  }
  void on_acked(std::size_t packets) { arrived_ += packets; }
  void on_lost() { ++lost_; }
  /// A loss proved spurious.
  void on_late() { lost_ -= lost_ > 0 ? 1 : 0; }
  /// Once in a batch of acknowledgements; acts once in a span.
  void on_ack(const CrowdView& view);

 private:
  void judge(const CrowdView& view);

  std::uint32_t hosted_ = 1;
  std::uint32_t most_ = UINT32_MAX;
  std::uint32_t crowded_spans_ = 0;  // in a row
  bool yields_ = false;
  std::uint64_t span_ends_ = 0;  // round
  std::size_t arrived_ = 0;      // packets of this span
  std::size_t lost_ = 0;
};

}  // namespace ringway::tmp

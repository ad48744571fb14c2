#include "tmp_protocol/ack_ranges.h"

namespace ringway::tmp {

bool well_formed(const AckInfo& ack) {
  if (ack.count == 0 || ack.count > ack.ranges.size() || ack.delay < Duration::zero()) return false;
  for (std::size_t i = 0; i < ack.count; ++i) {
    const PacketRange& range = ack.ranges[i];
    if (range.first > range.last) return false;
    if (i != 0 && (ack.ranges[i - 1].first < 2 || range.last > ack.ranges[i - 1].first - 2)) return false;
  }
  return true;
}

}  // namespace ringway::tmp

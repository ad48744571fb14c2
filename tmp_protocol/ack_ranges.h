#pragma once
// What an acknowledgement says, apart from how it is written on the wire: the AckTracker makes it, the ACK
// frame carries it, LossDetection reads it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/limits.h"
#include "base/time.h"

namespace ringway::tmp {

/// Packet numbers first..last, both included.
struct PacketRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const PacketRange&, const PacketRange&) = default;
};

/// Packets received so far by their ECN bits (RFC 9000 §13.4).
struct EcnCounts {
  std::uint64_t ect0 = 0;
  std::uint64_t ect1 = 0;
  std::uint64_t ce = 0;
  [[nodiscard]] bool any() const { return (ect0 | ect1 | ce) != 0; }
  friend bool operator==(const EcnCounts&, const EcnCounts&) = default;
};

/// One acknowledgement. Ranges stand highest first, with at least one number missing between neighbours.
/// A value without ranges acknowledges nothing.
struct AckInfo {
  Duration delay{};  // from the arrival of the highest number to this acknowledgement
  EcnCounts ecn;
  std::size_t count = 0;  // of ranges
  std::array<PacketRange, limits::kMaxAckRanges> ranges;

  [[nodiscard]] std::span<const PacketRange> list() const { return {ranges.data(), count}; }
  [[nodiscard]] std::uint64_t largest() const { return ranges[0].last; }
};

/// Whether the ranges are as AckInfo promises: for a frame that came from the network.
[[nodiscard]] bool well_formed(const AckInfo& ack);

}  // namespace ringway::tmp

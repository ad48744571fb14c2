#pragma once
// When doubling ends before it overflows the path's queue: HyStart++ (RFC 9406).
//
//   slow start --RTT of a round up by clamp(RTT/8, 4..16 ms)--> conservative (growth / 4)
//        ^------------- RTT back down, it was a blip --------------|
//                                                                 +-- 5 rounds --> done

#include <cstdint>

#include "base/time.h"

namespace ringway::tmp {

class HyStart {
 public:
  /// Begins the search anew; `next_number` ends its first round.
  void restart(std::uint64_t next_number);
  /// A batch up to `largest` was acknowledged, with the RTT of its newest packet.
  void on_ack(std::uint64_t largest, std::uint64_t next_number, Duration rtt);

  [[nodiscard]] bool done() const { return phase_ == Phase::done; }
  /// Packets of growth for each packet acknowledged.
  [[nodiscard]] double growth() const { return phase_ == Phase::doubling ? 1.0 : 0.25; }

 private:
  enum class Phase : std::uint8_t { doubling, conservative, done };
  void judge();
  void end_round(std::uint64_t next_number);

  static constexpr Duration kUnknown = Duration::max();
  Phase phase_ = Phase::doubling;
  std::uint64_t round_ends_ = 0;
  Duration last_round_ = kUnknown;
  Duration this_round_ = kUnknown;
  Duration baseline_ = kUnknown;  // of the round in which it became conservative
  std::uint32_t samples_ = 0;
  std::uint32_t conservative_rounds_ = 0;
};

}  // namespace ringway::tmp

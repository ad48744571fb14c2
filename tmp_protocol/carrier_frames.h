#pragma once
// Datagrams in a stream of octets: each is a u16 that counts its octets, then as many (docs/tmp.md, "Carriers").

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"

namespace ringway::tmp {

inline constexpr std::size_t kCarrierHeaderOctets = 2;

/// Finds the datagrams again, however the octets come in. Holds no more than one of them between two feed().
class CarrierReader {
 public:
  /// More octets, which stay in place until next() has given all that is in them.
  void feed(MutableBytes octets) { unread_ = octets; }
  /// The next whole datagram; empty where the rest is not whole, or where nothing more can be read. It may be altered,
  /// and is good until the next feed() at least, as far as what was fed is.
  MutableBytes next();
  /// A datagram was announced that is empty or larger than limits::kMaxPacketOctets.
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] std::size_t announced_octets() const { return announced_; }
  /// Whether the stream may end here.
  [[nodiscard]] bool between_datagrams() const { return held_.empty() && !broken_; }

 private:
  [[nodiscard]] bool announce(const std::uint8_t* header);
  bool hold(std::size_t wanted);
  MutableBytes next_in_place();
  MutableBytes next_held();

  MutableBytes unread_;
  std::vector<std::uint8_t> held_;   // the front of a datagram, with its header
  std::vector<std::uint8_t> whole_;  // the datagram that was held last
  std::size_t announced_ = 0;
  bool broken_ = false;
};

}  // namespace ringway::tmp

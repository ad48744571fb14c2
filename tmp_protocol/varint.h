#pragma once
// Integers of 1, 2, 4 or 8 octets that say their own length (RFC 9000 §16), and a bounded reader of fields.

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace ringway::tmp {

inline constexpr std::uint64_t kMaxVarint = (1ULL << 62) - 1;

/// Octets that `value` takes; it is at most kMaxVarint.
constexpr std::size_t varint_octets(std::uint64_t value) {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x40000000 ? 4 : 8;
}

/// Writes `value` in the fewest octets and returns the place behind it. There is room for varint_octets(value).
inline std::uint8_t* write_varint(std::uint8_t* at, std::uint64_t value) {
  if (value < 0x40) {
    *at = static_cast<std::uint8_t>(value);
    return at + 1;
  }
  if (value < 0x4000) {
    store_u16(at, static_cast<std::uint16_t>(value | 0x4000));
    return at + 2;
  }
  if (value < 0x40000000) {
    store_u32(at, static_cast<std::uint32_t>(value | 0x80000000));
    return at + 4;
  }
  assert(value <= kMaxVarint);
  store_u64(at, value | 0xc000000000000000);
  return at + 8;
}

/// Takes fields from the front of octets. A read that fails takes nothing.
class FieldReader {
 public:
  FieldReader() = default;
  explicit FieldReader(Bytes octets) : at_(octets.data()), end_(octets.data() + octets.size()) {}

  [[nodiscard]] bool empty() const { return at_ == end_; }
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] Bytes rest() const { return {at_, remaining()}; }

  bool u8(std::uint8_t& out) {
    if (at_ == end_) return false;
    out = *at_++;
    return true;
  }

  bool varint(std::uint64_t& out) {
    if (at_ == end_) return false;
    const std::size_t octets = std::size_t{1} << (*at_ >> 6);
    if (remaining() < octets) return false;
    switch (octets) {
      case 1: out = *at_; break;
      case 2: out = load_u16(at_) & 0x3fffU; break;
      case 4: out = load_u32(at_) & 0x3fffffffU; break;
      default: out = load_u64(at_) & kMaxVarint; break;
    }
    at_ += octets;
    return true;
  }

  bool bytes(std::uint64_t count, Bytes& out) {
    if (remaining() < count) return false;
    out = {at_, static_cast<std::size_t>(count)};
    at_ += count;
    return true;
  }

  /// A varint, then as many octets.
  bool prefixed(Bytes& out) {
    const std::uint8_t* const start = at_;
    std::uint64_t count = 0;
    if (varint(count) && bytes(count, out)) return true;
    at_ = start;
    return false;
  }

  /// Octets of zero at the front are skipped; returns how many.
  std::size_t skip_zeros() {
    const std::uint8_t* const start = at_;
    while (at_ != end_ && *at_ == 0) ++at_;
    return static_cast<std::size_t>(at_ - start);
  }

 private:
  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
};

}  // namespace ringway::tmp

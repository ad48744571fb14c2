#pragma once
// Integers of 1, 2, 4 or 8 octets whose first two bits say which (RFC 9000 §16); up to 2^62 - 1.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace ringway::http {

inline constexpr std::uint64_t kMaxVarint = (std::uint64_t{1} << 62) - 1;

constexpr std::size_t varint_octets(std::uint64_t value) {
  return value < 64 ? 1 : value < 16384 ? 2 : value < (1U << 30) ? 4 : 8;
}

/// In the form of `octets`, which holds the value; the shortest is varint_octets(). `at` has that much room.
inline void store_varint(std::uint8_t* at, std::uint64_t value, std::size_t octets) {
  for (std::size_t i = octets; i-- > 0; value >>= 8) at[i] = static_cast<std::uint8_t>(value);
  const std::uint8_t form = octets == 1 ? 0x00 : octets == 2 ? 0x40 : octets == 4 ? 0x80 : 0xc0;
  at[0] = static_cast<std::uint8_t>(at[0] | form);
}

/// At most kMaxVarint.
inline void append_varint(std::string& out, std::uint64_t value) {
  std::uint8_t octets[8];
  const std::size_t count = varint_octets(value);
  store_varint(octets, value, count);
  out.append(reinterpret_cast<const char*>(octets), count);
}

/// Octets of the integer that begins with `first`.
constexpr std::size_t varint_octets_at(std::uint8_t first) { return std::size_t{1} << (first >> 6); }

/// `at` begins a whole one.
inline std::uint64_t load_varint(const std::uint8_t* at) {
  std::uint64_t value = at[0] & 0x3f;
  for (std::size_t i = 1; i < varint_octets_at(at[0]); ++i) value = (value << 8) | at[i];
  return value;
}

}  // namespace ringway::http

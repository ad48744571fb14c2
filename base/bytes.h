#pragma once
// Views of octets, and reading and writing integers in network order.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace ringway {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// `destination` holds at least `source.size()` octets.
inline void copy_bytes(Bytes source, std::uint8_t* destination) {
  if (!source.empty()) std::memcpy(destination, source.data(), source.size());
}

inline void store_u16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

inline void store_u32(std::uint8_t* at, std::uint32_t value) {
  store_u16(at, static_cast<std::uint16_t>(value >> 16));
  store_u16(at + 2, static_cast<std::uint16_t>(value));
}

inline void store_u64(std::uint8_t* at, std::uint64_t value) {
  store_u32(at, static_cast<std::uint32_t>(value >> 32));
  store_u32(at + 4, static_cast<std::uint32_t>(value));
}

inline std::uint16_t load_u16(const std::uint8_t* at) { return static_cast<std::uint16_t>((at[0] << 8) | at[1]); }

inline std::uint32_t load_u32(const std::uint8_t* at) {
  return (static_cast<std::uint32_t>(load_u16(at)) << 16) | load_u16(at + 2);
}

inline std::uint64_t load_u64(const std::uint8_t* at) {
  return (static_cast<std::uint64_t>(load_u32(at)) << 32) | load_u32(at + 4);
}

/// Lower-case hexadecimal of `bytes`.
std::string to_hex(Bytes bytes);

}  // namespace ringway

#pragma once
// Networks of clients as numbers, so that steering compares and counts them quickly.
//
// An IPv4 address fills the upper half of 64 bits; of an IPv6 address the first 64 bits count: what is finer is one
// subscriber (RFC 6177 §2), and clients' networks are told by at most 56 bits (RFC 7871 §11.1).

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace ringway::dns::steering {

enum class Family : std::uint8_t { v4, v6 };

/// How many bits tell networks of a family apart.
constexpr unsigned width_of(Family family) { return family == Family::v4 ? 32 : 64; }

/// The first `bits` of 64, 0 to 64.
constexpr std::uint64_t prefix_mask(unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits); }

inline Family family_of(const IpAddress& address) { return address.is_v4() ? Family::v4 : Family::v6; }

/// The address as a number; of an IPv6 address its first half.
std::uint64_t number_of(const IpAddress& address);

/// How many leading bits two numbers have in common, 0 to 64.
unsigned common_bits(std::uint64_t a, std::uint64_t b);

struct Network {
  Family family = Family::v4;
  std::uint8_t bits = 0;    // 0 to width_of(family)
  std::uint64_t first = 0;  // its first address; what is beyond `bits` is 0

  /// "192.0.2.0/24", "2001:db8::/48". What is finer than a family's width, and bits beyond the prefix, are refused.
  static Result<Network> parse(std::string_view text);
  /// The network of `bits` around `number`.
  static Network around(Family family, std::uint64_t number, unsigned bits) {
    return {family, static_cast<std::uint8_t>(bits), number & prefix_mask(bits)};
  }

  [[nodiscard]] std::uint64_t last() const { return first | ~prefix_mask(bits); }
  [[nodiscard]] bool contains(const Network& other) const {
    return family == other.family && bits <= other.bits && (other.first & prefix_mask(bits)) == first;
  }
  [[nodiscard]] IpAddress address() const;
  [[nodiscard]] std::string text() const;

  /// Each network stands before those inside it.
  friend std::strong_ordering operator<=>(const Network& a, const Network& b) {
    if (a.family != b.family) return a.family <=> b.family;
    if (a.first != b.first) return a.first <=> b.first;
    return a.bits <=> b.bits;
  }
  friend bool operator==(const Network&, const Network&) = default;
};

}  // namespace ringway::dns::steering

template <>
struct std::hash<ringway::dns::steering::Network> {
  std::size_t operator()(const ringway::dns::steering::Network& network) const noexcept {
    const std::uint64_t mixed = (network.first ^ network.bits) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32) ^ static_cast<std::uint64_t>(network.family));
  }
};

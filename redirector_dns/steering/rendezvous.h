#pragma once
// Weighted rendezvous hashing: who has the smallest value of race() has the key, and everybody in proportion to
// weights. Where one goes only its keys move; where a weight changes only as many as must. Every machine finds the
// same.

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace ringway::dns::steering {

/// A bijection in which each bit depends on all (the finaliser of SplitMix64).
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// Not the same as combined(b, a).
constexpr std::uint64_t combined(std::uint64_t a, std::uint64_t b) {
  return mixed(mixed(a + 0x9e3779b97f4a7c15ULL) ^ (b * 0xd6e8feb86659fd93ULL));
}

/// Of a name, on every machine (FNV-1a, mixed).
constexpr std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return mixed(hash);
}

/// Above 0 and below 1.
constexpr double unit(std::uint64_t hash) { return (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53; }

/// Exponentially distributed with `weight` as its rate; never where it is 0.
inline double race(std::uint64_t hash, double weight) {
  return weight > 0 ? -std::log(unit(hash)) / weight : std::numeric_limits<double>::infinity();
}

}  // namespace ringway::dns::steering

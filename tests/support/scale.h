#pragma once
// How much a long test does: all of it, or a part where sanitizers slow it down. RINGWAY_TEST_SCALE says so in percent.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace ringway {

/// The part of `amount` that this run does, at least 1.
inline std::uint64_t scaled(std::uint64_t amount) {
  const char* const scale = std::getenv("RINGWAY_TEST_SCALE");
  const std::uint64_t percent = scale == nullptr ? 100 : std::strtoull(scale, nullptr, 10);
  return std::max<std::uint64_t>(1, amount * percent / 100);
}

}  // namespace ringway

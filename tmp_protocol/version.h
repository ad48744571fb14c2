#pragma once
// Versions of the protocol and the choice between two ends' lists (docs/tmp.md, "Versions").

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ringway::tmp {

/// What this release speaks. Each release speaks also the version of the one before it.
inline constexpr std::uint32_t kVersion1 = 1;

using Versions = std::span<const std::uint32_t>;

[[nodiscard]] bool contains(Versions versions, std::uint32_t version);
/// The highest version in both; nothing where there is none.
[[nodiscard]] std::optional<std::uint32_t> best_common(Versions left, Versions right);
/// Highest first, without repetition and without 0, which marks a VERSION packet.
[[nodiscard]] std::vector<std::uint32_t> ordered(Versions versions);

}  // namespace ringway::tmp

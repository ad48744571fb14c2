#pragma once
// The names, and pairs of name and value, that field blocks have numbers for (docs/tmp_http.md). A number never
// changes its meaning: gateways of different ages speak to each other.

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace ringway::http {

inline constexpr std::size_t kStaticNames = 94;
inline constexpr std::size_t kStaticPairs = 108;

/// From 1 to kStaticNames; 0: the name has no number.
std::size_t static_name_id(std::string_view name);
/// `id` is from 1 to kStaticNames.
std::string_view static_name(std::size_t id);

/// The number of the pair, below kStaticPairs, where it has one.
std::optional<std::size_t> static_pair_id(std::size_t name_id, std::string_view value);
/// `id` is below kStaticPairs.
Field static_pair(std::size_t id);

}  // namespace ringway::http

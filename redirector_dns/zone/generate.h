#pragma once
// What $GENERATE makes of numbers, as BIND's manual has it: "$" stands for the number, and "${OFFSET,WIDTH,BASE}" for
// it with an offset, at least so many characters wide, in base d, o, x or X, or as nibbles (n, N): the lowest one
// first, with dots, as names below ip6.arpa have them. "$$" and "\$" are dollars.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringway::dns {

struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;  // at least `first`
  std::uint32_t step = 1;
};

/// "1-10" or "0-100/4", numbers below 2^31. Nothing where it is none.
std::optional<NumberRange> parse_range(std::string_view text);

/// The template with the number in it. Nothing where what stands in braces is not as above, where the number would be
/// negative, or where the result has more than limits::kMaxGeneratedOctets.
std::optional<std::string> fill_in(std::string_view pattern, std::uint32_t number);

}  // namespace ringway::dns

#pragma once
// The last line of a text: a sum by which what was cut off or changed is known.

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringway::dns::steering {

/// Appends `sum ` and the SHA-256 of `text`, in hexadecimal.
void add_sum(std::string& text);
/// What stands before the sum, where it is right.
Result<std::string_view> without_sum(std::string_view text);
/// The sum at the end of a text; empty where there is none.
std::string_view sum_of(std::string_view text);

}  // namespace ringway::dns::steering

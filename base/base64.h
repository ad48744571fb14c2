#pragma once
// base64url without padding (RFC 4648 §5): octets as text that can stand in URLs and be pasted anywhere.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ringway {

[[nodiscard]] std::string to_base64url(Bytes octets);
/// Nothing where `text` is not exactly what to_base64url() writes of some octets.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

}  // namespace ringway

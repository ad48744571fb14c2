#pragma once
// An identity as people and records write it: "frontend:pop-1".

#include <optional>
#include <string>
#include <string_view>

#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

[[nodiscard]] std::string identity_text(const PeerIdentity& identity);
/// Nothing where it is none.
[[nodiscard]] std::optional<PeerIdentity> parse_identity(std::string_view text);

}  // namespace ringway::tmp

#include "tmp_protocol/identity_text.h"

#include "tmp_protocol/identity.h"

namespace ringway::tmp {

std::string identity_text(const PeerIdentity& identity) {
  return std::string(role_name(identity.role)) + ":" + identity.name;
}

std::optional<PeerIdentity> parse_identity(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::optional<Role> role = parse_role(text.substr(0, colon));
  if (colon == std::string_view::npos || !role) return std::nullopt;
  const std::string_view name = text.substr(colon + 1);
  if (!valid_gateway_name(name)) return std::nullopt;
  return PeerIdentity{*role, std::string(name)};
}

}  // namespace ringway::tmp

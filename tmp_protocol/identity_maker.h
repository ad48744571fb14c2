#pragma once
// A private authority and the identities that it signs (`ringway keys`): P-256 keys, X.509 certificates, PEM texts.

#include <chrono>
#include <string>

#include "base/gateway_settings.h"
#include "base/result.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {

using WallTime = std::chrono::system_clock::time_point;

inline constexpr std::chrono::hours kAuthorityLife{24 * 365 * 20};
inline constexpr std::chrono::hours kIdentityLife{24 * 365 * 2};

struct Authority {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

[[nodiscard]] Result<Authority> make_authority(WallTime now);
/// `identity.name` is valid_gateway_name(). A certificate for `key_pem`, or for a new key where that is empty.
[[nodiscard]] Result<IdentityPem> make_identity(const Authority& authority, const PeerIdentity& identity, WallTime now,
                                                std::chrono::hours life = kIdentityLife,
                                                const std::string& key_pem = {});

enum class AuthorityOrigin : std::uint8_t { found, made };

struct MadeIdentity {
  IdentityFiles files;
  AuthorityOrigin authority = AuthorityOrigin::found;
};

/// DIR/ca.pem and DIR/ca.key where there are none yet, then DIR/NAME.key (kept where it exists) and DIR/NAME.pem, which
/// must not exist. Keys get mode 0600. Errors name the file.
[[nodiscard]] Result<MadeIdentity> make_identity_files(const std::string& directory, const PeerIdentity& identity,
                                                       WallTime now);

}  // namespace ringway::tmp

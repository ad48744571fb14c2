#pragma once
// An authority and identities as files. Keys get mode 0600, and an authority's key that others than its owner may read
// or write is not used. Each file appears whole or not at all; only replace_file() overwrites one.

#include <string>

#include "base/gateway_settings.h"
#include "base/result.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::tmp {

enum class AuthorityOrigin : std::uint8_t { found, made };

struct OpenedAuthority {
  Authority authority;
  AuthorityOrigin origin = AuthorityOrigin::found;
};

/// DIR/ca.pem and DIR/ca.key, made where there is no certificate yet; a key that stands there alone gets one. Errors
/// name the file and say what to do.
[[nodiscard]] Result<OpenedAuthority> open_authority(const std::string& directory, WallTime now);

struct MadeIdentity {
  IdentityFiles files;
  AuthorityOrigin authority = AuthorityOrigin::found;
};

/// open_authority(), then DIR/NAME.key (kept where it exists) and DIR/NAME.pem, which must not exist. Errors name the
/// file.
[[nodiscard]] Result<MadeIdentity> make_identity_files(const std::string& directory, const PeerIdentity& identity,
                                                       WallTime now);

/// Makes a file of this mode that must not exist yet; it survives a power cut once this returns.
[[nodiscard]] Status write_new_file(const std::string& path, std::string_view text, unsigned mode);
/// The same in the place of what may be there: a renewed certificate, whose key stays.
[[nodiscard]] Status replace_file(const std::string& path, std::string_view text, unsigned mode);

}  // namespace ringway::tmp

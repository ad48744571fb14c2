#pragma once
// What an operator pastes on a new gateway: the right to one certificate, for whom it is, where a manager is, and by
// which authority to know it. One line of text:
//
//   rwe1_ base64url( secret(16) || SHA-256 of the authority's certificate (32) || u8 role || text name
//                    || u8 count, count times text address || first 4 octets of SHA-256 of all before )
//
// text: u8 octets, and so many. The sum tells a token that was mistyped or cut from one that is not known; whoever
// has the secret needs no luck with four octets.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

inline constexpr std::size_t kEnrolmentSecretOctets = 16;
using EnrolmentSecret = std::array<std::uint8_t, kEnrolmentSecretOctets>;

inline constexpr std::size_t kMaxManagerAddresses = 8;
/// "NAME:PORT".
inline constexpr std::size_t kMaxManagerAddressOctets = 255;
/// Of a token's text.
inline constexpr std::size_t kMaxEnrolmentTokenOctets = 4096;

struct EnrolmentToken {
  EnrolmentSecret secret{};
  Digest authority{};  // fingerprint (fingerprint.h)
  PeerIdentity identity;
  std::vector<std::string> managers;  // is_manager_address(), at least one
  friend bool operator==(const EnrolmentToken&, const EnrolmentToken&) = default;
};

/// "192.0.2.1:8443", "[2001:db8::1]:8443" or "manager.example:8443".
[[nodiscard]] bool is_manager_address(std::string_view text);
/// An error where `token` breaks a bound.
[[nodiscard]] Result<std::string> enrolment_text(const EnrolmentToken& token);
/// White space is passed over, as terminals and mail put it in. Errors are for the one who pasted it.
[[nodiscard]] Result<EnrolmentToken> parse_enrolment_token(std::string_view text);

}  // namespace ringway::tmp

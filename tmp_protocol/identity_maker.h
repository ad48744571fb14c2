#pragma once
// A private authority and the certificates that it signs: P-256 keys, X.509 certificates (RFC 5280), PEM texts.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {

inline constexpr std::chrono::hours kAuthorityLife{24 * 365 * 20};
/// Of what `ringway keys` makes, which people renew.
inline constexpr std::chrono::hours kIdentityLife{24 * 365 * 2};
/// Of what a manager signs, which gateways renew by themselves (certificate_renewal.h).
inline constexpr std::chrono::hours kEnrolledLife{24 * 30};
/// Addresses and names of one manager.
inline constexpr std::size_t kMaxCertificateHosts = 16;
inline constexpr std::size_t kMaxHostOctets = 253;

struct Authority {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

/// What the authority lets a certificate say.
struct CertificateGrant {
  PeerIdentity identity;
  std::chrono::seconds life = kEnrolledLife;
  std::vector<std::string> hosts;  // addresses and names that browsers and curl know a manager by; managers alone
};

struct IssuedCertificate {
  std::string pem;
  PeerCertificate certificate;
  std::string key_name;  // of its key (certificate_request.h)
};

/// With `own_key`, or a new key where that is empty.
[[nodiscard]] Result<Authority> make_authority(WallTime now, const std::string& own_key = {});
/// Whether it can sign: its key is that of its certificate, and that is an authority's.
[[nodiscard]] Status check_authority(const Authority& authority);

/// A certificate for `own_key`, or for a new key where that is empty.
[[nodiscard]] Result<IdentityPem> make_identity(const Authority& authority, const CertificateGrant& grant, WallTime now,
                                                const std::string& own_key);
/// For a new key, good for kIdentityLife.
[[nodiscard]] Result<IdentityPem> make_identity(const Authority& authority, const PeerIdentity& identity, WallTime now);
/// A certificate for the key of a stranger's request, which need not be trusted (requested_key()). It says what `grant`
/// says, whatever the request asked for.
[[nodiscard]] Result<IssuedCertificate> sign_request(const Authority& authority, std::string_view request_pem,
                                                     const CertificateGrant& grant, WallTime now);

}  // namespace ringway::tmp

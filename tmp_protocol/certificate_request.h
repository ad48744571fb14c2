#pragma once
// What a gateway asks an authority to sign: a PKCS#10 request (RFC 2986) for a P-256 key that it has made itself and
// keeps.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tmp_protocol/openssl_handles.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

/// Ours take about 500.
inline constexpr std::size_t kMaxRequestOctets = 4096;

struct CertificateRequest {
  std::string request;  // PEM
  std::string key;      // PEM; the one it was made for
};

/// For `key_pem`, or for a new key where that is empty. `identity.name` is valid_gateway_name().
[[nodiscard]] Result<CertificateRequest> make_certificate_request(const PeerIdentity& identity,
                                                                  const std::string& key_pem = {});

/// The public key of a request that a stranger sent: one PEM text and nothing else, P-256 by its name, signed with
/// that key by ECDSA with SHA-256 (who sent it has the key). What else the request asks for, names and extensions, is
/// for nobody: the authority grants what it knows.
[[nodiscard]] Result<KeyHandle> requested_key(std::string_view request_pem);

/// SHA-256 of a public key (SubjectPublicKeyInfo, DER) in hexadecimal: tells one key from another.
[[nodiscard]] std::string key_name(const EVP_PKEY& key);

}  // namespace ringway::tmp

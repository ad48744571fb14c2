#pragma once
// Who a gateway is: certificate and key, and the authority that it trusts. Name and role stand in the certificate as a
// URI, ringway:ROLE:NAME, where ROLE is what role_name() says. Immutable; shared by all workers.

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/gateway_settings.h"
#include "base/result.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::tmp {

[[nodiscard]] std::string_view role_name(Role role);
inline constexpr std::size_t kMaxGatewayNameOctets = 63;
/// 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit; of managers and users as well.
[[nodiscard]] bool valid_gateway_name(std::string_view name);
/// The role that role_name() calls so; nothing where there is none.
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);
/// What a certificate says; nothing where it does not name exactly one holder.
[[nodiscard]] std::optional<PeerIdentity> identity_of(const X509& certificate);
/// The same, and what else matters of it.
[[nodiscard]] std::optional<PeerCertificate> certificate_of(const X509& certificate);
[[nodiscard]] WallTime expiry_of(const X509& certificate);
/// Lower-case hexadecimal, two digits an octet.
[[nodiscard]] std::string serial_of(const X509& certificate);
[[nodiscard]] std::string identity_uri(const PeerIdentity& identity);

/// The texts of PEM files.
struct IdentityPem {
  std::string certificate;
  std::string key;
  std::string authority;  // one or more certificates
};

class Identity {
 public:
  /// Errors name the file, and say what is wrong with it.
  static Result<std::shared_ptr<const Identity>> load(const IdentityFiles& files);
  /// `names` are what errors call the three texts.
  static Result<std::shared_ptr<const Identity>> from_pem(const IdentityPem& pem,
                                                          const IdentityFiles& names = {"certificate", "key",
                                                                                        "authority"});
  ~Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  [[nodiscard]] const PeerIdentity& self() const { return certificate_.identity; }
  [[nodiscard]] const PeerCertificate& certificate() const { return certificate_; }
  [[nodiscard]] WallTime begins() const { return begins_; }
  [[nodiscard]] WallTime expires() const { return certificate_.expires; }
  /// Keys of INITIAL's MAC, one for each trusted authority; that of the own certificate's issuer first.
  [[nodiscard]] const std::vector<Digest>& mac_keys() const { return mac_keys_; }
  /// For TlsPeer.
  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
  /// For carriers, which TLS protects as a whole: nothing of a handshake there fits into one of a link, or the reverse.
  [[nodiscard]] SSL_CTX* carrier_context() const { return carrier_context_.get(); }

 private:
  Identity() = default;

  struct Parts;
  struct ContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using ContextHandle = std::unique_ptr<SSL_CTX, ContextFree>;
  static Result<ContextHandle> make_context(const Parts& parts, const IdentityFiles& names);

  ContextHandle context_;
  ContextHandle carrier_context_;
  PeerCertificate certificate_;
  WallTime begins_;
  std::vector<Digest> mac_keys_;
};

}  // namespace ringway::tmp

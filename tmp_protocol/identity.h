#pragma once
// Who a gateway is: certificate and key, and the authority that it trusts. Name and role stand in the certificate as a
// URI, ringway:frontend:NAME or ringway:backend:NAME. Immutable; shared by all workers.

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
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

struct PeerIdentity {
  Role role = Role::frontend;
  std::string name;
  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

[[nodiscard]] std::string_view role_name(Role role);
inline constexpr std::size_t kMaxGatewayNameOctets = 63;
/// 1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit.
[[nodiscard]] bool valid_gateway_name(std::string_view name);
/// What a certificate says; nothing where it does not name exactly one gateway.
[[nodiscard]] std::optional<PeerIdentity> identity_of(const X509& certificate);
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

  [[nodiscard]] const PeerIdentity& self() const { return self_; }
  [[nodiscard]] std::chrono::system_clock::time_point expires() const { return expires_; }
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
  PeerIdentity self_;
  std::chrono::system_clock::time_point expires_;
  std::vector<Digest> mac_keys_;
};

}  // namespace ringway::tmp

#include "tmp_protocol/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/file.h"
#include "base/limits.h"
#include "tmp_protocol/openssl_handles.h"
#include "tmp_protocol/tls_peer.h"

namespace ringway::tmp {

namespace {

constexpr std::string_view kUriScheme = "ringway:";
constexpr std::string_view kMacLabel = "ringway tmp authority";

bool name_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::optional<PeerIdentity> parse_uri(std::string_view uri) {
  if (uri.substr(0, kUriScheme.size()) != kUriScheme) return std::nullopt;
  uri.remove_prefix(kUriScheme.size());
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || !valid_gateway_name(uri.substr(colon + 1))) return std::nullopt;
  const std::optional<Role> role = parse_role(uri.substr(0, colon));
  return role ? std::optional(PeerIdentity{*role, std::string(uri.substr(colon + 1))}) : std::nullopt;
}

using NamesHandle = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

Digest mac_key(const X509& authority) {
  std::uint8_t* der = nullptr;
  const int octets = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&authority), &der);
  std::vector<std::uint8_t> text(kMacLabel.begin(), kMacLabel.end());
  if (octets > 0) text.insert(text.end(), der, der + octets);
  OPENSSL_free(der);
  return sha256(text);
}

WallTime wall_time(const ASN1_TIME* time) {
  std::tm broken{};
  ASN1_TIME_to_tm(time, &broken);
  return std::chrono::system_clock::from_time_t(timegm(&broken));
}

// The authority that signed `certificate`; `authorities.size()` where none did.
std::size_t issuer_of(X509* certificate, const std::vector<CertificateHandle>& authorities) {
  std::size_t index = 0;
  while (index < authorities.size() && X509_verify(certificate, X509_get0_pubkey(authorities[index].get())) != 1) {
    ++index;
  }
  ERR_clear_error();
  return index;
}

Status set_up_context(SSL_CTX* context, X509* certificate, EVP_PKEY* key,
                      const std::vector<CertificateHandle>& authorities) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_clear_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, 16384);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // The client's first choice is what its machine does fastest; a server takes ChaCha20 from one that prefers it.
  const char* const suites = has_aes_hardware() ? "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
                                                : "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
  bool done = SSL_CTX_set_ciphersuites(context, suites) == 1 && SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
  done = done && SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  for (const CertificateHandle& authority : authorities) {
    done = done && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1;
  }
  if (!done) return internal_error(openssl_complaint());
  return {};
}

/// A list of one protocol (RFC 7301 §3.1).
constexpr unsigned char kCarrierProtocol[] = "\x0bringway-tmp";
constexpr unsigned kCarrierProtocolOctets = sizeof kCarrierProtocol - 1;

int select_carrier_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_octets, const unsigned char* in,
                            unsigned in_octets, void* /*argument*/) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_octets, kCarrierProtocol, kCarrierProtocolOctets, in, in_octets) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

/// On TCP: it looks like other TLS, and OpenSSL reads records ahead.
void prepare_for_carriers(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_protos(context, kCarrierProtocol, kCarrierProtocolOctets);
  SSL_CTX_set_alpn_select_cb(context, select_carrier_protocol, nullptr);
}

}  // namespace

struct Identity::Parts {
  CertificateHandle certificate;
  KeyHandle key;
  std::vector<CertificateHandle> authorities;
  PeerCertificate self;
  std::size_t issuer = 0;

  static Result<Parts> read(const IdentityPem& pem, const IdentityFiles& names);
};

Result<Identity::Parts> Identity::Parts::read(const IdentityPem& pem, const IdentityFiles& names) {
  Parts parts;
  std::vector<CertificateHandle> certificates = read_certificates(pem.certificate);
  if (certificates.empty()) return internal_error(names.certificate + ": holds no PEM certificate");
  parts.certificate = std::move(certificates.front());
  parts.key = read_key(pem.key);
  if (parts.key == nullptr) return internal_error(names.key + ": holds no PEM private key (without passphrase)");
  if (X509_check_private_key(parts.certificate.get(), parts.key.get()) != 1) {
    ERR_clear_error();
    return internal_error(fmt::format("{}: is not the key of {}", names.key, names.certificate));
  }
  parts.authorities = read_certificates(pem.authority);
  if (parts.authorities.empty()) return internal_error(names.authority + ": holds no PEM certificate");
  std::optional<PeerCertificate> self = certificate_of(*parts.certificate);
  if (!self) {
    return internal_error(names.certificate + ": names no gateway (ringway:ROLE:NAME, as `ringway keys` writes)");
  }
  parts.self = std::move(*self);
  parts.issuer = issuer_of(parts.certificate.get(), parts.authorities);
  if (parts.issuer == parts.authorities.size()) {
    return internal_error(fmt::format("{}: is not signed by {}", names.certificate, names.authority));
  }
  return parts;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::frontend: return "frontend";
    case Role::backend: return "backend";
    case Role::manager: return "manager";
    case Role::user: return "user";
    case Role::redirector: return "redirector";
  }
  return "user";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::frontend, Role::backend, Role::manager, Role::user, Role::redirector}) {
    if (text == role_name(role)) return role;
  }
  return std::nullopt;
}

bool valid_gateway_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxGatewayNameOctets && std::all_of(name.begin(), name.end(), name_octet) &&
         name.front() != '-' && name.front() != '_' && name.front() != '.';
}

std::string identity_uri(const PeerIdentity& identity) {
  return fmt::format("{}{}:{}", kUriScheme, role_name(identity.role), identity.name);
}

std::optional<PeerIdentity> identity_of(const X509& certificate) {
  const NamesHandle names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<PeerIdentity> found;
  for (int index = 0; index < sk_GENERAL_NAME_num(names.get()); ++index) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), index);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(uri));
    std::optional<PeerIdentity> identity = parse_uri(as_text({ASN1_STRING_get0_data(uri), size}));
    if (!identity) continue;
    if (found) return std::nullopt;  // two names are none
    found = std::move(identity);
  }
  return found;
}

std::optional<PeerCertificate> certificate_of(const X509& certificate) {
  std::optional<PeerIdentity> identity = identity_of(certificate);
  if (!identity) return std::nullopt;
  return PeerCertificate{std::move(*identity), serial_of(certificate), expiry_of(certificate)};
}

WallTime expiry_of(const X509& certificate) { return wall_time(X509_get0_notAfter(&certificate)); }

std::string serial_of(const X509& certificate) {
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(&certificate);
  return to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

Result<std::shared_ptr<const Identity>> Identity::load(const IdentityFiles& files) {
  IdentityPem pem;
  for (const auto& [path, text] : {std::pair(&files.certificate, &pem.certificate), std::pair(&files.key, &pem.key),
                                   std::pair(&files.authority, &pem.authority)}) {
    Result<std::string> read = read_file(*path, limits::kMaxPemOctets);
    if (!read) return read.error();
    *text = std::move(*read);
  }
  Result<std::shared_ptr<const Identity>> identity = from_pem(pem, files);
  OPENSSL_cleanse(pem.key.data(), pem.key.size());
  return identity;
}

Result<std::shared_ptr<const Identity>> Identity::from_pem(const IdentityPem& pem, const IdentityFiles& names) {
  const Result<Parts> read = Parts::read(pem, names);
  if (!read) return read.error();
  const Parts& parts = *read;
  Result<ContextHandle> context = make_context(parts, names);
  if (!context) return context.error();
  Result<ContextHandle> carrier_context = make_context(parts, names);
  if (!carrier_context) return carrier_context.error();
  const std::shared_ptr<Identity> identity(new Identity);
  identity->context_ = std::move(*context);
  TlsPeer::prepare(identity->context_.get());
  identity->carrier_context_ = std::move(*carrier_context);
  prepare_for_carriers(identity->carrier_context_.get());
  identity->certificate_ = parts.self;
  identity->begins_ = wall_time(X509_get0_notBefore(parts.certificate.get()));
  for (const CertificateHandle& authority : parts.authorities) identity->mac_keys_.push_back(mac_key(*authority));
  std::swap(identity->mac_keys_.front(), identity->mac_keys_[parts.issuer]);
  return std::shared_ptr<const Identity>(identity);
}

Result<Identity::ContextHandle> Identity::make_context(const Parts& parts, const IdentityFiles& names) {
  ContextHandle context(SSL_CTX_new(TLS_method()));
  if (context == nullptr) return internal_error("no TLS context: " + openssl_complaint());
  const Status set_up = set_up_context(context.get(), parts.certificate.get(), parts.key.get(), parts.authorities);
  if (!set_up) return internal_error(fmt::format("{}: {}", names.certificate, set_up.error().message));
  return context;
}

}  // namespace ringway::tmp

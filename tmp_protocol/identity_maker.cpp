#include "tmp_protocol/identity_maker.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/address.h"
#include "base/text.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

namespace {

// Clocks of two machines differ: what is made now is valid from a little earlier, by a thirtieth of its life.
constexpr std::chrono::hours kMostBackdated{24};
constexpr int kBackdatedPart = 30;

KeyHandle make_key() { return KeyHandle(EVP_EC_gen("P-256")); }

bool set_serial(X509* certificate) {
  std::array<std::uint8_t, 16> octets;
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) return false;
  octets[0] &= 0x7f;  // positive
  octets[0] |= 0x40;  // and of one length
  const std::unique_ptr<BIGNUM, OpensslFree<BN_free>> number(
      BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_life(X509* certificate, WallTime now, std::chrono::seconds life) {
  const std::chrono::seconds backdated = std::min<std::chrono::seconds>(kMostBackdated, life / kBackdatedPart);
  const std::time_t from = std::chrono::system_clock::to_time_t(now - backdated);
  const std::time_t until = std::chrono::system_clock::to_time_t(now + life);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr;
}

bool set_common_name(X509* certificate, std::string_view text) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<int>(text.size()),
                                    -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

struct Extension {
  int kind;
  std::string value;
};

struct Draft {
  std::string common_name;
  std::chrono::seconds life;
  std::vector<Extension> extensions;
};

// A certificate for `key` signed by `issuer`; by itself where there is none.
CertificateHandle sign(const Draft& draft, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, WallTime now) {
  CertificateHandle certificate(X509_new());
  X509* const made = certificate.get();
  bool done = made != nullptr && X509_set_version(made, X509_VERSION_3) == 1 && set_serial(made);
  done = done && set_life(made, now, draft.life) && set_common_name(made, draft.common_name);
  X509* const by = issuer == nullptr ? made : issuer;
  done = done && X509_set_issuer_name(made, X509_get_subject_name(by)) == 1 && X509_set_pubkey(made, key) == 1;
  for (const Extension& extension : draft.extensions) {
    done = done && add_extension(made, by, extension.kind, extension.value);
  }
  done = done && X509_sign(made, issuer_key, EVP_sha256()) != 0;
  if (!done) certificate.reset();
  return certificate;
}

/// The authority, taken apart.
struct Signer {
  CertificateHandle certificate;
  KeyHandle key;
};

Result<Signer> read_signer(const Authority& authority) {
  std::vector<CertificateHandle> certificates = read_certificates(authority.certificate);
  KeyHandle key = read_key(authority.key);
  if (certificates.empty() || key == nullptr) return internal_error("the authority is not in PEM form");
  if (X509_check_private_key(certificates.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return internal_error("the authority's key is not that of its certificate");
  }
  return Signer{std::move(certificates.front()), std::move(key)};
}

/// As a certificate says it; nothing where `host` is neither an address nor a name (RFC 1123 §2.1).
std::string subject_host(const std::string& host) {
  if (const Result<IpAddress> address = IpAddress::parse(host)) return "IP:" + address->text();
  const auto label_octet = [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '.';
  };
  const bool good = !host.empty() && host.size() <= kMaxHostOctets && host.front() != '.' && host.front() != '-' &&
                    std::all_of(host.begin(), host.end(), label_octet);
  return good ? "DNS:" + host : std::string();
}

Result<std::string> subject_names(const CertificateGrant& grant) {
  if (!valid_gateway_name(grant.identity.name)) {
    return internal_error(fmt::format("'{}' is no gateway's name: 1 to {} letters, digits, '-', '_' and '.'",
                                      grant.identity.name, kMaxGatewayNameOctets));
  }
  if (!grant.hosts.empty() && grant.identity.role != Role::manager) {
    return internal_error("only a manager's certificate names hosts");
  }
  if (grant.hosts.size() > kMaxCertificateHosts) {
    return internal_error(fmt::format("more than {} hosts", kMaxCertificateHosts));
  }
  std::string names = "URI:" + identity_uri(grant.identity);
  for (const std::string& host : grant.hosts) {
    const std::string name = subject_host(host);
    if (name.empty()) return internal_error(fmt::format("'{}' is neither an address nor a host's name", host));
    names += "," + name;
  }
  return names;
}

Result<CertificateHandle> certify(const Authority& authority, const CertificateGrant& grant, EVP_PKEY* key,
                                  WallTime now) {
  const Result<std::string> names = subject_names(grant);
  if (!names) return names.error();
  const Result<Signer> signer = read_signer(authority);
  if (!signer) return signer.error();
  // Both uses: which end of a link a gateway is follows from who calls whom, its role from the URI.
  const bool serves = grant.identity.role != Role::user;
  const Draft draft = {grant.identity.name,
                       grant.life,
                       {{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, serves ? "clientAuth,serverAuth" : "clientAuth"},
                        {NID_subject_key_identifier, "hash"},
                        {NID_authority_key_identifier, "keyid:always"},
                        {NID_subject_alt_name, *names}}};
  CertificateHandle certificate = sign(draft, key, signer->certificate.get(), signer->key.get(), now);
  if (certificate == nullptr) return internal_error("no certificate could be made: " + openssl_complaint());
  return certificate;
}

}  // namespace

Result<Authority> make_authority(WallTime now, const std::string& own_key) {
  const KeyHandle key = own_key.empty() ? make_key() : read_key(own_key);
  if (key == nullptr) return internal_error("the authority's key is not in PEM form");
  const Draft draft = {"Ringway authority",
                       kAuthorityLife,
                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}}};
  const CertificateHandle certificate = sign(draft, key.get(), nullptr, key.get(), now);
  if (certificate == nullptr) return internal_error("no authority could be made: " + openssl_complaint());
  return Authority{certificate_text(certificate.get()), key_text(key.get())};
}

Status check_authority(const Authority& authority) {
  const Result<Signer> signer = read_signer(authority);
  if (!signer) return signer.error();
  if (X509_check_ca(signer->certificate.get()) != 1) {
    return internal_error("the authority's certificate is none that signs others");
  }
  return {};
}

Result<IdentityPem> make_identity(const Authority& authority, const CertificateGrant& grant, WallTime now,
                                  const std::string& own_key) {
  const KeyHandle key = own_key.empty() ? make_key() : read_key(own_key);
  if (key == nullptr) return internal_error("the gateway's key is not in PEM form");
  const Result<CertificateHandle> certificate = certify(authority, grant, key.get(), now);
  if (!certificate) return certificate.error();
  return IdentityPem{certificate_text(certificate->get()), key_text(key.get()), authority.certificate};
}

Result<IdentityPem> make_identity(const Authority& authority, const PeerIdentity& identity, WallTime now) {
  return make_identity(authority, {identity, kIdentityLife, {}}, now, {});
}

Result<IssuedCertificate> sign_request(const Authority& authority, std::string_view request_pem,
                                       const CertificateGrant& grant, WallTime now) {
  const Result<KeyHandle> key = requested_key(request_pem);
  if (!key) return key.error();
  const Result<CertificateHandle> made = certify(authority, grant, key->get(), now);
  if (!made) return made.error();
  return IssuedCertificate{certificate_text(made->get()), *certificate_of(**made), key_name(**key)};
}

}  // namespace ringway::tmp

#include "tmp_protocol/identity_maker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/limits.h"
#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

namespace {

// Clocks of two machines differ: what is made now is valid from a little earlier.
constexpr std::chrono::hours kBackdated{24};

KeyHandle make_key() { return KeyHandle(EVP_EC_gen("P-256")); }

std::string key_pem(EVP_PKEY* key) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

std::string certificate_pem(X509* certificate) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

bool set_serial(X509* certificate) {
  std::array<std::uint8_t, 16> octets;
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) return false;
  octets[0] &= 0x7f;  // positive
  octets[0] |= 0x40;  // and of one length
  const std::unique_ptr<BIGNUM, OpensslFree<BN_free>> number(
      BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_life(X509* certificate, WallTime now, std::chrono::hours life) {
  const std::time_t from = std::chrono::system_clock::to_time_t(now - kBackdated);
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
  std::chrono::hours life;
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

Error file_error(const std::string& path, std::string_view what) {
  return internal_error(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

/// Makes a file that must not exist yet.
Status write_file(const std::string& path, std::string_view text, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return file_error(path, "cannot be made");
  const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool stored = whole && ::fsync(file) == 0;
  const Status status = stored ? Status() : Status(file_error(path, "cannot be written"));
  ::close(file);
  if (!stored) ::unlink(path.c_str());
  return status;
}

Result<Authority> make_authority_files(const std::string& certificate, const std::string& key, WallTime now) {
  Result<Authority> authority = make_authority(now);
  if (!authority) return authority;
  // The key first: a certificate without its key would look like an authority and could sign nothing.
  if (const Status written = write_file(key, authority->key, 0600); !written) return written.error();
  if (const Status written = write_file(certificate, authority->certificate, 0644); !written) return written.error();
  return authority;
}

Result<Authority> read_authority_files(const std::string& certificate, const std::string& key) {
  Result<std::string> certificate_text = read_file(certificate, limits::kMaxPemOctets);
  if (!certificate_text) return certificate_text.error();
  Result<std::string> key_text = read_file(key, limits::kMaxPemOctets);
  if (!key_text) return key_text.error();
  return Authority{std::move(*certificate_text), std::move(*key_text)};
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

Result<Authority> make_authority(WallTime now) {
  const KeyHandle key = make_key();
  const Draft draft = {"Ringway authority",
                       kAuthorityLife,
                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}}};
  const CertificateHandle certificate = key == nullptr ? nullptr : sign(draft, key.get(), nullptr, key.get(), now);
  if (certificate == nullptr) return internal_error("no authority could be made: " + openssl_complaint());
  return Authority{certificate_pem(certificate.get()), key_pem(key.get())};
}

Result<IdentityPem> make_identity(const Authority& authority, const PeerIdentity& identity, WallTime now,
                                  std::chrono::hours life, const std::string& own_key) {
  if (!valid_gateway_name(identity.name)) {
    return internal_error(fmt::format("'{}' is no gateway's name: 1 to {} letters, digits, '-', '_' and '.'",
                                      identity.name, kMaxGatewayNameOctets));
  }
  const std::vector<CertificateHandle> issuers = read_certificates(authority.certificate);
  const KeyHandle issuer_key = read_key(authority.key);
  if (issuers.empty() || issuer_key == nullptr) return internal_error("the authority is not in PEM form");
  X509* const issuer = issuers.front().get();
  if (X509_check_private_key(issuer, issuer_key.get()) != 1) {
    ERR_clear_error();
    return internal_error("the authority's key is not that of its certificate");
  }
  const KeyHandle key = own_key.empty() ? make_key() : read_key(own_key);
  if (key == nullptr) return internal_error("the gateway's key is not in PEM form");
  // Both uses: which end of a link a gateway is follows from who calls whom, its role from the URI.
  const Draft draft = {identity.name,
                       life,
                       {{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, "clientAuth,serverAuth"},
                        {NID_subject_key_identifier, "hash"},
                        {NID_authority_key_identifier, "keyid:always"},
                        {NID_subject_alt_name, "URI:" + identity_uri(identity)}}};
  const CertificateHandle certificate = sign(draft, key.get(), issuer, issuer_key.get(), now);
  if (certificate == nullptr) return internal_error("no certificate could be made: " + openssl_complaint());
  return IdentityPem{certificate_pem(certificate.get()), key_pem(key.get()), authority.certificate};
}

Result<MadeIdentity> make_identity_files(const std::string& directory, const PeerIdentity& identity, WallTime now) {
  const std::string place = directory + "/";
  MadeIdentity made;
  made.files = {place + identity.name + ".pem", place + identity.name + ".key", place + "ca.pem"};
  if (!valid_gateway_name(identity.name) || identity.name == "ca") {
    return internal_error(fmt::format("'{}' is no gateway's name: 1 to {} letters, digits, '-', '_' and '.', not 'ca'",
                                      identity.name, kMaxGatewayNameOctets));
  }
  if (exists(made.files.certificate)) {
    return internal_error(made.files.certificate + ": exists; remove it to have another made for the same key");
  }
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return internal_error(fmt::format("{}: cannot be made: {}", directory, failed.message()));
  made.authority = exists(made.files.authority) ? AuthorityOrigin::found : AuthorityOrigin::made;
  const Result<Authority> authority = made.authority == AuthorityOrigin::found
                                          ? read_authority_files(made.files.authority, place + "ca.key")
                                          : make_authority_files(made.files.authority, place + "ca.key", now);
  if (!authority) return authority.error();
  std::string own_key;
  if (exists(made.files.key)) {
    Result<std::string> read = read_file(made.files.key, limits::kMaxPemOctets);
    if (!read) return read.error();
    own_key = std::move(*read);
  }
  const Result<IdentityPem> pem = make_identity(*authority, identity, now, kIdentityLife, own_key);
  if (!pem) return internal_error(fmt::format("{}: {}", directory, pem.error().message));
  if (own_key.empty()) {
    if (const Status written = write_file(made.files.key, pem->key, 0600); !written) return written.error();
  }
  if (const Status written = write_file(made.files.certificate, pem->certificate, 0644); !written) {
    return written.error();
  }
  return made;
}

}  // namespace ringway::tmp

#include "tests/net/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace ringway::net {

namespace {

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "ringway-net-XXXXXX").string();
  return ::mkdtemp(name.data()) == nullptr ? std::filesystem::path() : std::filesystem::path(name);
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

TestAuthority::TestAuthority()
    : folder_(make_folder()), key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(nullptr, X509_free) {
  certificate_ = make("Test Authority", "", key_.get());
  authority_file_ = write("ca.pem", certificate_.get());
}

TestAuthority::~TestAuthority() { std::filesystem::remove_all(folder_); }

TestAuthority::Files TestAuthority::issue(const std::string& name, const std::string& alternative_name) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate = make(name, alternative_name, key.get());
  return {write(name + ".pem", certificate.get()), write(name + ".key", key.get())};
}

TestAuthority::Certificate TestAuthority::make(const std::string& name, const std::string& alternative_name,
                                               EVP_PKEY* key) {
  Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* issuer = certificate_ == nullptr ? made.get() : certificate_.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  add_extension(made.get(), NID_basic_constraints, certificate_ == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!alternative_name.empty()) add_extension(made.get(), NID_subject_alt_name, alternative_name);
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return made;
}

std::string TestAuthority::write(const std::string& file, X509* certificate) const {
  const std::string path = (folder_ / file).string();
  std::FILE* out = std::fopen(path.c_str(), "we");
  PEM_write_X509(out, certificate);
  static_cast<void>(std::fclose(out));
  return path;
}

std::string TestAuthority::write(const std::string& file, EVP_PKEY* key) const {
  const std::string path = (folder_ / file).string();
  std::FILE* out = std::fopen(path.c_str(), "we");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  static_cast<void>(std::fclose(out));
  return path;
}

}  // namespace ringway::net

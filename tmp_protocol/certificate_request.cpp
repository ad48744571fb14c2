#include "tmp_protocol/certificate_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {

namespace {

using RequestHandle = std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>>;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE REQUEST-----\n";
constexpr std::string_view kEnd = "-----END CERTIFICATE REQUEST-----";

struct ExtensionsFree {
  void operator()(STACK_OF(X509_EXTENSION) * extensions) const {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
};

bool name_holder(X509_REQ* request, const PeerIdentity& identity) {
  X509_NAME* const subject = X509_REQ_get_subject_name(request);
  const auto* const name = reinterpret_cast<const std::uint8_t*>(identity.name.data());
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, static_cast<int>(identity.name.size()), -1, 0) !=
      1) {
    return false;
  }
  const std::string uri = "URI:" + identity_uri(identity);
  const std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsFree> extensions(sk_X509_EXTENSION_new_null());
  ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, uri.c_str()));
  if (extension == nullptr || sk_X509_EXTENSION_push(extensions.get(), extension.get()) == 0) return false;
  static_cast<void>(extension.release());
  return X509_REQ_add_extensions(request, extensions.get()) == 1;
}

/// By the algorithm's name alone: nothing of a key that is none of ours is computed with.
bool is_p256(const X509_PUBKEY* key) {
  ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR* parameters = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, &parameters, key);
  const ASN1_OBJECT* identifier = nullptr;
  int type = 0;
  const void* value = nullptr;
  X509_ALGOR_get0(&identifier, &type, &value, parameters);
  return OBJ_obj2nid(algorithm) == NID_X9_62_id_ecPublicKey && type == V_ASN1_OBJECT &&
         OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(value)) == NID_X9_62_prime256v1;
}

bool printable_lines(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

/// Exactly one PEM block, and in it exactly one request (OpenSSL would pass over what stands around either).
RequestHandle read_request(std::string_view pem) {
  const std::string text(pem.substr(0, pem.find_last_not_of(" \t\r\n") + 1));
  std::string plain;
  std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '\r'; });
  if (!plain.starts_with(kBegin) || !plain.ends_with(kEnd) || !printable_lines(plain)) return nullptr;
  if (plain.find("-----", kBegin.size()) != plain.size() - kEnd.size()) return nullptr;
  const BioHandle bio = read_bio(plain);
  char* name = nullptr;
  char* header = nullptr;  // of an encrypted one: its passphrase would be asked for on the terminal
  std::uint8_t* der = nullptr;
  long octets = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &der, &octets) != 1) return nullptr;
  const std::uint8_t* at = der;
  RequestHandle request(*header != 0 ? nullptr : d2i_X509_REQ(nullptr, &at, octets));
  if (request != nullptr && at != der + octets) request.reset();
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(der);
  return request;
}

Error refused(std::string_view why) {
  ERR_clear_error();
  return client_error(fmt::format("the certificate request is refused: {}", why));
}

}  // namespace

Result<CertificateRequest> make_certificate_request(const PeerIdentity& identity, const std::string& key_pem) {
  if (!valid_gateway_name(identity.name)) return internal_error(fmt::format("'{}' is no name", identity.name));
  const KeyHandle key = key_pem.empty() ? KeyHandle(EVP_EC_gen("P-256")) : read_key(key_pem);
  if (key == nullptr) return internal_error("the key is not in PEM form");
  const RequestHandle request(X509_REQ_new());
  const bool done = request != nullptr && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.get()) == 1 && name_holder(request.get(), identity) &&
                    X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0;
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (!done || PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return internal_error("no certificate request could be made: " + openssl_complaint());
  }
  return CertificateRequest{text_of(bio.get()), key_text(key.get())};
}

Result<KeyHandle> requested_key(std::string_view request_pem) {
  if (request_pem.size() > kMaxRequestOctets) return refused(fmt::format("longer than {} octets", kMaxRequestOctets));
  const RequestHandle request = read_request(request_pem);
  if (request == nullptr) return refused("it is not one CERTIFICATE REQUEST in PEM form");
  if (X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1) return refused("its version is not 1");
  if (!is_p256(X509_REQ_get_X509_PUBKEY(request.get()))) return refused("its key is not of the curve P-256");
  if (X509_REQ_get_signature_nid(request.get()) != NID_ecdsa_with_SHA256) {
    return refused("it is not signed by ECDSA with SHA-256");
  }
  KeyHandle key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr) return refused("its key is no point of the curve P-256");
  if (X509_REQ_verify(request.get(), key.get()) != 1) return refused("its signature is not that of its key");
  return key;
}

std::string key_name(const EVP_PKEY& key) {
  std::uint8_t* der = nullptr;
  const int octets = i2d_PUBKEY(&key, &der);
  const Digest digest = sha256({der, static_cast<std::size_t>(std::max(octets, 0))});
  OPENSSL_free(der);
  return to_hex(digest);
}

}  // namespace ringway::tmp

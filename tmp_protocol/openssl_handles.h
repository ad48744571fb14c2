#pragma once
// Owners of the OpenSSL objects that certificates are made of, and reading and writing them as PEM.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::tmp {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, OpensslFree<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;

BioHandle read_bio(std::string_view text);
/// What was written to a memory BIO.
std::string text_of(BIO* bio);
/// Every certificate of a PEM text, in order; none where the text holds something else.
std::vector<CertificateHandle> read_certificates(std::string_view pem);
/// A private key without a passphrase; null where there is none.
KeyHandle read_key(std::string_view pem);
/// PEM, without a passphrase.
std::string key_text(EVP_PKEY* key);
std::string certificate_text(X509* certificate);
/// Takes all that OpenSSL complained of; the last complaint in words.
std::string openssl_complaint();

}  // namespace ringway::tmp

#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

BioHandle read_bio(std::string_view text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  const char* data = nullptr;
  const long octets = BIO_get_mem_data(bio, &data);
  return octets > 0 ? std::string(data, static_cast<std::size_t>(octets)) : std::string();
}

std::vector<CertificateHandle> read_certificates(std::string_view pem) {
  std::vector<CertificateHandle> certificates;
  const BioHandle bio = read_bio(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  ERR_clear_error();  // the end of the text is an error to OpenSSL
  return certificates;
}

KeyHandle read_key(std::string_view pem) {
  const BioHandle bio = read_bio(pem);
  // Without this a key with a passphrase would ask for it on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

std::string key_text(EVP_PKEY* key) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

std::string certificate_text(X509* certificate) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

std::string openssl_complaint() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace ringway::tmp

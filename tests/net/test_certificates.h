#pragma once
// A throw-away authority with certificates for the tests of TLS, as PEM files in a folder of their own.

#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace ringway::net {

class TestAuthority {
 public:
  TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority();

  struct Files {
    std::string certificate;
    std::string key;
  };
  /// `alternative_name` as in "DNS:shop.test" or "IP:127.0.0.1".
  Files issue(const std::string& name, const std::string& alternative_name);
  [[nodiscard]] const std::string& authority_file() const { return authority_file_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }

 private:
  using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
  using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

  Certificate make(const std::string& name, const std::string& alternative_name, EVP_PKEY* key);
  [[nodiscard]] std::string write(const std::string& file, X509* certificate) const;
  [[nodiscard]] std::string write(const std::string& file, EVP_PKEY* key) const;

  std::filesystem::path folder_;
  Key key_;
  Certificate certificate_;
  std::string authority_file_;
  long serial_ = 1;
};

}  // namespace ringway::net

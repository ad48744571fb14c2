#pragma once
// Certificates, keys and rules for TLS over TCP: TLS 1.2 with AEAD and forward secrecy, or TLS 1.3 (RFC 9325).
// Contexts are immutable once made and shared by workers.

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/connector.h"
#include "base/result.h"

struct ssl_ctx_st;

namespace ringway::net {

/// What servers offer by ALPN (RFC 7301), and nothing else: HTTPS records of DNS may say it.
inline constexpr std::string_view kServerAlpn = "http/1.1";

/// The last reason that OpenSSL gave on this thread; clears what it remembers.
std::string take_tls_reason();

/// What a listener speaks TLS with.
class TlsServerContext {
 public:
  /// PEM files: a chain, leaf first, and its key. The error names the file and what is wrong with it.
  static Result<std::shared_ptr<const TlsServerContext>> load(const std::string& certificate_file,
                                                              const std::string& key_file);
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;
  ~TlsServerContext();

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  /// Whether its certificate is for `host` (RFC 9525 §6.3), in lower case: a name, an address (IPv6 in brackets), or
  /// "*." and a name, for any name with one label more.
  [[nodiscard]] bool is_for(const std::string& host) const;
  /// Whether the certificate's time has begun, and has not run out.
  [[nodiscard]] bool is_in_time() const;

 private:
  explicit TlsServerContext(ssl_ctx_st* context);
  ssl_ctx_st* context_;
  std::set<std::string>
      hosts_;  // that the certificate names: names in lower case, with "*." as they are, and addresses
};

/// What a connector speaks TLS with, for one set of TlsClientSettings. Servers are always verified.
class TlsClientContext {
 public:
  static Result<std::shared_ptr<const TlsClientContext>> load(const TlsClientSettings& settings);
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;
  ~TlsClientContext();

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  TlsClientContext(ssl_ctx_st* context, std::string server_name)
      : context_(context), server_name_(std::move(server_name)) {}
  ssl_ctx_st* context_;
  std::string server_name_;
};

}  // namespace ringway::net

#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/address.h"
#include "base/bytes.h"
#include "base/text.h"

namespace ringway::net {

namespace {

constexpr char kCiphersTls12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr char kCiphersTls13[] = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
static_assert(kHttp11[0] == kServerAlpn.size() && sizeof kHttp11 == 1 + kServerAlpn.size());

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, ContextDeleter>;

Error file_error(std::string_view what, const std::string& file) {
  // A missing file says so by errno, and OpenSSL repeats it less clearly.
  std::FILE* opened = std::fopen(file.c_str(), "re");
  if (opened == nullptr) {
    ERR_clear_error();
    return internal_error(fmt::format("{} {}: {}", what, file, std::strerror(errno)));
  }
  static_cast<void>(std::fclose(opened));
  return internal_error(fmt::format("{} {}: {}", what, file, take_tls_reason()));
}

ContextPointer make_context(const SSL_METHOD* method) {
  ContextPointer context(SSL_CTX_new(method));
  if (context == nullptr) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphersTls12);
  SSL_CTX_set_ciphersuites(context.get(), kCiphersTls13);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Status use_certificate(SSL_CTX* context, const std::string& certificate_file, const std::string& key_file) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return file_error("certificate", certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return file_error("key", key_file);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return internal_error(fmt::format("key {} does not belong to certificate {}", key_file, certificate_file));
  }
  return {};
}

std::string host_of(const GENERAL_NAME& name) {
  int kind = 0;
  const auto* const value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(&name, &kind));
  if (kind != GEN_DNS && kind != GEN_IPADD) return {};
  const unsigned char* const octets = ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  if (kind == GEN_DNS) return to_lower(as_text(Bytes(octets, size)));
  std::array<std::uint8_t, 4> v4{};
  std::array<std::uint8_t, 16> v6{};
  if (size != v4.size() && size != v6.size()) return {};
  copy_bytes(Bytes(octets, size), size == v4.size() ? v4.data() : v6.data());
  return (size == v4.size() ? IpAddress::v4(v4) : IpAddress::v6(v6)).text();
}

/// What stands where names belong, in subjectAltName.
std::set<std::string> hosts_of(const X509* certificate) {
  std::set<std::string> hosts;
  auto* const names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) hosts.insert(host_of(*sk_GENERAL_NAME_value(names, i)));
  GENERAL_NAMES_free(names);
  hosts.erase("");
  return hosts;
}

/// Clients that name protocols and not this one are refused (RFC 7301 §3.2).
int select_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_octets, const unsigned char* in,
                    unsigned in_octets, void* /*argument*/) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_octets, kHttp11, sizeof kHttp11, in, in_octets) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string take_tls_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "unknown TLS error" : reason;
  ERR_clear_error();
  return text;
}

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const std::string& certificate_file,
                                                                       const std::string& key_file) {
  ContextPointer context = make_context(TLS_server_method());
  if (context == nullptr) return internal_error("make a TLS context: " + take_tls_reason());
  const Status used = use_certificate(context.get(), certificate_file, key_file);
  if (!used) return used.error();
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  // Sessions live in the client's ticket alone. One ticket is what one connection is resumed with.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  return std::shared_ptr<const TlsServerContext>(new TlsServerContext(context.release()));
}

TlsServerContext::TlsServerContext(ssl_ctx_st* context)
    : context_(context), hosts_(hosts_of(SSL_CTX_get0_certificate(context))) {}

bool TlsServerContext::is_for(const std::string& host) const {
  const std::string bare = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  if (const auto address = IpAddress::parse(bare)) return hosts_.contains(address->text());
  if (hosts_.contains(host)) return true;
  const std::size_t dot = host.find('.');
  return dot != std::string::npos && hosts_.contains("*" + host.substr(dot));
}

bool TlsServerContext::is_in_time() const {
  X509* const certificate = SSL_CTX_get0_certificate(context_);
  return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
         X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::load(const TlsClientSettings& settings) {
  ContextPointer context = make_context(TLS_client_method());
  if (context == nullptr) return internal_error("make a TLS context: " + take_tls_reason());
  if (settings.server_name.empty()) return internal_error("TLS to a server needs the name to verify");
  if (settings.authority_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), settings.authority_file.c_str()) != 1) {
    return file_error("authority", settings.authority_file);
  }
  if (!settings.certificate_file.empty()) {
    const Status used = use_certificate(context.get(), settings.certificate_file, settings.key_file);
    if (!used) return used.error();
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context.get(), kHttp11, sizeof kHttp11);
  ERR_clear_error();
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(context.release(), settings.server_name));
}

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

}  // namespace ringway::net

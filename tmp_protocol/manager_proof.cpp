#include "tmp_protocol/manager_proof.h"

#include <fmt/format.h>

#include <utility>

#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {

namespace {

using StoreHandle = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

X509* find_authority(const STACK_OF(X509) * sent, const Digest& fingerprint) {
  for (int index = 1; index < sk_X509_num(sent); ++index) {
    X509* const certificate = sk_X509_value(sent, index);
    if (fingerprint_of(*certificate) == fingerprint) return certificate;
  }
  return nullptr;
}

/// What is wrong with `certificate` as a server's of this authority; empty where nothing is.
std::string fault_of(X509* certificate, X509* authority, WallTime now) {
  const StoreHandle store(X509_STORE_new());
  const StoreContextHandle context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr || X509_STORE_add_cert(store.get(), authority) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) != 1 ||
      X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER) != 1) {
    return openssl_complaint();
  }
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  if (X509_verify_cert(context.get()) == 1) return {};
  ERR_clear_error();
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

}  // namespace

Result<ProvenManager> prove_manager(const STACK_OF(X509) * sent, const Digest& authority, WallTime now) {
  if (sk_X509_num(sent) < 1) return internal_error("the manager showed no certificate");
  X509* const own = sk_X509_value(sent, 0);
  X509* const issuer = find_authority(sent, authority);
  if (issuer == nullptr) {
    return internal_error(fmt::format("what answers is not of the authority that the enrolment token names ({})",
                                      fingerprint_text(authority)));
  }
  if (const std::string fault = fault_of(own, issuer, now); !fault.empty()) {
    return internal_error(fmt::format("the manager's certificate is not valid: {}", fault));
  }
  std::optional<PeerCertificate> manager = certificate_of(*own);
  if (!manager || manager->identity.role != Role::manager) {
    return internal_error("what answers is of the right authority, but no manager");
  }
  return ProvenManager{std::move(*manager), certificate_text(issuer)};
}

}  // namespace ringway::tmp

#include "tmp_protocol/peer_judge.h"

#include <fmt/format.h>

#include <utility>

#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

namespace {

std::string date(const ASN1_TIME* time) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  ASN1_TIME_print_ex(bio.get(), time, ASN1_DTFLGS_ISO8601);
  return text_of(bio.get());
}

bool other_authority(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN || error == X509_V_ERR_CERT_SIGNATURE_FAILURE ||
         error == X509_V_ERR_CERT_UNTRUSTED;
}

std::string describe_distrust(int error, X509* certificate) {
  if (other_authority(error)) return "its certificate is of another authority";
  if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
    return fmt::format("its certificate expired at {}", date(X509_get0_notAfter(certificate)));
  }
  if (error == X509_V_ERR_CERT_NOT_YET_VALID) {
    return fmt::format("its certificate is valid only from {}; are both clocks right?",
                       date(X509_get0_notBefore(certificate)));
  }
  return fmt::format("its certificate is not valid: {}", X509_verify_cert_error_string(error));
}

std::string describe(const PeerIdentity& peer) { return fmt::format("{} '{}'", role_name(peer.role), peer.name); }

/// Whether all that is wrong is that the peer's own certificate has expired, and it is taken nevertheless.
bool has_grace(X509_STORE_CTX* store, const PeerCertificate& certificate, const PeerTrust& trust, WallTime now) {
  return X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_HAS_EXPIRED && X509_STORE_CTX_get_error_depth(store) == 0 &&
         trust.expired == ExpiredPeers::accept_known &&
         std::chrono::floor<std::chrono::seconds>(now - certificate.expires) <= trust.grace;
}

}  // namespace

int PeerJudge::judge(X509_STORE_CTX* store, int trusted, const WantedPeer& wanted, WallTime now) {
  const std::optional<PeerCertificate> own = certificate_of(*X509_STORE_CTX_get0_cert(store));
  if (trusted != 1 && own && has_grace(store, *own, wanted.trust, now)) {
    X509_STORE_CTX_set_error(store, X509_V_OK);  // judged as a whole next
  } else if (trusted != 1) {
    distrust(store, own ? describe(own->identity) : "the peer");
  } else if (X509_STORE_CTX_get_error_depth(store) != 0) {
    // An authority: the peer's own certificate comes last.
  } else if (!own) {
    refuse(store, X509_V_ERR_HOSTNAME_MISMATCH, "the peer is refused: its certificate names no gateway");
  } else {
    judge_own(store, *own, wanted);
  }
  return refusal_.empty() ? 1 : 0;
}

void PeerJudge::judge_own(X509_STORE_CTX* store, const PeerCertificate& certificate, const WantedPeer& wanted) {
  const PeerIdentity& identity = certificate.identity;
  const std::string who = describe(identity);
  if (wanted.name != WantedName::any_role && identity.role != wanted.role) {
    refuse(store, X509_V_ERR_INVALID_PURPOSE,
           fmt::format("{} is refused: a {} is wanted", who, role_name(wanted.role)));
  } else if (wanted.name == WantedName::listed && !wanted.names.contains(identity.name)) {
    refuse(store, X509_V_ERR_HOSTNAME_MISMATCH,
           wanted.role == Role::frontend
               ? fmt::format("{} is refused: no site names it", who)
               : fmt::format("{} is refused: '{}' is wanted", who, fmt::join(wanted.names, "', '")));
  } else if (is_revoked(wanted.trust, certificate)) {
    refuse(store, X509_V_ERR_CERT_REVOKED, fmt::format("{} is refused: its certificate is revoked", who));
  } else {
    peer_ = certificate;
  }
}

void PeerJudge::refuse(X509_STORE_CTX* store, int error, std::string reason) {
  X509_STORE_CTX_set_error(store, error);
  refusal_ = std::move(reason);
}

void PeerJudge::distrust(X509_STORE_CTX* store, const std::string& who) {
  X509* const at_fault = X509_STORE_CTX_get_current_cert(store);
  X509* const named = at_fault == nullptr ? X509_STORE_CTX_get0_cert(store) : at_fault;
  refusal_ = fmt::format("{} is refused: {}", who, describe_distrust(X509_STORE_CTX_get_error(store), named));
}

}  // namespace ringway::tmp

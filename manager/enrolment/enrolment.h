#pragma once
// How a gateway gets its certificate, and loses it. Pure: they take records and say what is to be written, in one
// batch, before anybody is answered.
//
//   token made ──▶ enrolled: token used, by one key ──▶ renewed … ──▶ revoked ──▶ (another token) enrolled again
//
// Records: "enrolment_tokens" by id, "certificates" by serial, "revocations" by ROLE:NAME. A certificate that is
// revoked stays so for ever; an identity that is revoked is so until it is enrolled again.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_type.h"
#include "base/random.h"
#include "manager/store/store.h"
#include "tmp_protocol/enrolment_token.h"
#include "tmp_protocol/identity_maker.h"

namespace ringway::manager {

inline constexpr std::string_view kEnrolmentKind = "enrolment_tokens";
inline constexpr std::string_view kCertificateKind = "certificates";
inline constexpr std::string_view kRevocationKind = "revocations";

inline constexpr std::chrono::seconds kDefaultEnrolmentLife = std::chrono::hours(1);
inline constexpr std::chrono::seconds kMaxEnrolmentLife = std::chrono::hours(24);
/// A certificate that was never revoked is forgotten so long after its end.
inline constexpr std::chrono::hours kCertificateMemory{24 * 30};
inline constexpr std::size_t kMaxReasonOctets = 256;

/// What is kept of a token: not the secret.
struct Enrolment {
  Hash secret_hash{};
  tmp::PeerIdentity identity;
  WallTime created;
  std::string created_by;
  WallTime expires;
  std::optional<WallTime> used;
  std::string used_key;  // tmp::key_name() of who used it
  friend bool operator==(const Enrolment&, const Enrolment&) = default;
};

struct CertificateRecord {
  tmp::PeerIdentity identity;
  std::string key;  // tmp::key_name()
  WallTime issued;
  WallTime expires;
  std::optional<WallTime> revoked;
  friend bool operator==(const CertificateRecord&, const CertificateRecord&) = default;
};

struct RevocationRecord {
  tmp::PeerIdentity identity;
  WallTime time;
  std::string author;
  std::string reason;
  friend bool operator==(const RevocationRecord&, const RevocationRecord&) = default;
};

[[nodiscard]] config::Type<Enrolment> enrolment_type();
[[nodiscard]] config::Type<CertificateRecord> certificate_record_type();
[[nodiscard]] config::Type<RevocationRecord> revocation_type();

// --- Tokens

struct EnrolmentWish {
  tmp::PeerIdentity identity;
  std::chrono::seconds life = kDefaultEnrolmentLife;  // above 0, at most kMaxEnrolmentLife
  std::vector<std::string> managers;                  // tmp::is_manager_address()
  std::string author;
};

struct MadeEnrolment {
  std::string text;  // shown once
  Record record;
};

/// `authority` is the fingerprint of its certificate.
[[nodiscard]] Result<MadeEnrolment> make_enrolment(const EnrolmentWish& wish, const tmp::Digest& authority,
                                                   WallTime now, Random& random);
/// Under which its record is found.
[[nodiscard]] std::string enrolment_id(const tmp::EnrolmentSecret& secret);

// --- Certificates

enum class Issue : std::uint8_t {
  granted,
  unknown,      // no such token, or no certificate that the manager knows
  expired,      // the token
  used,         // the token, by another key
  revoked,      // the certificate or its holder
  bad_request,  // the certificate request
  failed,       // the authority could not sign
};

struct IssueAnswer {
  Issue issue = Issue::granted;
  std::string message;         // why not
  std::string certificate;     // PEM, where granted
  std::vector<Record> writes;  // to be written together before the answer leaves
};

struct Issuer {
  const tmp::Authority& authority;
  std::chrono::seconds life = tmp::kEnrolledLife;
};

/// `found` is the record of enrolment_id(secret), or null. A token is good for one key: who asks again with that key,
/// since the answer was lost, is answered again until the token's end. The caller's next call sees what was written.
[[nodiscard]] IssueAnswer enrol(const Enrolment* found, const tmp::EnrolmentSecret& secret,
                                std::string_view request_pem, const Issuer& issuer, WallTime now);

struct Renewal {
  const tmp::PeerCertificate& present;  // whose holder TLS has proven
  const CertificateRecord* known;       // its record; null where the manager did not issue it
  const tmp::Revocations& revoked;
  std::vector<std::string> hosts = {};  // for managers
};

/// An expired certificate will do where the manager issued it: the manager may have been away for long.
[[nodiscard]] IssueAnswer renew(const Renewal& renewal, std::string_view request_pem, const Issuer& issuer,
                                WallTime now);

// --- Revocation

struct NamedCertificate {
  std::string serial;
  CertificateRecord record;
};

struct RevocationWish {
  tmp::PeerIdentity identity;
  std::string author;
  std::string reason;
};

struct NamedEnrolment {
  std::string id;
  Enrolment record;
};

/// What to write so that `wish.identity` is revoked, with every certificate and every token it has among these: a token
/// from before must not bring it back.
[[nodiscard]] std::vector<Record> revoke(const RevocationWish& wish, std::span<const NamedCertificate> certificates,
                                         std::span<const NamedEnrolment> tokens, WallTime now);
/// What gateways are told.
[[nodiscard]] tmp::Revocations revocations(std::span<const NamedCertificate> certificates,
                                           std::span<const RevocationRecord> identities);
/// Whether nobody needs the record any more.
[[nodiscard]] bool forgettable(const CertificateRecord& record, WallTime now);
[[nodiscard]] bool forgettable(const Enrolment& record, WallTime now);

}  // namespace ringway::manager

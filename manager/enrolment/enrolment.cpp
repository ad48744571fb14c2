#include "manager/enrolment/enrolment.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "manager/record_types.h"
#include "tmp_protocol/certificate_request.h"
#include "tmp_protocol/fingerprint.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

using config::Object;

/// Of the hash, so that the id of a token tells nothing of its secret.
constexpr std::size_t kIdOctets = 8;
constexpr std::size_t kMaxAuthorOctets = 128;
constexpr std::size_t kMaxHexOctets = 64;

Hash secret_hash(const tmp::EnrolmentSecret& secret) { return sha256_of(secret); }

config::Object<tmp::PeerIdentity> identity_part() {
  return Object<tmp::PeerIdentity>("identity")
      .required("role", &tmp::PeerIdentity::role, certificate_role(), "What the holder is.")
      .required("name", &tmp::PeerIdentity::name, config::identifier(), "The holder's name.");
}

IssueAnswer refused(Issue issue, std::string message) { return {issue, std::move(message), {}, {}}; }

/// The certificate for the request's key, and its record.
IssueAnswer issue_certificate(std::string_view request_pem, const Issuer& issuer, const tmp::CertificateGrant& grant,
                              WallTime now) {
  const Result<tmp::IssuedCertificate> issued = tmp::sign_request(issuer.authority, request_pem, grant, now);
  if (!issued) return refused(Issue::failed, issued.error().message);
  const CertificateRecord record = {grant.identity, issued->key_name, to_the_second(now), issued->certificate.expires,
                                    std::nullopt};
  IssueAnswer answer;
  answer.certificate = issued->pem;
  answer.writes.push_back(
      write_record(certificate_record_type(), std::string(kCertificateKind), issued->certificate.serial, record));
  return answer;
}

/// Whether the token lets `key` have a certificate.
IssueAnswer judge(const Enrolment& token, const std::string& key, WallTime now) {
  if (now >= token.expires) {
    return refused(Issue::expired,
                   fmt::format("the enrolment token expired at {}; make another one", format_wall_time(token.expires)));
  }
  if (token.used && token.used_key != key) {
    return refused(Issue::used, "the enrolment token has been used; make another one");
  }
  return {};
}

}  // namespace

config::Type<Enrolment> enrolment_type() {
  return Object<Enrolment>("enrolment token")
      .required("secret_hash", &Enrolment::secret_hash, hash(), "SHA-256 of the secret.")
      .merged(&Enrolment::identity, identity_part())
      .required("created", &Enrolment::created, wall_time(), "When it was made.")
      .required("created_by", &Enrolment::created_by, config::text(kMaxAuthorOctets), "Who made it.")
      .required("expires", &Enrolment::expires, wall_time(), "From when on it is good for nothing.")
      .optional("used", &Enrolment::used, config::maybe(wall_time()), "When it was used.")
      .optional("used_key", &Enrolment::used_key, config::text(kMaxHexOctets), "SHA-256 of the key that used it.");
}

config::Type<CertificateRecord> certificate_record_type() {
  return Object<CertificateRecord>("certificate")
      .merged(&CertificateRecord::identity, identity_part())
      .required("key", &CertificateRecord::key, config::text(kMaxHexOctets), "SHA-256 of its key.")
      .required("issued", &CertificateRecord::issued, wall_time(), "When it was signed.")
      .required("expires", &CertificateRecord::expires, wall_time(), "Its end.")
      .optional("revoked", &CertificateRecord::revoked, config::maybe(wall_time()), "When it was revoked.");
}

config::Type<RevocationRecord> revocation_type() {
  return Object<RevocationRecord>("revocation")
      .merged(&RevocationRecord::identity, identity_part())
      .required("time", &RevocationRecord::time, wall_time(), "When.")
      .required("author", &RevocationRecord::author, config::text(kMaxAuthorOctets), "By whom.")
      .optional("reason", &RevocationRecord::reason, config::text(kMaxReasonOctets), "Why.");
}

std::string enrolment_id(const tmp::EnrolmentSecret& secret) {
  return to_hex(Bytes(secret_hash(secret)).first(kIdOctets));
}

Result<MadeEnrolment> make_enrolment(const EnrolmentWish& wish, const tmp::Digest& authority, WallTime now,
                                     Random& random) {
  if (wish.life <= std::chrono::seconds(0) || wish.life > kMaxEnrolmentLife) {
    return client_error("an enrolment token lives for at most 24 hours, by default for one");
  }
  tmp::EnrolmentToken token;
  random.fill(token.secret);
  token.authority = authority;
  token.identity = wish.identity;
  token.managers = wish.managers;
  Result<std::string> text = tmp::enrolment_text(token);
  if (!text) return text.error();
  const WallTime created = to_the_second(now);
  const Enrolment record = {secret_hash(token.secret), wish.identity, created, wish.author,
                            created + wish.life,       std::nullopt,  {}};
  return MadeEnrolment{std::move(*text),
                       write_record(enrolment_type(), std::string(kEnrolmentKind), enrolment_id(token.secret), record)};
}

IssueAnswer enrol(const Enrolment* found, const tmp::EnrolmentSecret& secret, std::string_view request_pem,
                  const Issuer& issuer, WallTime now) {
  const Hash presented = secret_hash(secret);
  if (found == nullptr || !tmp::same_octets(found->secret_hash, presented)) {
    return refused(Issue::unknown, "this manager does not know the enrolment token");
  }
  const Result<tmp::KeyHandle> key = tmp::requested_key(request_pem);
  if (!key) return refused(Issue::bad_request, key.error().message);
  const std::string key_name = tmp::key_name(**key);
  IssueAnswer verdict = judge(*found, key_name, now);
  if (verdict.issue != Issue::granted) return verdict;
  IssueAnswer answer = issue_certificate(request_pem, issuer, {found->identity, issuer.life, {}}, now);
  if (answer.issue != Issue::granted) return answer;
  Enrolment used = *found;
  if (!used.used) used.used = to_the_second(now);
  used.used_key = key_name;
  answer.writes.push_back(write_record(enrolment_type(), std::string(kEnrolmentKind), enrolment_id(secret), used));
  answer.writes.push_back({std::string(kRevocationKind), tmp::identity_text(found->identity), std::nullopt});
  return answer;
}

IssueAnswer renew(const Renewal& renewal, std::string_view request_pem, const Issuer& issuer, WallTime now) {
  const tmp::PeerCertificate& present = renewal.present;
  if (tmp::is_revoked(renewal.revoked, present) || (renewal.known != nullptr && renewal.known->revoked)) {
    return refused(Issue::revoked, "the certificate is revoked; enrol anew");
  }
  if (renewal.known == nullptr && now > present.expires) {
    return refused(Issue::unknown, "the certificate has expired, and this manager has not issued it; enrol anew");
  }
  if (const auto key = tmp::requested_key(request_pem); !key) return refused(Issue::bad_request, key.error().message);
  return issue_certificate(request_pem, issuer, {present.identity, issuer.life, renewal.hosts}, now);
}

std::vector<Record> revoke(const RevocationWish& wish, std::span<const NamedCertificate> certificates,
                           std::span<const NamedEnrolment> tokens, WallTime now) {
  const RevocationRecord whole = {wish.identity, to_the_second(now), wish.author, wish.reason};
  std::vector<Record> writes = {
      write_record(revocation_type(), std::string(kRevocationKind), tmp::identity_text(wish.identity), whole)};
  for (const NamedCertificate& certificate : certificates) {
    if (certificate.record.identity != wish.identity || certificate.record.revoked) continue;
    CertificateRecord revoked = certificate.record;
    revoked.revoked = to_the_second(now);
    writes.push_back(
        write_record(certificate_record_type(), std::string(kCertificateKind), certificate.serial, revoked));
  }
  for (const NamedEnrolment& token : tokens) {
    if (token.record.identity != wish.identity) continue;
    writes.push_back({std::string(kEnrolmentKind), token.id, std::nullopt});
  }
  return writes;
}

tmp::Revocations revocations(std::span<const NamedCertificate> certificates,
                             std::span<const RevocationRecord> identities) {
  tmp::Revocations all;
  for (const NamedCertificate& certificate : certificates) {
    if (certificate.record.revoked) all.serials.insert(certificate.serial);
  }
  for (const RevocationRecord& revocation : identities) all.identities.insert(revocation.identity);
  return all;
}

bool forgettable(const CertificateRecord& record, WallTime now) {
  return !record.revoked && now > record.expires + kCertificateMemory;
}

bool forgettable(const Enrolment& record, WallTime now) { return now > record.expires + kMaxEnrolmentLife; }

}  // namespace ringway::manager

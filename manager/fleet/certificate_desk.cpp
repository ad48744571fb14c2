#include "manager/fleet/certificate_desk.h"

#include <fmt/format.h>

#include <utility>

#include "manager/access/audit.h"
#include "manager/record_types.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

/// The record as a value; nothing where there is none, or none that can be read.
template <class T>
std::optional<T> find(const Ledger& ledger, const config::Type<T>& type, std::string_view kind,
                      const std::string& name) {
  const std::string* content = ledger.record(kind, name);
  if (content == nullptr) return std::nullopt;
  Result<T> read = read_record(type, {std::string(kind), name, *content});
  if (!read) return std::nullopt;
  return std::move(*read);
}

std::optional<tmp::EnrolmentSecret> parse_secret(std::string_view text) {
  tmp::EnrolmentSecret secret{};
  if (text.size() != 2 * secret.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    secret[i / 2] = static_cast<std::uint8_t>(16U * secret[i / 2] + digit);
  }
  return secret;
}

LogText audit(const AgentPeer& peer, const std::string& action, const IssueAnswer& answer) {
  AuditEntry entry;
  if (peer.certificate) entry.actor = tmp::identity_text(peer.certificate->identity);
  entry.address = peer.remote.text();
  entry.action = action;
  entry.kind = std::string(kCertificateKind);
  for (const Record& record : answer.writes) {
    if (record.kind == kCertificateKind) entry.name = record.name;
  }
  entry.outcome = answer.issue == Issue::granted ? AuditOutcome::done : AuditOutcome::refused;
  entry.detail = answer.message;
  return {std::string(kAuditLog), audit_json(std::move(entry))};
}

constexpr Duration kSweepPause = std::chrono::hours(1);

template <class T>
void add_forgettable(Writing& writing, const Ledger& ledger, const config::Type<T>& type, std::string_view kind,
                     WallTime now) {
  for (const auto& [name, content] : ledger.records(kind)) {
    const auto read = read_record(type, {std::string(kind), name, content});
    if (read && forgettable(*read, now)) writing.records.push_back({std::string(kind), name, std::nullopt});
  }
}

}  // namespace

tmp::Revocations revocations_of(const Ledger& ledger) {
  tmp::Revocations all;
  for (const auto& [name, content] : ledger.records(kRevocationKind)) {
    const auto read = read_record(revocation_type(), {std::string(kRevocationKind), name, content});
    if (read) all.identities.insert(read->identity);
  }
  for (const auto& [serial, content] : ledger.records(kCertificateKind)) {
    // There may be thousands, and of none of them anything else matters here.
    if (content.find("\"revoked\": \"") != std::string::npos) all.serials.insert(serial);
  }
  return all;
}

agent::Welcome welcome_of(const tmp::Revocations& revocations) {
  agent::Welcome welcome;
  welcome.revoked_serials.assign(revocations.serials.begin(), revocations.serials.end());
  for (const tmp::PeerIdentity& identity : revocations.identities) {
    welcome.revoked_identities.push_back(tmp::identity_text(identity));
  }
  return welcome;
}

void CertificateDesk::ask(const AgentPeer& peer, const agent::CertificateRequest& request, Then then) {
  if (authority_ == nullptr) return then({"", "this manager has no authority (`authority: DIR` in its file)"});
  if (peer.certificate && request.secret.empty()) return renew(peer, request, std::move(then));
  if (failures_.wait(peer.remote, loop_.now())) {
    return then({"", "too many wrong tokens came from this address; wait a minute"});
  }
  enrol(peer, request, std::move(then));
}

void CertificateDesk::enrol(const AgentPeer& peer, const agent::CertificateRequest& request, Then then) {
  const std::optional<tmp::EnrolmentSecret> secret = parse_secret(request.secret);
  const auto decide = [this, secret, text = request.request](const Ledger& ledger) -> IssueAnswer {
    if (!secret) return {Issue::unknown, "this is no secret of an enrolment token", {}, {}};
    const auto found = find(ledger, enrolment_type(), kEnrolmentKind, enrolment_id(*secret));
    return manager::enrol(found ? &*found : nullptr, *secret, text, {*authority_}, loop_.clock.wall());
  };
  write(peer, "enrol", decide, std::move(then));
}

void CertificateDesk::renew(const AgentPeer& peer, const agent::CertificateRequest& request, Then then) {
  const auto decide = [this, present = *peer.certificate, text = request.request](const Ledger& ledger) {
    const auto known = find(ledger, certificate_record_type(), kCertificateKind, present.serial);
    const tmp::Revocations revoked = revocations_of(ledger);
    return manager::renew({present, known ? &*known : nullptr, revoked}, text, {*authority_}, loop_.clock.wall());
  };
  write(peer, "renew", decide, std::move(then));
}

/// Refusals of members are for the audit log as well; a stranger's would let anybody fill it.
void CertificateDesk::write(const AgentPeer& peer, const std::string& action, Decide decide, Then then) {
  auto answer = std::make_shared<IssueAnswer>();
  writer_.submit(
      [=](const Ledger& ledger) -> std::variant<Writing, Problem> {
        *answer = decide(ledger);
        Writing writing;
        writing.records = answer->writes;
        if (answer->issue == Issue::granted || peer.certificate) {
          writing.entries.push_back(audit(peer, action, *answer));
        }
        return writing;
      },
      [=, this](const std::optional<Problem>& problem) {
        if (problem) return then({"", problem->detail});
        if (answer->issue == Issue::granted) return then({answer->certificate, ""});
        if (!peer.certificate) failures_.on_failure(peer.remote, loop_.now());
        then({"", answer->message});
      });
}

void CertificateDesk::sweep() {
  if (loop_.now() - swept_ < kSweepPause || writer_.paused()) return;
  swept_ = loop_.now();
  writer_.submit(
      [now = loop_.clock.wall()](const Ledger& ledger) -> std::variant<Writing, Problem> {
        Writing writing;
        add_forgettable(writing, ledger, certificate_record_type(), kCertificateKind, now);
        add_forgettable(writing, ledger, enrolment_type(), kEnrolmentKind, now);
        return writing;
      },
      [](const std::optional<Problem>&) {});
}

}  // namespace ringway::manager

#include "manager/rest/enrolment_api.h"

#include <fmt/format.h>

#include <utility>

#include "base/config_reader.h"
#include "base/limits.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

using config::Object;
using config::Type;

struct TokenWish {
  tmp::PeerIdentity identity;
  Duration life = kDefaultEnrolmentLife;
};

struct Gone {
  tmp::PeerIdentity identity;
  std::string reason;
};

Type<tmp::Role> role_type() { return certificate_role(); }

const Type<TokenWish>& token_wish_type() {
  static const Type<TokenWish> kType = [] {
    return Object<TokenWish>("enrolment")
        .merged(&TokenWish::identity,
                Object<tmp::PeerIdentity>("identity")
                    .required("role", &tmp::PeerIdentity::role, role_type(), "What it will be.")
                    .required("name", &tmp::PeerIdentity::name, config::identifier(), "What its certificate will say."))
        .optional("life", &TokenWish::life, config::duration(std::chrono::minutes(1), kMaxEnrolmentLife),
                  "For how long the token is good.");
  }();
  return kType;
}

const Type<Gone>& gone_type() {
  static const Type<Gone> kType =
      Object<Gone>("revocation")
          .merged(&Gone::identity,
                  Object<tmp::PeerIdentity>("identity")
                      .required("role", &tmp::PeerIdentity::role, role_type(), "What it is.")
                      .required("name", &tmp::PeerIdentity::name, config::identifier(), "What its certificate says."))
          .required("reason", &Gone::reason, config::text(kMaxReasonOctets), "Why, for those who read of it.");
  return kType;
}

template <class T>
std::optional<T> read(const Type<T>& type, std::string_view kind, const std::string& name, const std::string& content) {
  auto record = read_record(type, {std::string(kind), name, content});
  return record ? std::optional(std::move(*record)) : std::nullopt;
}

std::string moment(const std::optional<WallTime>& time) { return time ? wall_time()->json(*time) : "null"; }

std::string identity_members(const tmp::PeerIdentity& identity) {
  return fmt::format(R"("role": "{}", "name": {})", tmp::role_name(identity.role), json_quote(identity.name));
}

std::optional<std::string> enrolment_json(const std::string& id, const std::string& content) {
  const auto record = read(enrolment_type(), kEnrolmentKind, id, content);
  if (!record) return std::nullopt;
  return fmt::format(R"({{"id": {}, {}, "created": {}, "created_by": {}, "expires": {}, "used": {}}})", json_quote(id),
                     identity_members(record->identity), moment(record->created), json_quote(record->created_by),
                     moment(record->expires), moment(record->used));
}

std::optional<std::string> certificate_json(const std::string& serial, const std::string& content) {
  const auto record = read(certificate_record_type(), kCertificateKind, serial, content);
  if (!record) return std::nullopt;
  return fmt::format(R"({{"serial": {}, {}, "issued": {}, "expires": {}, "revoked": {}}})", json_quote(serial),
                     identity_members(record->identity), moment(record->issued), moment(record->expires),
                     moment(record->revoked));
}

std::optional<std::string> revocation_json(const std::string& name, const std::string& content) {
  const auto record = read(revocation_type(), kRevocationKind, name, content);
  if (!record) return std::nullopt;
  return fmt::format(R"({{"id": {}, {}, "time": {}, "author": {}, "reason": {}}})", json_quote(name),
                     identity_members(record->identity), moment(record->time), json_quote(record->author),
                     json_quote(record->reason));
}

/// Removals of tokens that nobody needs any more.
std::vector<Record> forgotten(const RecordMap& tokens, WallTime now) {
  std::vector<Record> gone;
  for (const auto& [id, content] : tokens) {
    const auto record = read(enrolment_type(), kEnrolmentKind, id, content);
    if (record && forgettable(*record, now)) gone.push_back({std::string(kEnrolmentKind), id, std::nullopt});
  }
  return gone;
}

}  // namespace

EnrolmentApi::Result EnrolmentApi::make(const Request& request) const {
  auto body = read_body(token_wish_type(), request.body);
  if (Problem* problem = std::get_if<Problem>(&body)) return std::move(*problem);
  const auto& wanted = std::get<TokenWish>(body);
  const std::optional<tmp::Digest> authority = place_.authority();
  if (!authority) return conflict("this manager has no authority: `authority` in its file names where it is");
  const WallTime now = loop_.clock.wall();
  const EnrolmentWish wish{wanted.identity, std::chrono::duration_cast<std::chrono::seconds>(wanted.life),
                           place_.managers, request.principal.name};
  auto made = make_enrolment(wish, *authority, now, loop_.random);
  if (!made) return invalid({{"", made.error().message, ""}});
  RequestWriter::Outcome outcome;
  outcome.repeat = Repeat::told_once;
  outcome.writing.records = forgotten(ledger_.records(kEnrolmentKind), now);
  if (ledger_.records(kEnrolmentKind).size() - outcome.writing.records.size() >= limits::kMaxEnrolments) {
    return conflict("too many enrolment tokens wait to be used: remove some");
  }
  outcome.reply = json_reply(fmt::format(R"({{"id": {}, "token": {}, {}, "expires": {}}})",
                                         json_quote(made->record.name), json_quote(made->text),
                                         identity_members(wish.identity), moment(to_the_second(now) + wish.life)));
  outcome.reply.status = 201;
  outcome.writing.entries = {audit_text(request, "create", kEnrolmentKind, tmp::identity_text(wish.identity))};
  outcome.writing.records.push_back(std::move(made->record));
  return outcome;
}

EnrolmentApi::Result EnrolmentApi::remove(const Request& request, const std::string& id) const {
  if (ledger_.record(kEnrolmentKind, id) == nullptr) return not_found(fmt::format("there is no enrolment {}", id));
  RequestWriter::Outcome outcome;
  outcome.writing.records = {{std::string(kEnrolmentKind), id, std::nullopt}};
  outcome.writing.entries = {audit_text(request, "remove", kEnrolmentKind, id)};
  outcome.reply = nothing_reply();
  return outcome;
}

EnrolmentApi::Result EnrolmentApi::revoke(const Request& request) const {
  auto body = read_body(gone_type(), request.body);
  if (Problem* problem = std::get_if<Problem>(&body)) return std::move(*problem);
  const auto& gone = std::get<Gone>(body);
  std::vector<NamedCertificate> certificates;
  for (const auto& [serial, content] : ledger_.records(kCertificateKind)) {
    if (auto record = read(certificate_record_type(), kCertificateKind, serial, content)) {
      certificates.push_back({serial, std::move(*record)});
    }
  }
  std::vector<NamedEnrolment> tokens;
  for (const auto& [id, content] : ledger_.records(kEnrolmentKind)) {
    if (auto record = read(enrolment_type(), kEnrolmentKind, id, content)) tokens.push_back({id, std::move(*record)});
  }
  RequestWriter::Outcome outcome;
  outcome.writing.records =
      manager::revoke({gone.identity, request.principal.name, gone.reason}, certificates, tokens, loop_.clock.wall());
  AuditEntry entry;
  entry.action = "revoke";
  entry.kind = std::string(kRevocationKind);
  entry.name = tmp::identity_text(gone.identity);
  entry.detail = gone.reason;
  outcome.writing.entries = {audit_text(request, std::move(entry))};
  outcome.reply =
      json_reply(fmt::format(R"({{"id": {}, {}, "records": {}}})", json_quote(tmp::identity_text(gone.identity)),
                             identity_members(gone.identity), outcome.writing.records.size()));
  outcome.reply.status = 201;
  return outcome;
}

void EnrolmentApi::add_reading(Router& router) {
  const auto reading = [&](std::string_view kind, const char* path, const char* id, const char* summary,
                           std::optional<std::string> (*render)(const std::string&, const std::string&)) {
    router.add({"GET",
                path,
                id,
                summary,
                Need{Action::read, Domain::enrolment},
                {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
                nullptr,
                nullptr,
                [this, kind, render](const Request& request, const PathValues&, const Respond& respond) {
                  give(record_page(request, ledger_.records(kind), render), request, respond);
                }});
  };
  reading(kEnrolmentKind, "/v1/enrolments", "list-enrolments", "List the enrolment tokens, without their secrets.",
          enrolment_json);
  reading(kCertificateKind, "/v1/certificates", "list-certificates", "List the certificates that were given.",
          certificate_json);
  reading(kRevocationKind, "/v1/revocations", "list-revocations", "List the identities that are revoked.",
          revocation_json);
}

void EnrolmentApi::add_to(Router& router) {
  const Need write{Action::write, Domain::enrolment};
  add_reading(router);
  router.add({"POST",
              "/v1/enrolments",
              "make-enrolment",
              "Make a one-time token by which a gateway enrols; told once.",
              write,
              {},
              &token_wish_type()->description,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                writer_.submit(
                    request, [this, request](const Ledger&) { return make(request); }, respond);
              }});
  router.add({"DELETE",
              "/v1/enrolments/{id}",
              "remove-enrolment",
              "Make an enrolment token good for nothing.",
              write,
              {},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                writer_.submit(
                    request, [this, request, id = values[0]](const Ledger&) { return remove(request, id); }, respond);
              }});
  router.add({"POST",
              "/v1/revocations",
              "revoke",
              "Revoke an identity with all its certificates and tokens.",
              write,
              {},
              &gone_type()->description,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                writer_.submit(
                    request, [this, request](const Ledger&) { return revoke(request); }, respond);
              }});
}

}  // namespace ringway::manager

#include "manager/access/authenticator.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "manager/record_types.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::string_view kUnknown = "this manager does not know the token; it may have been revoked";

template <class T>
Status take_record(std::map<std::string, T>& all, const config::Type<T>& type, const Record& record) {
  if (!record.content) {
    all.erase(record.name);
    return {};
  }
  Result<T> read = read_record(type, record);
  if (!read) return read.error();
  all[record.name] = std::move(*read);
  return {};
}

std::string_view token_text(std::string_view authorization) {
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return trim(authorization.substr(kScheme.size()));
}

Principal principal_of(const std::string& id, const ApiToken& token) {
  const bool once = token.use == TokenUse::exchange;
  return {once ? Principal::Kind::one_time : Principal::Kind::token, "token:" + id, token.role, scope_of(token.sites)};
}

std::optional<Record> note_use(const std::string& id, ApiToken& token, WallTime wall) {
  const WallTime day = std::chrono::floor<std::chrono::days>(wall);
  if (token.last_used == day) return std::nullopt;
  token.last_used = day;
  return write_record(api_token_type(), std::string(kApiTokenKind), id, token);
}

}  // namespace

Status Authenticator::take(const Record& record) {
  if (record.kind == kApiTokenKind) return take_record(tokens_, api_token_type(), record);
  if (record.kind == kUserKind) return take_record(users_, user_type(), record);
  return {};
}

std::vector<Record> Authenticator::removals(std::string_view kind,
                                            const std::map<std::string, std::string, std::less<>>& records) const {
  std::vector<Record> gone;
  const auto note = [&](const auto& known) {
    for (const auto& [name, content] : known) {
      if (!records.contains(name)) gone.push_back({std::string(kind), name, std::nullopt});
    }
  };
  kind == kApiTokenKind ? note(tokens_) : note(users_);
  return gone;
}

Authentication Authenticator::refuse(const IpAddress& from, Time now, std::string why) {
  failures_.on_failure(from, now);
  Authentication answer;
  answer.refusal = std::move(why);
  return answer;
}

Authentication Authenticator::by_token(std::string_view authorization, const IpAddress& from, WallTime wall, Time now) {
  Authentication answer;
  answer.wait = failures_.wait(from, now);
  if (answer.wait) return answer;
  const std::optional<PresentedToken> presented = parse_api_token(token_text(authorization));
  if (!presented) return refuse(from, now, "a token is wanted: Authorization: Bearer rw_ID_SECRET");
  // Whether an id is known or its secret is wrong takes the same time and gets the same answer.
  static const Hash kNobody{};
  const auto found = tokens_.find(presented->id);
  const Hash& expected = found == tokens_.end() ? kNobody : found->second.secret_hash;
  const bool same = tmp::same_octets(presented->secret_hash, expected);
  if (found == tokens_.end() || !same) return refuse(from, now, std::string(kUnknown));
  ApiToken& token = found->second;
  if (wall >= token.expires) {
    return refuse(from, now, fmt::format("the token expired at {}", format_wall_time(token.expires)));
  }
  answer.principal = principal_of(found->first, token);
  answer.last_used = note_use(found->first, token, wall);
  return answer;
}

std::string Authenticator::fault_of(const tmp::PeerCertificate& certificate, WallTime wall) const {
  if (tmp::is_revoked(trust_, certificate)) return "the certificate is revoked";
  const tmp::PeerIdentity& identity = certificate.identity;
  if (identity.role != tmp::Role::user) return {};  // a gateway comes to have an expired one renewed
  if (wall > certificate.expires) {
    return fmt::format("the certificate expired at {}", format_wall_time(certificate.expires));
  }
  return users_.contains(identity.name) ? "" : fmt::format("there is no user '{}'", identity.name);
}

Authentication Authenticator::by_certificate(const tmp::PeerCertificate& certificate, const IpAddress& from,
                                             WallTime wall, Time now) {
  Authentication answer;
  answer.wait = failures_.wait(from, now);
  if (answer.wait) return answer;
  if (std::string fault = fault_of(certificate, wall); !fault.empty()) return refuse(from, now, std::move(fault));
  const tmp::PeerIdentity& identity = certificate.identity;
  Principal principal;
  principal.name = tmp::identity_text(identity);
  if (identity.role == tmp::Role::user) {
    const User& user = users_.at(identity.name);
    principal.kind = Principal::Kind::user;
    principal.role = user.role;
    principal.scope = scope_of(user.sites);
  } else if (identity.role == tmp::Role::manager) {
    principal.kind = Principal::Kind::manager;
  }
  answer.principal = std::move(principal);
  return answer;
}

bool Authenticator::still_knows(const Principal& principal, WallTime wall) const {
  const std::string name = principal.name.substr(principal.name.find(':') + 1);
  if (principal.kind != Principal::Kind::token) return users_.contains(name);
  const auto found = tokens_.find(name);
  return found != tokens_.end() && wall < found->second.expires;
}

}  // namespace ringway::manager

#include "manager/rest/access_api.h"

#include <fmt/format.h>

#include <utility>

#include "base/config_reader.h"
#include "base/limits.h"
#include "base/text.h"
#include "manager/record_types.h"

namespace ringway::manager {

namespace {

using config::Object;
using config::Type;

constexpr Duration kDefaultLife = std::chrono::hours(24 * 90);

/// What is asked for.
struct Wish {
  AccessRole role = AccessRole::reader;
  std::vector<std::string> sites;
  std::string description;
  Duration life = kDefaultLife;
};

const Type<Wish>& wish_type() {
  static const Type<Wish> kType =
      Object<Wish>("token")
          .required("role", &Wish::role, access_role(), "What its holder may do.")
          .optional("sites", &Wish::sites, config::list(config::identifier(), 0, kMaxScopeSites),
                    "The sites that it is bound to; none: no site in particular.")
          .optional("description", &Wish::description, config::text(kMaxDescriptionOctets), "What it is for.")
          .optional("life", &Wish::life, config::duration(std::chrono::minutes(1), kMaxTokenLife),
                    "For how long it is good.");
  return kType;
}

std::variant<ApiTokenWish, Problem> read_wish(const Request& request) {
  auto read = read_body(wish_type(), request.body);
  if (Problem* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  auto& wish = std::get<Wish>(read);
  ApiTokenWish wanted;
  wanted.role = wish.role;
  if (!wish.sites.empty()) wanted.sites = std::move(wish.sites);
  wanted.description = std::move(wish.description);
  wanted.life = std::chrono::duration_cast<std::chrono::seconds>(wish.life);
  wanted.author = request.principal.name;
  return wanted;
}

/// All but its secret.
std::optional<std::string> shown_token(const std::string& id, const std::string& content) {
  static const Type<ApiToken> kType = shown_api_token_type();
  const auto token = read_record(api_token_type(), {std::string(kApiTokenKind), id, content});
  if (!token) return std::nullopt;
  return with_id(id, kType->json(*token));
}

std::optional<std::string> shown_user(const std::string& name, const std::string& content) {
  return with_id(name, content);
}

bool is_identifier(const std::string& name) {
  config::TreeNode node;
  node.kind = config::TreeNode::Kind::scalar;
  node.scalar = name;
  config::Report report("name", name);
  config::Context context{report, {}, false};
  std::string out;
  return config::identifier()->read(context, node, out);
}

/// For the router, which holds descriptions by reference.
const config::Description& user_description() {
  static const Type<User> kType = user_type();
  return kType->description;
}

constexpr std::pair<const char*, Domain> kDomains[] = {{"sites", Domain::sites},
                                                       {"overlay", Domain::overlay},
                                                       {"enrolment", Domain::enrolment},
                                                       {"access", Domain::access},
                                                       {"audit", Domain::audit}};
constexpr std::pair<const char*, Action> kActions[] = {
    {"read", Action::read}, {"write", Action::write}, {"operate", Action::operate}};

std::string role_json(AccessRole role) {
  const std::string site[] = {"its own"};
  Principal holder{Principal::Kind::token, "", role, std::nullopt};
  if (role == AccessRole::site) holder.scope = {site[0]};
  std::string domains;
  for (const auto& [domain_name, domain] : kDomains) {
    std::string actions;
    for (const auto& [action_name, action] : kActions) {
      if (authorise(holder, action, {domain, site}) != Verdict::allowed) continue;
      actions += fmt::format("{}\"{}\"", actions.empty() ? "" : ", ", action_name);
    }
    domains += fmt::format("{}\"{}\": [{}]", domains.empty() ? "" : ", ", domain_name, actions);
  }
  return fmt::format(R"({{"name": "{}", "may": {{{}}}}})", access_role_name(role), domains);
}

Reply roles_reply() {
  std::string items;
  for (const AccessRole role : kAccessRoles) items += (items.empty() ? "" : ",\n") + role_json(role);
  return json_reply(fmt::format(R"({{"items": [{}]}})", items));
}

std::optional<std::string> etag_of(const std::string* content) {
  return content == nullptr ? std::nullopt : std::optional(content_etag(*content));
}

Problem no_such_user(const std::string& name) { return not_found(fmt::format("there is no user \"{}\"", name)); }

Reply user_reply(const std::string& name, const std::string& content) {
  Reply reply = json_reply(with_id(name, content));
  reply.fields.emplace_back("etag", content_etag(content));
  return reply;
}

}  // namespace

AccessApi::Result AccessApi::told(const Request& request, MadeApiToken made) const {
  const std::string id = made.writes.front().name;
  if (ledger_.records(kApiTokenKind).size() >= limits::kMaxApiTokens) return conflict("there are too many tokens");
  RequestWriter::Outcome outcome;
  outcome.repeat = Repeat::told_once;
  outcome.writing.records = std::move(made.writes);
  outcome.writing.entries = {audit_text(request, "create", kApiTokenKind, id)};
  outcome.reply = json_reply(fmt::format(R"({{"id": {}, "token": {}}})", json_quote(id), json_quote(made.text)));
  outcome.reply.status = 201;
  return outcome;
}

AccessApi::Result AccessApi::make(const Request& request, const std::string& /*none*/) const {
  auto wish = read_wish(request);
  if (Problem* problem = std::get_if<Problem>(&wish)) return std::move(*problem);
  auto made = make_api_token(std::get<ApiTokenWish>(wish), loop_.clock.wall(), loop_.random);
  if (!made) return invalid({{"", made.error().message, ""}});
  return told(request, std::move(*made));
}

AccessApi::Result AccessApi::exchange(const Request& request, const std::string& /*none*/) const {
  auto wish = read_wish(request);
  if (Problem* problem = std::get_if<Problem>(&wish)) return std::move(*problem);
  const std::string id = request.principal.name.substr(request.principal.name.find(':') + 1);
  // Another exchange may have been before this one in the queue.
  if (ledger_.record(kApiTokenKind, id) == nullptr) return conflict("the token was exchanged before");
  auto made = exchange_token(id, std::get<ApiTokenWish>(wish), loop_.clock.wall(), loop_.random);
  if (!made) return invalid({{"", made.error().message, ""}});
  return told(request, std::move(*made));
}

AccessApi::Result AccessApi::remove(const Request& request, const std::string& id) const {
  if (ledger_.record(kApiTokenKind, id) == nullptr) return not_found(fmt::format("there is no token {}", id));
  RequestWriter::Outcome outcome;
  outcome.writing.records = {{std::string(kApiTokenKind), id, std::nullopt}};
  outcome.writing.entries = {audit_text(request, "remove", kApiTokenKind, id)};
  outcome.reply = nothing_reply();
  return outcome;
}

Answer AccessApi::get_user(const std::string& name) const {
  const std::string* content = ledger_.record(kUserKind, name);
  if (content == nullptr) return no_such_user(name);
  return user_reply(name, *content);
}

AccessApi::Result AccessApi::put_user(const Request& request, const std::string& name) const {
  auto read = read_body(user_type(), request.body);
  if (Problem* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  if (!is_identifier(name)) return invalid({{"", fmt::format("\"{}\" is no name", name), "letters, digits, - _ ."}});
  const std::string* before = ledger_.record(kUserKind, name);
  if (std::optional<Problem> problem = precondition(request, etag_of(before))) return std::move(*problem);
  if (before == nullptr && ledger_.records(kUserKind).size() >= limits::kMaxUsers) {
    return conflict("there are too many users");
  }
  const Record record = write_record(user_type(), std::string(kUserKind), name, std::get<User>(read));
  RequestWriter::Outcome outcome;
  outcome.writing.records = {record};
  outcome.writing.entries = {audit_text(request, before == nullptr ? "create" : "change", kUserKind, name)};
  outcome.reply = user_reply(name, *record.content);
  outcome.reply.status = before == nullptr ? 201 : 200;
  return outcome;
}

AccessApi::Result AccessApi::remove_user(const Request& request, const std::string& name) const {
  const std::string* before = ledger_.record(kUserKind, name);
  if (before == nullptr) return no_such_user(name);
  if (std::optional<Problem> problem = precondition(request, etag_of(before))) return std::move(*problem);
  RequestWriter::Outcome outcome;
  outcome.writing.records = {{std::string(kUserKind), name, std::nullopt}};
  outcome.writing.entries = {audit_text(request, "remove", kUserKind, name)};
  outcome.reply = nothing_reply();
  return outcome;
}

std::function<void(const Request&, const PathValues&, Respond)> AccessApi::writing(Prepare prepare) {
  return [this, prepare](const Request& request, const PathValues& values, const Respond& respond) {
    const std::string name = values.empty() ? "" : values[0];
    writer_.submit(
        request, [this, prepare, request, name](const Ledger&) { return (this->*prepare)(request, name); }, respond);
  };
}

void AccessApi::add_to(Router& router) {
  add_tokens(router);
  add_users(router);
  router.add({"GET",
              "/v1/roles",
              "list-roles",
              "What each role may do.",
              Need{Action::read, Domain::sites, Caller::known},
              {},
              nullptr,
              nullptr,
              [](const Request&, const PathValues&, const Respond& respond) { respond(roles_reply()); }});
}

void AccessApi::add_tokens(Router& router) {
  const Need write{Action::write, Domain::access};
  const config::Description* const body = &wish_type()->description;
  router.add({"GET",
              "/v1/tokens",
              "list-tokens",
              "List the API tokens, without their secrets.",
              Need{Action::read, Domain::access},
              {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                give(record_page(request, ledger_.records(kApiTokenKind), shown_token), request, respond);
              }});
  router.add({"POST",
              "/v1/tokens",
              "make-token",
              "Make an API token; it is told once.",
              write,
              {},
              body,
              nullptr,
              writing(&AccessApi::make)});
  router.add({"POST",
              "/v1/tokens/exchange",
              "exchange-token",
              "Exchange the one-time token for a lasting one.",
              Need{Action::exchange, Domain::access},
              {},
              body,
              nullptr,
              writing(&AccessApi::exchange)});
  router.add({"DELETE",
              "/v1/tokens/{id}",
              "remove-token",
              "Make an API token good for nothing.",
              write,
              {},
              nullptr,
              nullptr,
              writing(&AccessApi::remove)});
}

void AccessApi::add_users(Router& router) {
  const Need read{Action::read, Domain::access};
  const Need write{Action::write, Domain::access};
  const config::Description* const body = &user_description();
  router.add({"GET",
              "/v1/users",
              "list-users",
              "List the people who are known by a certificate.",
              read,
              {{"limit", "At most so many."}, {"cursor", "`next` of the page before."}},
              nullptr,
              nullptr,
              [this](const Request& request, const PathValues&, const Respond& respond) {
                give(record_page(request, ledger_.records(kUserKind), shown_user), request, respond);
              }});
  router.add({"GET",
              "/v1/users/{name}",
              "get-user",
              "Read one user.",
              read,
              {},
              nullptr,
              body,
              [this](const Request& request, const PathValues& values, const Respond& respond) {
                give(get_user(values[0]), request, respond);
              }});
  router.add({"PUT",
              "/v1/users/{name}",
              "put-user",
              "Make or replace a user.",
              write,
              {},
              body,
              body,
              writing(&AccessApi::put_user)});
  router.add({"DELETE",
              "/v1/users/{name}",
              "delete-user",
              "Remove a user.",
              write,
              {},
              nullptr,
              nullptr,
              writing(&AccessApi::remove_user)});
}

}  // namespace ringway::manager

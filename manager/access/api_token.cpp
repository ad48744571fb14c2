#include "manager/access/api_token.h"

#include <algorithm>
#include <array>

#include "manager/record_types.h"

namespace ringway::manager {

namespace {

using config::Object;

constexpr std::string_view kPrefix = "rw_";
constexpr std::size_t kTextOctets = kPrefix.size() + 2 * kTokenIdOctets + 1 + 2 * kTokenSecretOctets;
constexpr std::size_t kMaxAuthorOctets = 128;

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

config::Type<std::optional<std::vector<std::string>>> scope_type() {
  return config::maybe(config::list(config::identifier(), 1, kMaxScopeSites));
}

struct Fresh {
  std::string id;
  std::string text;
  Hash secret_hash{};
};

/// The hash is of the secret's text: nothing but it is ever presented.
Fresh fresh_token(Random& random) {
  std::array<std::uint8_t, kTokenIdOctets> id;
  std::array<std::uint8_t, kTokenSecretOctets> secret;
  random.fill(id);
  random.fill(secret);
  Fresh fresh;
  fresh.id = to_hex(id);
  const std::string secret_text = to_hex(secret);
  fresh.text = std::string(kPrefix) + fresh.id + "_" + secret_text;
  fresh.secret_hash = sha256_of(as_bytes(secret_text));
  return fresh;
}

std::string fault_of(const ApiTokenWish& wish) {
  if (wish.life <= std::chrono::seconds(0) || wish.life > kMaxTokenLife) {
    return "a token needs an end, at most a year from now";
  }
  if (wish.role == AccessRole::site && !wish.sites) return "a token of role site names its sites";
  if (wish.sites && (wish.sites->empty() || wish.sites->size() > kMaxScopeSites)) {
    return "a token that is bound to sites names 1 to 256 of them";
  }
  return {};
}

Record token_record(const std::string& id, const ApiToken& token) {
  return write_record(api_token_type(), std::string(kApiTokenKind), id, token);
}

}  // namespace

config::Type<AccessRole> access_role() {
  std::vector<std::pair<std::string, AccessRole>> words;
  for (const AccessRole role : kAccessRoles) words.emplace_back(access_role_name(role), role);
  return config::choice<AccessRole>(std::move(words));
}

namespace {

Object<ApiToken> with_the_rest(Object<ApiToken> object) {
  return std::move(object)
      .optional("use", &ApiToken::use,
                config::choice<TokenUse>({{"any", TokenUse::any}, {"exchange", TokenUse::exchange}}),
                "exchange: once, for another token.")
      .required("role", &ApiToken::role, access_role(), "What its holder may do.")
      .optional("sites", &ApiToken::sites, scope_type(), "Sites that it is bound to; none: no site in particular.")
      .optional("description", &ApiToken::description, config::text(kMaxDescriptionOctets), "What it is for.")
      .required("created", &ApiToken::created, wall_time(), "When it was made.")
      .required("created_by", &ApiToken::created_by, config::text(kMaxAuthorOctets), "Who made it.")
      .required("expires", &ApiToken::expires, wall_time(), "From when on it is good for nothing.")
      .optional("last_used", &ApiToken::last_used, config::maybe(wall_time()), "The day of its last use.");
}

}  // namespace

config::Type<ApiToken> api_token_type() {
  return with_the_rest(
      Object<ApiToken>("API token").required("secret_hash", &ApiToken::secret_hash, hash(), "SHA-256 of the secret."));
}

config::Type<ApiToken> shown_api_token_type() { return with_the_rest(Object<ApiToken>("API token as shown")); }

config::Type<User> user_type() {
  return Object<User>("user")
      .required("role", &User::role, access_role(), "What the user may do.")
      .optional("sites", &User::sites, scope_type(), "Sites that the user is bound to; none: no site in particular.")
      .optional("description", &User::description, config::text(kMaxDescriptionOctets), "Who it is.")
      .check([](const User& user, config::Checker& checker) {
        if (user.role == AccessRole::site && !user.sites) {
          checker.error({"role"}, "a user of role site names its sites");
        }
      });
}

Result<MadeApiToken> make_api_token(const ApiTokenWish& wish, WallTime now, Random& random) {
  const std::string fault = fault_of(wish);
  if (!fault.empty()) return client_error(fault);
  const Fresh fresh = fresh_token(random);
  ApiToken token;
  token.secret_hash = fresh.secret_hash;
  token.role = wish.role;
  token.sites = wish.sites;
  token.description = wish.description;
  token.created = to_the_second(now);
  token.created_by = wish.author;
  token.expires = token.created + wish.life;
  return MadeApiToken{fresh.text, {token_record(fresh.id, token)}};
}

MadeApiToken make_one_time_token(WallTime now, Random& random) {
  const Fresh fresh = fresh_token(random);
  ApiToken token;
  token.secret_hash = fresh.secret_hash;
  token.use = TokenUse::exchange;
  token.role = AccessRole::owner;
  token.description = "one-time token of the first start";
  token.created = to_the_second(now);
  token.created_by = "manager";
  token.expires = token.created + kOneTimeTokenLife;
  return {fresh.text, {token_record(fresh.id, token)}};
}

Result<MadeApiToken> exchange_token(const std::string& id, const ApiTokenWish& wish, WallTime now, Random& random) {
  Result<MadeApiToken> made = make_api_token(wish, now, random);
  if (made) made->writes.push_back({std::string(kApiTokenKind), id, std::nullopt});
  return made;
}

std::optional<PresentedToken> parse_api_token(std::string_view text) {
  if (text.size() != kTextOctets || !text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const std::string_view id = text.substr(0, 2 * kTokenIdOctets);
  const std::string_view secret = text.substr(id.size() + 1);
  if (text[id.size()] != '_' || !is_hex(id) || !is_hex(secret)) return std::nullopt;
  return PresentedToken{std::string(id), sha256_of(as_bytes(secret))};
}

Scope scope_of(const std::optional<std::vector<std::string>>& sites) {
  if (!sites) return std::nullopt;
  return std::set<std::string>(sites->begin(), sites->end());
}

}  // namespace ringway::manager

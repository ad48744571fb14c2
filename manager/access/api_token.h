#pragma once
// What people and programs show the REST interface: API tokens and users. A token is `rw_ID_SECRET`, both lower-case
// hexadecimal; of its secret, 192 bits, a hash is kept. Records: "api_tokens" by id, "users" by name.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_type.h"
#include "base/random.h"
#include "base/result.h"
#include "manager/access/permissions.h"
#include "manager/store/store.h"

namespace ringway::manager {

inline constexpr std::string_view kApiTokenKind = "api_tokens";
inline constexpr std::string_view kUserKind = "users";

inline constexpr std::size_t kTokenIdOctets = 6;
inline constexpr std::size_t kTokenSecretOctets = 24;
inline constexpr std::chrono::seconds kMaxTokenLife = std::chrono::hours(24 * 365);
inline constexpr std::chrono::seconds kOneTimeTokenLife = std::chrono::hours(24);
inline constexpr std::size_t kMaxScopeSites = 256;
inline constexpr std::size_t kMaxDescriptionOctets = 256;

enum class TokenUse : std::uint8_t {
  any,
  exchange,  // once, for a token of any use
};

/// What is kept of a token.
struct ApiToken {
  Hash secret_hash{};
  TokenUse use = TokenUse::any;
  AccessRole role = AccessRole::reader;
  std::optional<std::vector<std::string>> sites;  // its scope; nothing: none
  std::string description;
  WallTime created;
  std::string created_by;
  WallTime expires;
  std::optional<WallTime> last_used;  // the day
  friend bool operator==(const ApiToken&, const ApiToken&) = default;
};

/// A person known by the certificate ringway:user:NAME.
struct User {
  AccessRole role = AccessRole::reader;
  std::optional<std::vector<std::string>> sites;
  std::string description;
  friend bool operator==(const User&, const User&) = default;
};

[[nodiscard]] config::Type<AccessRole> access_role();
[[nodiscard]] config::Type<ApiToken> api_token_type();
/// As people see it: without the secret's hash.
[[nodiscard]] config::Type<ApiToken> shown_api_token_type();
[[nodiscard]] config::Type<User> user_type();

struct ApiTokenWish {
  AccessRole role = AccessRole::reader;
  std::optional<std::vector<std::string>> sites;
  std::string description;
  std::chrono::seconds life{0};  // above 0, at most kMaxTokenLife
  std::string author;
};

struct MadeApiToken {
  std::string text;            // shown once
  std::vector<Record> writes;  // to be written together before it is shown
};

[[nodiscard]] Result<MadeApiToken> make_api_token(const ApiTokenWish& wish, WallTime now, Random& random);
/// The first start's: an owner's, for one exchange within kOneTimeTokenLife.
[[nodiscard]] MadeApiToken make_one_time_token(WallTime now, Random& random);
/// `id` names a token for one exchange, whose holder has been authenticated: the new one takes its place.
[[nodiscard]] Result<MadeApiToken> exchange_token(const std::string& id, const ApiTokenWish& wish, WallTime now,
                                                  Random& random);

struct PresentedToken {
  std::string id;
  Hash secret_hash{};
};

/// Nothing where `text` has not the form of a token.
[[nodiscard]] std::optional<PresentedToken> parse_api_token(std::string_view text);
[[nodiscard]] Scope scope_of(const std::optional<std::vector<std::string>>& sites);

}  // namespace ringway::manager

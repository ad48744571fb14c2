#pragma once
// Who may do what. Resources are of a domain, which their kind says; roles are rows of one table; a scope narrows a
// role to some sites. A new kind of resource names its domain, and nothing here changes.

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace ringway::manager {

enum class AccessRole : std::uint8_t {
  owner,      // everything, and who else may
  operator_,  // runs the overlay
  site,       // an owner of sites: those of its scope
  reader,     // looks
};
inline constexpr AccessRole kAccessRoles[] = {AccessRole::owner, AccessRole::operator_, AccessRole::site,
                                              AccessRole::reader};

/// What a resource belongs to.
enum class Domain : std::uint8_t {
  sites,      // what sites' owners set: sites, and what is said of them
  overlay,    // pops, gateways, assignments, links, rollouts, revisions, events
  enrolment,  // enrolment tokens, certificates, revocations
  access,     // users, API tokens
  audit,      // what was done by whom
};

enum class Action : std::uint8_t {
  read,
  write,     // make, change, remove
  operate,   // what changes nothing that should be: drain, close a link, roll back, purge
  exchange,  // a one-time token for a lasting one: what nobody else may, and who has one may nothing else
};

/// Sites that a principal is bound to; nothing: it is bound to none.
using Scope = std::optional<std::set<std::string>>;

struct Principal {
  enum class Kind : std::uint8_t {
    token,     // an API token
    one_time,  // the first start's token: it can be exchanged for another one, and nothing else
    user,      // by a certificate
    gateway,   // by its certificate: its agent's business alone
    manager,   // another manager: as a gateway
  };
  Kind kind = Kind::gateway;
  std::string name;  // for the audit log: "token:3f…", "user:ada", "frontend:pop-1"
  AccessRole role = AccessRole::reader;
  Scope scope;
};

struct Target {
  Domain domain = Domain::overlay;
  std::span<const std::string> sites = {};  // that it concerns, where the domain is sites
};

enum class Verdict : std::uint8_t {
  allowed,
  forbidden,  // 403
  hidden,     // 404: the principal is not to know whether it exists
};

/// Of a change that takes a resource from some sites to others, both must be allowed.
[[nodiscard]] Verdict authorise(const Principal& principal, Action action, const Target& target);

[[nodiscard]] std::string_view access_role_name(AccessRole role);

}  // namespace ringway::manager

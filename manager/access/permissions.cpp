#include "manager/access/permissions.h"

#include <algorithm>

namespace ringway::manager {

namespace {

constexpr unsigned bit(Action action) { return 1U << static_cast<unsigned>(action); }

constexpr unsigned kNone = 0;
constexpr unsigned kRead = bit(Action::read);
constexpr unsigned kAll = bit(Action::read) | bit(Action::write) | bit(Action::operate);

// What each role may, without a scope. Nobody writes the audit log: it is written.
//
//                                 sites  overlay enrolment access audit
constexpr unsigned kAllowed[4][5] = {{kAll, kAll, kAll, kAll, kRead},       // owner
                                     {kAll, kAll, kAll, kRead, kRead},      // operator
                                     {kAll, kNone, kNone, kNone, kNone},    // site
                                     {kRead, kRead, kNone, kNone, kNone}};  // reader

bool within(const Scope& scope, std::span<const std::string> sites) {
  return !sites.empty() &&
         std::all_of(sites.begin(), sites.end(), [&scope](const std::string& site) { return scope->contains(site); });
}

}  // namespace

Verdict authorise(const Principal& principal, Action action, const Target& target) {
  if (principal.kind == Principal::Kind::one_time) {
    return action == Action::exchange ? Verdict::allowed : Verdict::forbidden;
  }
  if (principal.kind != Principal::Kind::token && principal.kind != Principal::Kind::user) return Verdict::forbidden;
  const unsigned allowed = kAllowed[static_cast<std::size_t>(principal.role)][static_cast<std::size_t>(target.domain)];
  if (!principal.scope) {
    // An owner of sites is one of some sites.
    if (principal.role == AccessRole::site) return Verdict::forbidden;
    return (allowed & bit(action)) != 0 ? Verdict::allowed : Verdict::forbidden;
  }
  if (target.domain != Domain::sites) return Verdict::forbidden;
  if (!within(principal.scope, target.sites)) return Verdict::hidden;
  return (allowed & bit(action)) != 0 ? Verdict::allowed : Verdict::forbidden;
}

std::string_view access_role_name(AccessRole role) {
  switch (role) {
    case AccessRole::owner: return "owner";
    case AccessRole::operator_: return "operator";
    case AccessRole::site: return "site";
    case AccessRole::reader: return "reader";
  }
  return "reader";
}

}  // namespace ringway::manager

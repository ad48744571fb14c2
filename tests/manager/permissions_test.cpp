#include "manager/access/permissions.h"

#include <gtest/gtest.h>

#include <vector>

namespace ringway::manager {
namespace {

constexpr Domain kDomains[] = {Domain::sites, Domain::overlay, Domain::enrolment, Domain::access, Domain::audit};
constexpr Action kActions[] = {Action::read, Action::write, Action::operate};

Principal principal(AccessRole role, Scope scope = std::nullopt) {
  return {Principal::Kind::token, "token:1", role, std::move(scope)};
}

/// What is allowed, in words: of each domain the first letters of the actions.
std::string row(const Principal& who, const std::vector<std::string>& sites) {
  std::string text;
  for (const Domain domain : kDomains) {
    for (const Action action : kActions) {
      const bool allowed = authorise(who, action, {domain, sites}) == Verdict::allowed;
      text += allowed ? "rwo"[static_cast<int>(action)] : '-';
    }
    text += domain == Domain::audit ? "" : " ";
  }
  return text;
}

// In this order: sites, overlay, enrolment, access, audit.
TEST(Permissions, EveryRoleInEveryDomain) {
  EXPECT_EQ(row(principal(AccessRole::owner), {"shop"}), "rwo rwo rwo rwo r--");
  EXPECT_EQ(row(principal(AccessRole::operator_), {"shop"}), "rwo rwo rwo r-- r--");
  EXPECT_EQ(row(principal(AccessRole::site), {"shop"}), "--- --- --- --- ---");
  EXPECT_EQ(row(principal(AccessRole::reader), {"shop"}), "r-- r-- --- --- ---");
}

TEST(Permissions, AScopeLeavesItsSitesAlone) {
  const Scope shop = std::set<std::string>{"shop", "blog"};
  EXPECT_EQ(row(principal(AccessRole::owner, shop), {"shop"}), "rwo --- --- --- ---");
  EXPECT_EQ(row(principal(AccessRole::operator_, shop), {"shop"}), "rwo --- --- --- ---");
  EXPECT_EQ(row(principal(AccessRole::site, shop), {"shop"}), "rwo --- --- --- ---");
  EXPECT_EQ(row(principal(AccessRole::reader, shop), {"shop"}), "r-- --- --- --- ---");
}

/// What each role may, said in another way than the table's.
bool role_allows(AccessRole role, Domain domain, Action action) {
  const bool looks = action == Action::read;
  switch (role) {
    case AccessRole::owner: return domain != Domain::audit || looks;
    case AccessRole::operator_: return (domain != Domain::audit && domain != Domain::access) || looks;
    case AccessRole::site: return domain == Domain::sites;
    case AccessRole::reader: return looks && (domain == Domain::sites || domain == Domain::overlay);
  }
  return false;
}

Verdict expected(const Principal& who, Action action, Domain domain, const std::vector<std::string>& sites) {
  const bool by_role = role_allows(who.role, domain, action);
  if (!who.scope) return by_role && who.role != AccessRole::site ? Verdict::allowed : Verdict::forbidden;
  if (domain != Domain::sites) return Verdict::forbidden;
  std::size_t inside = 0;
  for (const std::string& site : sites) inside += who.scope->count(site);
  if (inside == 0 || inside < sites.size()) return Verdict::hidden;
  return by_role ? Verdict::allowed : Verdict::forbidden;
}

void expect_row(const Principal& who, const std::vector<std::string>& sites) {
  for (const Domain domain : kDomains) {
    for (const Action action : kActions) {
      EXPECT_EQ(authorise(who, action, {domain, sites}), expected(who, action, domain, sites))
          << access_role_name(who.role) << " " << static_cast<int>(domain) << " " << static_cast<int>(action);
    }
  }
}

TEST(Permissions, EveryRoleScopeDomainActionAndSetOfSites) {
  using Sites = std::set<std::string>;
  for (const AccessRole role : kAccessRoles) {
    for (const Scope& scope : {Scope(), Scope(Sites{}), Scope(Sites{"a"}), Scope(Sites{"a", "b"})}) {
      for (const std::vector<std::string>& sites :
           std::vector<std::vector<std::string>>{{}, {"a"}, {"b"}, {"a", "b"}, {"a", "c"}, {"c"}}) {
        expect_row(principal(role, scope), sites);
      }
    }
  }
}

TEST(Permissions, OthersThanTokensAndUsersMayNothing) {
  for (const auto kind : {Principal::Kind::one_time, Principal::Kind::gateway, Principal::Kind::manager}) {
    Principal who = principal(AccessRole::owner);
    who.kind = kind;
    EXPECT_EQ(row(who, {"shop"}), "--- --- --- --- ---");
  }
  Principal user = principal(AccessRole::owner);
  user.kind = Principal::Kind::user;
  EXPECT_EQ(row(user, {"shop"}), "rwo rwo rwo rwo r--");
}

}  // namespace
}  // namespace ringway::manager

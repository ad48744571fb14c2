#pragma once
// From a revision and an assignment to what each gateway is told. Pure.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/content.h"
#include "manager/resources/snapshot.h"

namespace ringway::manager {

/// Who serves one site, and by which way.
struct SiteRoutes {
  /// Front-ends that have the site, each with the back-ends that it sends to, best first.
  std::map<std::string, std::vector<std::string>> frontends;
  /// Back-ends that have the site: more than are sent to while routes change (make before break).
  std::vector<std::string> backends;
  friend bool operator==(const SiteRoutes&, const SiteRoutes&) = default;
};
using Routes = std::map<std::string, SiteRoutes>;  // by site

/// By site: origins that get nothing new, by bare_origin() of their names. Where they are all that a site has, none
/// counts.
using DrainedOrigins = std::map<std::string, std::set<std::string>>;
/// An origin's name without "https://".
[[nodiscard]] std::string_view bare_origin(std::string_view name);

struct GatewayContents {
  std::map<std::string, agent::Sections> frontends;
  std::map<std::string, agent::Sections> backends;
  std::map<std::string, agent::Sections> redirectors;
};

/// For every gateway and redirector of the snapshot; each redirector has all zones. Sites of `routes` that are not in
/// it are passed over, and so are gateways; a site without a front-end that reaches a back-end is nowhere.
GatewayContents compile(const Snapshot& snapshot, const Routes& routes, const DrainedOrigins& drained = {});

}  // namespace ringway::manager

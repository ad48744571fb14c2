#pragma once
// What a steering plan is drawn from: a copy of what lives, so that the drawing needs nothing of the manager's loop.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "manager/fleet/fleet.h"
#include "manager/resources/kinds.h"
#include "redirector_dns/steering/atlas.h"
#include "redirector_dns/steering/plan.h"

namespace ringway::manager {

/// One site at one gateway that may serve it: it has a seat, and the site in its configuration in use.
struct SeatedGateway {
  std::string name;
  std::vector<std::string> backends;  // front-ends: where to
  /// What a front-end selects by TLS at the site's port, for all of its hosts; none: nobody knows.
  std::optional<std::vector<std::string>> alpn;
};

struct SeatedSite {
  std::string name;
  std::vector<SeatedGateway> frontends;  // by name
  std::vector<SeatedGateway> backends;
};

struct LinkFacts {
  std::string backend;
  double rtt_ms = 0;
  double loss = 0;  // the worse direction
};

/// What a database knows of where clients are (redirector_dns/geography/geography_file.h).
using SharedGeography = std::shared_ptr<const std::vector<dns::steering::ClientPlan>>;

struct SteeringPlan;
using SharedSteeringPlan = std::shared_ptr<const SteeringPlan>;

struct SteeringFacts {
  std::uint64_t epoch = 0;  // of the manager that leads: another one's drawing goes on from `last`
  Time now{};
  Snapshot head;
  std::vector<SeatedSite> sites;  // by name
  std::size_t awaited = 0;        // front-ends that are not heard yet, and seats that are not in use
  std::map<std::string, std::vector<LinkFacts>> links;  // that are up, by front-end
  ClientTable clients{0};
  std::vector<IpAddress> resolvers;  // that are slotted
  SharedGeography geography;         // null: none
  dns::steering::SharedAtlas last;   // null: none
  bool keep = false;                 // a record of it is wanted
  bool held_back = false;            // what was drawn last is not used
  SharedSteeringPlan last_plan;      // that `last` was drawn from; null: another leader's
};

/// Where the site's HTTPS record leads to.
[[nodiscard]] std::uint32_t https_port(const Site& site);

/// As the fleet is now. Who has a seat and was not heard of yet has in use, and offers, what `last` says: a manager
/// that has only begun to lead takes nothing away.
[[nodiscard]] SteeringFacts steering_facts(const Fleet& fleet, dns::steering::SharedAtlas last);

}  // namespace ringway::manager

#pragma once
// What the atlas is drawn from: who may serve, what operators want, and what was measured of clients and links. A
// manager fills it from its revision, its assignment and its agents' reports; a redirector on its own fills it from a
// file. Everything refers to everything else by its place in these vectors.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/atlas.h"
#include "redirector_dns/steering/geography.h"

namespace ringway::dns::steering {

struct PopPlan {
  std::string name;
  std::optional<Location> place;
  double capacity = 1;
};

struct LinkPlan {
  std::uint32_t backend = 0;
  double rtt_ms = 0;
  double loss = 0;  // the worse direction; 0 to 1
};

struct FrontendPlan {
  std::string name;
  PopIndex pop = 0;
  double weight = 1;
  std::vector<IpAddress> v4;
  std::vector<IpAddress> v6;
  std::vector<LinkPlan> links;  // those that are up
};

struct BackendPlan {
  std::string name;
  std::optional<Location> place;
};

/// Clients of these areas may only be served by these POPs. Where none of them has the site, the fence is open: an
/// answer from farther off is better than none.
struct Fence {
  std::vector<std::string> areas;
  std::vector<PopIndex> pops;  // ascending
  friend auto operator<=>(const Fence&, const Fence&) = default;
};

struct PolicyPlan {
  Policy policy = Policy::nearest;
  std::vector<double> shares;      // weighted: by POP
  std::vector<PopIndex> failover;  // failover: the first is asked first; others stand behind, the nearest first
  std::vector<double> penalty_ms;  // by POP; empty: none
  std::vector<Fence> fences;       // the first that names a client's area holds
  friend auto operator<=>(const PolicyPlan&, const PolicyPlan&) = default;
};

struct SitePlan {
  std::string name;
  std::vector<FrontendIndex> frontends;  // ascending; without one the site is not steered
  std::vector<std::uint32_t> backends;   // ascending
  PolicyPlan policy;
  std::chrono::seconds ttl = limits::kSteeredTtl;
  std::uint32_t answers = 2;
  Spare spare = Spare::none;
  std::string alpn;
  std::uint16_t port = 0;
  bool for_clients = true;  // false: for few who ask, who say nothing of where all clients are
};

struct RoundTrip {
  PopIndex pop = 0;
  double ms = 0;
  Duration age{};
};

/// A network of clients. What is not said of it is taken from the next larger one that says it.
struct ClientPlan {
  Network network;
  std::optional<Location> place;
  std::string area;   // what fences name, such as a country; empty: unknown
  double demand = 0;  // queries/s, or what is like them
  std::vector<RoundTrip> round_trips;
};

struct Plan {
  std::vector<PopPlan> pops;
  std::vector<FrontendPlan> frontends;
  std::vector<BackendPlan> backends;
  std::vector<SitePlan> sites;
  std::vector<ClientPlan> clients;  // in order, each network once
  std::vector<IpAddress> resolvers;
};

/// Whether everything that is referred to is there, and in order. What else may be wrong seal() finds.
Status check(const Plan& plan);

}  // namespace ringway::dns::steering

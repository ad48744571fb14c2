#pragma once
// Steering as a file tells it, by names: POPs, front-ends, sites and networks of clients; and as a plan, by places in
// vectors.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/config_object.h"
#include "base/config_type.h"
#include "base/time.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/plan.h"
#include "redirector_dns/steering/table_maker.h"

namespace ringway::dns {

struct PopEntry {
  std::string name;
  double latitude = 0;
  double longitude = 0;
  double capacity = 1;  // in any one unit
  bool draining = false;
};

struct FrontendEntry {
  std::string name;
  std::string pop;
  std::vector<IpAddress> addresses;
  double weight = 1;
  bool draining = false;
};

struct PopShare {
  std::string pop;
  double share = 1;
};

struct FenceEntry {
  std::vector<std::string> areas;
  std::vector<std::string> pops;
};

/// How a site's clients are given to POPs, and what they are told; POPs by name.
struct SiteSteering {
  steering::Policy policy = steering::Policy::nearest;
  std::vector<PopShare> shares;       // weighted
  std::vector<std::string> failover;  // POPs, the first one first
  std::vector<FenceEntry> fences;
  Duration ttl = limits::kSteeredTtl;
  std::uint32_t answers = 2;
  bool spare = false;
  std::string alpn;
  std::uint32_t port = 0;
};

struct SteeredSite {
  std::string name;
  std::vector<std::string> frontends;
  SiteSteering steering;
};

struct PopRoundTrip {
  std::string pop;
  double ms = 0;
};

struct ClientEntry {
  std::string network;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string area;
  std::vector<PopRoundTrip> round_trips;
};

struct SteeringFile {
  std::vector<PopEntry> pops;
  std::vector<FrontendEntry> frontends;
  std::vector<SteeredSite> sites;
  std::vector<ClientEntry> clients;
};

/// Its keys; which POPs there are is for others to check.
config::Object<SiteSteering> site_steering_object();
/// Says `need(path, POP)` of every POP that it names.
using NeedPop = std::function<void(std::vector<std::string> path, const std::string& pop)>;
void each_pop(const SiteSteering& steering, const NeedPop& need);
/// Where POPs are in the plan, by name.
using PopPlaces = std::map<std::string, steering::PopIndex, std::less<>>;
/// What of it stands in a plan; POPs that are not there are passed over.
void apply_steering(const SiteSteering& steering, const PopPlaces& pops, steering::SitePlan& site);

/// Reports every name that is none.
config::Type<SteeringFile> steering_file_type();
/// Of a file that was read without a fault.
steering::Plan plan_of(const SteeringFile& file);
/// How full and how well everything is, as far as a file knows: only what it drains.
steering::Readings readings_of(const SteeringFile& file);

}  // namespace ringway::dns

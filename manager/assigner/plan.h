#pragma once
// What the assigner reads of a revision: where sites may be served, and by what. By name, so that ties have an order.

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace ringway::manager::assigner {

enum class Role : std::uint8_t { frontend, backend };

/// What the operator has set. What drains gets nothing new and keeps what it has until that ends.
enum class Admin : std::uint8_t { serving, draining };

/// Where gateways stand, and may fail, together: a POP, or a hosting centre.
struct PlacePlan {
  double latitude = 0;    // degrees
  double longitude = 0;   // degrees
  double bits_per_s = 0;  // what its access carries; 0: unknown
  Admin admin = Admin::serving;
};

struct GatewayPlan {
  std::string place;              // empty, or one that is not in the plan: nobody shares its fate
  double exchanges_per_s = 1000;  // capacity, above 0
  double bits_per_s = 0;          // capacity; 0: unknown
  Admin admin = Admin::serving;
};

/// What a site wants of the gateways of one role. Pins that are more than `max` are its maximum.
struct Wanted {
  unsigned min = 1;
  unsigned max = 16;
  std::set<std::string> pinned;    // these have the site in any case
  std::set<std::string> excluded;  // and these never; stronger than a pin
};

struct SitePlan {
  Wanted frontends;
  Wanted backends;
  std::set<std::string> reachable_from;  // back-ends that can reach its origins; empty: all
  double weight = 1;                     // whom to help first, times what it is used; above 0
};

struct Plan {
  std::map<std::string, PlacePlan> places;
  std::map<std::string, GatewayPlan> frontends;
  std::map<std::string, GatewayPlan> backends;
  std::map<std::string, SitePlan> sites;
};

}  // namespace ringway::manager::assigner

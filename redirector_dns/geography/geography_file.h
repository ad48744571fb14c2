#pragma once
// Where networks of clients are, by a database in MaxMind's format (MMDB 2.0; GeoLite2 City and Country, DB-IP and
// others). Taken are the places, rounded to about a degree, and the countries' two letters as areas. Networks are told
// no finer than cells are cut, neighbours that are alike are joined, and where there are still more than
// limits::kMaxGeographyNetworks all of it is taken more coarsely.

#include <string>
#include <vector>

#include "base/result.h"
#include "redirector_dns/steering/plan.h"

namespace ringway::dns {

/// In order, none inside another. The error names the file, and what is wrong with it.
Result<std::vector<steering::ClientPlan>> read_geography(const std::string& path);

/// Adds what a database knows to what is known of clients, in order. That stands before it: inside a network whose
/// place is known the database's places do not count, and inside one whose area is known its areas do not.
void add_geography(std::vector<steering::ClientPlan>& clients, const std::vector<steering::ClientPlan>& geography);

}  // namespace ringway::dns

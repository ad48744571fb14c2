#pragma once
// The kinds of resources that redirectors live by: zones, the redirectors themselves, and what an operator knows of
// clients' networks. How a site is steered stands with the site (kinds.h).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "manager/resources/resource_kind.h"
#include "redirector_dns/steering_file.h"

namespace ringway::manager {

/// A SITE record of a zone.
struct SiteReference {
  std::string name;      // as it says: "shop", or "shop/backends"
  std::size_t line = 0;  // of the records, from 1
};

/// What all redirectors are the servers of.
struct DnsZone {
  std::string name;                  // in lower case, without a dot at its end
  std::string doc;                   // for people
  std::string records;               // a master file (redirector_dns/zone/master_file.h)
  std::vector<SiteReference> sites;  // read from it
};

/// One process of `ringway dns`.
struct RedirectorServer {
  std::string name;  // as its certificate says
  std::string doc;   // for people
  std::vector<IpAddress> addresses;
};

/// Networks of clients that are alike: what is believed of them until it is measured, and what fences go by.
struct ClientNetworks {
  std::string name;
  std::string doc;  // for people
  std::vector<std::string> networks;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string area;
};

inline constexpr const char* kZones = "zones";
inline constexpr const char* kRedirectors = "redirectors";
inline constexpr const char* kNetworks = "networks";

/// What a SITE record leads to: front-ends of a site, or its back-ends ("shop/backends").
struct SteeredName {
  std::string site;
  bool backends = false;
};
[[nodiscard]] SteeredName parse_steered_name(std::string_view text);
inline constexpr std::string_view kBackendsSuffix = "/backends";

/// Sites whose back-ends some zone of the snapshot answers, each once, in order.
[[nodiscard]] std::vector<std::string> sites_found_by_name(const Snapshot& snapshot);

/// A zone as redirectors are told it: JSON with its name and records.
[[nodiscard]] std::string zone_section(const DnsZone& zone);

void add_steering_kinds(ResourceKinds& kinds);

/// A site's `steering`: POPs that are none, protocols that no front-end speaks. Pointers begin with "/steering".
void check_site_steering(const dns::SiteSteering& steering, const Snapshot& snapshot, const SayFault& say);

}  // namespace ringway::manager

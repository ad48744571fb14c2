#pragma once
// What a redirector answers from, of a file's text.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cli/dns/dns_share.h"
#include "cli/dns/table_desk.h"
#include "cli/dns/zone_files.h"
#include "redirector_dns/settings.h"

namespace ringway::cli {

/// Clients of 203.0.113.0/24 are near POP "zurich", those of 203.0.112.0/24 near "oslo". Site "shop" is steered at
/// www.shop.test; each POP's front-end has these addresses.
inline std::string steered_file(const std::string& zurich, const std::string& oslo) {
  return R"(name: dns-1
listen: ["127.0.0.1:5300"]
zones: []
steering:
  pops:
    - { name: zurich, latitude: 47.4, longitude: 8.5 }
    - { name: oslo, latitude: 59.9, longitude: 10.7 }
  frontends:
    - { name: pop-1, pop: zurich, addresses: [)" +
         zurich + "] }\n    - { name: pop-2, pop: oslo, addresses: [" + oslo + R"(] }
  sites: [ { name: shop, frontends: [pop-1, pop-2], answers: 1 } ]
  clients:
    - { network: 203.0.113.0/24, latitude: 47, longitude: 8 }
    - { network: 203.0.112.0/24, latitude: 60, longitude: 11 }
)";
}

struct SteeredWorld {
  explicit SteeredWorld(const std::string& file)
      : settings(dns::parse_settings(file, "dns.yaml").value()), plan(plan_steering(*settings).value()) {
    const std::string zone =
        R"({"name": "shop.test", "records": "@ 300 IN SOA ns1 a 1 2 3 4 5\n@ 300 IN NS ns.example.\nwww 300 IN SITE shop\n"})";
    content.zones = read_zones({}, {{"zones/shop.test", zone}}).value();
    dns::steering::TableMaker maker(limits::kSteeredTtl);
    content.table = std::make_shared<const dns::steering::SteeringTable>(
        maker.make(draw_steering(plan).value(), dns::readings_of(*settings->steering), Time()));
  }

  std::shared_ptr<const dns::Settings> settings;
  SharedPlan plan;
  DnsContent content;
};

}  // namespace ringway::cli

#include "manager/resources/kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "backend/settings_schema.h"
#include "base/config_reader.h"
#include "frontend/settings_schema.h"
#include "manager/resources/snapshot.h"
#include "redirector_dns/limits.h"
#include "tmp_protocol/link_schema.h"

namespace ringway::manager {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

constexpr std::size_t kMaxPlaced = 1000;
constexpr std::uint64_t kMostBits = 100'000'000'000'000;  // 100 Tbit/s
constexpr std::uint32_t kMostExchanges = 100'000'000;
constexpr std::size_t kMaxDocOctets = 1000;

Type<Placement> placement_type(const std::string& name) {
  return Object<Placement>(name)
      .optional("min", &Placement::least, whole_number<std::uint32_t>(1, kMaxPlaced),
                "At least so many, where there are.")
      .optional("max", &Placement::most, whole_number<std::uint32_t>(0, kMaxPlaced), "At most so many; 0: no bound.")
      .optional("pinned", &Placement::pinned, list(identifier(), 0, kMaxPlaced), "These always.")
      .optional("never", &Placement::never, list(identifier(), 0, kMaxPlaced), "These never.")
      .check([](const Placement& placement, Checker& checker) {
        if (placement.most != 0 && placement.most < placement.least) checker.error({"max"}, "less than `min`");
        for (std::size_t i = 0; i < placement.pinned.size(); ++i) {
          const auto& never = placement.never;
          if (std::find(never.begin(), never.end(), placement.pinned[i]) == never.end()) continue;
          checker.error({"pinned", std::to_string(i)},
                        fmt::format("{} stands in `never` as well", placement.pinned[i]));
        }
      });
}

Type<Site> site_type() {
  return Object<Site>("site")
      .merged(&Site::clients, frontend::owned_site_object())
      .merged(&Site::servers, backend::owned_site_object())
      .optional("frontends", &Site::frontends, placement_type("front-ends of a site"), "Which front-ends serve it.")
      .optional("backends", &Site::backends, placement_type("back-ends of a site"),
                "Which back-ends reach its origins.")
      .optional("steering", &Site::steering, Type<dns::SiteSteering>(dns::site_steering_object()),
                "To which front-ends redirectors send its clients.");
}

Type<Pop> pop_type() {
  return Object<Pop>("pop")
      .required("name", &Pop::name, identifier(), "What front-ends name it by.")
      .optional("doc", &Pop::doc, text(kMaxDocOctets), "For people.")
      .required("latitude", &Pop::latitude, fraction(-90, 90), "Degrees, north above 0.")
      .required("longitude", &Pop::longitude, fraction(-180, 180), "Degrees, east above 0.")
      .optional("bits_per_s", &Pop::capacity_bits_per_s, whole_number<std::uint64_t>(0, kMostBits),
                "What all its front-ends may carry together; 0: not said.");
}

Object<Gateway> gateway_object() {
  return Object<Gateway>("gateway")
      .optional("bits_per_s", &Gateway::capacity_bits_per_s, whole_number<std::uint64_t>(0, kMostBits),
                "What it can carry; 0: not said.")
      .optional("exchanges_per_s", &Gateway::capacity_exchanges_per_s, whole_number<std::uint32_t>(0, kMostExchanges),
                "What it can serve; 0: not said.")
      .optional("rings", &Gateway::rings, tmp::ring_settings_type(), "How the five priority rings share its links.")
      .optional("max_packet", &Gateway::max_packet_octets,
                octets<std::uint32_t>(limits::kMinPacketOctets, limits::kMaxPacketOctets),
                "The largest UDP payload of its links.");
}

Type<FrontendGateway> frontend_type() {
  return Object<FrontendGateway>("frontend")
      .required("name", &FrontendGateway::name, identifier(), "As its certificate says.")
      .required("pop", &FrontendGateway::pop, identifier(), "Where it stands.")
      .required("addresses", &FrontendGateway::addresses, list(ip_address(), 1, 16), "Where clients are sent to.")
      .merged(&FrontendGateway::gateway, gateway_object());
}

Type<BackendGateway> backend_type() {
  return Object<BackendGateway>("backend")
      .required("name", &BackendGateway::name, identifier(), "As its certificate says.")
      .optional("centre", &BackendGateway::centre, identifier(), "The hosting centre where it stands.")
      .required("address", &BackendGateway::address, socket_address(), "The UDP address of its links.")
      .merged(&BackendGateway::gateway, gateway_object());
}

void check_placement(const Placement& placement, const std::string& pointer, const char* kind, const Snapshot& snapshot,
                     const SayFault& say) {
  for (std::size_t i = 0; i < placement.pinned.size(); ++i) {
    check_reference(placement.pinned[i], fmt::format("{}/pinned/{}", pointer, i), kind, snapshot, say);
  }
}

/// Of several sites with the same host, or the same address to listen on, the first in order of names owns it.
class Owners {
 public:
  void check(const Site& site, const SayFault& say) {
    for (std::size_t i = 0; i < site.clients.hosts.size(); ++i) {
      claim("host", site.clients.hosts[i], name_of(site), fmt::format("/hosts/{}", i), say);
    }
    if (site.clients.listen) claim("address", site.clients.listen->text(), name_of(site), "/listen", say);
  }

 private:
  void claim(const char* what, const std::string& value, const std::string& site, std::string pointer,
             const SayFault& say) {
    const auto [owner, fresh] = owners_.emplace(value, site);
    if (fresh) return;
    const bool own = owner->second == site;
    // The other's name is in the hint, which owners of other sites are not shown.
    say({std::move(pointer),
         fmt::format("the {} \"{}\" {}", what, value, own ? "stands in this site twice" : "is another site's already"),
         own ? "" : fmt::format("it is the site {}'s", owner->second)});
  }

  std::map<std::string, std::string> owners_;
};

TypedKind<Site>::Check site_check() {
  return [owners = Owners()](const Site& site, const Snapshot& snapshot, const SayFault& say) mutable {
    owners.check(site, say);
    check_placement(site.frontends, "/frontends", kFrontends, snapshot, say);
    check_placement(site.backends, "/backends", kBackends, snapshot, say);
    check_site_steering(site.steering, snapshot, say);
  };
}

/// As many front-ends and POPs as clients can be steered to; a place is left for back-ends that are found by name.
TypedKind<FrontendGateway>::Check frontend_check() {
  return [pops = std::set<std::string>(), count = std::size_t{0}](
             const FrontendGateway& frontend, const Snapshot& snapshot, const SayFault& say) mutable {
    check_reference(frontend.pop, "/pop", kPops, snapshot, say);
    const bool new_pop = pops.insert(frontend.pop).second;
    if (new_pop && pops.size() >= limits::kMaxPops) {
      say({"/pop", fmt::format("front-ends stand in at most {} POPs", limits::kMaxPops - 1), ""});
    }
    if (++count > limits::kMaxSteeredFrontends) {
      say({"", fmt::format("there are at most {} front-ends", limits::kMaxSteeredFrontends), ""});
    }
  };
}

}  // namespace

ResourceKinds resource_kinds() {
  ResourceKinds kinds;
  kinds.add(std::make_unique<TypedKind<Pop>>(
      ResourceKind::Words{kPops, "pop", "Places where front-ends stand.", Domain::overlay}, pop_type(), nullptr));
  kinds.add(std::make_unique<TypedKind<FrontendGateway>>(
      ResourceKind::Words{kFrontends, "frontend", "Gateways near clients.", Domain::overlay}, frontend_type(),
      frontend_check));
  kinds.add(std::make_unique<TypedKind<BackendGateway>>(
      ResourceKind::Words{kBackends, "backend", "Gateways near origins.", Domain::overlay}, backend_type(), nullptr));
  kinds.add(std::make_unique<TypedKind<Site>>(
      ResourceKind::Words{kSites, "site", "What owners configure: hosts, origins, priorities.", Domain::sites},
      site_type(), site_check));
  add_steering_kinds(kinds);
  return kinds;
}

}  // namespace ringway::manager

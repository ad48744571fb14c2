#include "manager/resources/compile.h"

#include "backend/settings_schema.h"
#include "frontend/settings_schema.h"
#include "manager/resources/kinds.h"
#include "tmp_protocol/link_schema.h"

namespace ringway::manager {

namespace {

/// The part of `link:` that is the manager's to say.
struct LinkPart {
  tmp::RingSettings rings;
  std::uint32_t max_packet_octets = limits::kMaxPacketOctets;
};

std::string link_json(const Gateway& gateway) {
  static const config::Type<LinkPart> kType =
      config::Object<LinkPart>("link")
          .optional("rings", &LinkPart::rings, tmp::ring_settings_type(), "")
          .optional("max_packet", &LinkPart::max_packet_octets,
                    config::octets<std::uint32_t>(limits::kMinPacketOctets, limits::kMaxPacketOctets), "");
  return kType->json({gateway.rings, gateway.max_packet_octets});
}

/// Back-ends of `names` that the snapshot has, with the addresses of their links.
std::vector<tmp::PeerTarget> targets(const Snapshot& snapshot, const std::vector<std::string>& names) {
  std::vector<tmp::PeerTarget> all;
  for (const std::string& name : names) {
    const ResourcePtr backend = snapshot.find(kBackends, name);
    if (backend != nullptr) all.push_back({name, backend->as<BackendGateway>().address});
  }
  return all;
}

void leave_out(std::vector<backend::Origin>& origins, const std::set<std::string>& drained) {
  std::vector<backend::Origin> left;
  for (const backend::Origin& origin : origins) {
    if (!drained.contains(std::string(bare_origin(origin.name)))) left.push_back(origin);
  }
  if (!left.empty()) origins = std::move(left);
}

class Compiler {
 public:
  Compiler(const Snapshot& snapshot, const DrainedOrigins& drained) : snapshot_(snapshot), drained_(drained) {
    snapshot.each<FrontendGateway>(kFrontends, [this](const FrontendGateway& gateway) {
      contents_.frontends[gateway.name]["link"] = link_json(gateway.gateway);
    });
    snapshot.each<BackendGateway>(kBackends, [this](const BackendGateway& gateway) {
      contents_.backends[gateway.name]["link"] = link_json(gateway.gateway);
    });
    add_zones();
  }

  void add(const Site& site, const SiteRoutes& routes) {
    const std::string section = "sites/" + name_of(site);
    std::vector<std::string> accepted;
    for (const auto& [frontend, backends] : routes.frontends) {
      const auto contents = contents_.frontends.find(frontend);
      frontend::Site told = site.clients;
      told.backends = targets(snapshot_, backends);
      if (contents == contents_.frontends.end() || told.backends.empty()) continue;
      contents->second[section] = frontend_type_->json(told);
      accepted.push_back(frontend);
    }
    if (accepted.empty()) return;
    const std::string text = backend_type_->json(for_backends(site, std::move(accepted)));
    for (const std::string& backend : routes.backends) {
      const auto contents = contents_.backends.find(backend);
      if (contents != contents_.backends.end()) contents->second[section] = text;
    }
  }

  GatewayContents take() { return std::move(contents_); }

 private:
  void add_zones() {
    agent::Sections zones;
    snapshot_.each<DnsZone>(kZones, [&](const DnsZone& zone) { zones["zones/" + zone.name] = zone_section(zone); });
    snapshot_.each<RedirectorServer>(
        kRedirectors, [&](const RedirectorServer& redirector) { contents_.redirectors[redirector.name] = zones; });
  }

  [[nodiscard]] backend::Site for_backends(const Site& site, std::vector<std::string> frontends) const {
    backend::Site told = site.servers;
    told.name = site.clients.name;
    told.protocol = site.clients.protocol;
    told.hosts = site.clients.hosts;
    told.weight = site.clients.weight;
    told.frontends = std::move(frontends);
    const auto drained = drained_.find(told.name);
    if (drained != drained_.end()) leave_out(told.origins, drained->second);
    return told;
  }

  const Snapshot& snapshot_;
  const DrainedOrigins& drained_;
  GatewayContents contents_;
  config::Type<frontend::Site> frontend_type_ = frontend::site_type();
  config::Type<backend::Site> backend_type_ = backend::site_type();
};

}  // namespace

std::string_view bare_origin(std::string_view name) {
  const std::size_t scheme = name.find("://");
  return scheme == std::string_view::npos ? name : name.substr(scheme + 3);
}

GatewayContents compile(const Snapshot& snapshot, const Routes& routes, const DrainedOrigins& drained) {
  Compiler compiler(snapshot, drained);
  for (const auto& [name, site_routes] : routes) {
    const ResourcePtr site = snapshot.find(kSites, name);
    if (site != nullptr) compiler.add(site->as<Site>(), site_routes);
  }
  return compiler.take();
}

}  // namespace ringway::manager

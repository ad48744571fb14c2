#include "manager/steering/steering_facts.h"

#include <algorithm>
#include <utility>

#include "manager/steering/alpn_list.h"

namespace ringway::manager {

namespace {

using assigner::SeatState;

/// Who is served by whom in an atlas, by names.
class FormerSites {
 public:
  explicit FormerSites(const dns::steering::Atlas* atlas) : atlas_(atlas) {
    if (atlas == nullptr) return;
    for (std::size_t i = 0; i < atlas->frontends.size(); ++i) {
      places_.emplace(atlas->frontends[i].name, static_cast<dns::steering::FrontendIndex>(i));
    }
  }
  [[nodiscard]] bool had(const std::string& site, const std::string& gateway) const {
    const dns::steering::Site* known = atlas_ == nullptr ? nullptr : atlas_->find(site);
    const auto place = places_.find(gateway);
    if (known == nullptr || place == places_.end()) return false;
    const auto& all = atlas_->classes[known->site_class].frontends;
    return std::binary_search(all.begin(), all.end(), place->second);
  }
  [[nodiscard]] std::vector<std::string> alpn(const std::string& site) const {
    const dns::steering::Site* known = atlas_ == nullptr ? nullptr : atlas_->find(site);
    return known == nullptr ? std::vector<std::string>() : alpn_ids(known->alpn);
  }

 private:
  const dns::steering::Atlas* atlas_;
  std::map<std::string, dns::steering::FrontendIndex> places_;
};

bool reports(const Node& node, const std::string& site) {
  if (!node.rates.sites.empty()) return node.rates.sites.contains(site);
  return std::any_of(node.report.sites.begin(), node.report.sites.end(),
                     [&](const agent::SiteReport& each) { return each.name == site; });
}

constexpr std::uint32_t kUsualHttpsPort = 443;

std::vector<std::string> offered_alpn(const agent::Report& report, const Site& site) {
  for (const agent::SecureEntrance& entrance : report.secure_entrances) {
    const std::vector<std::string>& sites = entrance.sites;
    if (entrance.port == https_port(site) && std::binary_search(sites.begin(), sites.end(), name_of(site)))
      return entrance.alpn;
  }
  return {};
}

/// Null where it was not heard of since this manager leads.
const Node* heard_node(const Fleet& fleet, tmp::Role role, const std::string& name) {
  const Node* node = fleet.find({role, name});
  return node != nullptr && node->heard != Time{} ? node : nullptr;
}

/// Whether answers may name it: who drains or is away is for levels and health to say.
bool may_serve(const assigner::Seat& seat) {
  return seat.state != SeatState::leaving && seat.state != SeatState::cut_off;
}

std::vector<SeatedGateway> seated_frontends(const Fleet& fleet, const FormerSites& former, const Site& site,
                                            const assigner::Seating& seating, std::size_t& awaited) {
  std::vector<SeatedGateway> all;
  bool any_heard = false;
  for (const auto& [name, seat] : seating.seats) {
    if (!may_serve(seat)) continue;
    const Node* node = heard_node(fleet, tmp::Role::frontend, name);
    if (!(node != nullptr ? reports(*node, name_of(site)) : former.had(name_of(site), name))) {
      ++awaited;
      continue;
    }
    all.push_back({name, seat.backends, {}});
    any_heard = any_heard || node != nullptr;
    if (node != nullptr && !site.steering.alpn.empty()) all.back().alpn = offered_alpn(node->report, site);
  }
  const bool may_come = fleet.loop().now() - fleet.led_since() < limits::kUnheardGrace;
  for (SeatedGateway& gateway : all) {
    if (!gateway.alpn && (may_come || !any_heard)) gateway.alpn = former.alpn(name_of(site));
  }
  return all;
}

/// One that has the seat and is not heard harms nobody: routes are asked for by what links measure.
std::vector<SeatedGateway> seated_backends(const Fleet& fleet, const std::string& site,
                                           const assigner::Seating& seating, std::size_t& awaited) {
  std::vector<SeatedGateway> all;
  for (const auto& [name, seat] : seating.seats) {
    if (!may_serve(seat)) continue;
    const Node* node = heard_node(fleet, tmp::Role::backend, name);
    if (node == nullptr || reports(*node, site)) {
      all.push_back({name, seat.backends, {}});
    } else {
      ++awaited;
    }
  }
  return all;
}

void add_links(const Node& node, std::vector<LinkFacts>& links) {
  links.reserve(node.report.links.size());
  for (const agent::LinkReport& link : node.report.links) {
    links.push_back({link.peer, link.rtt_us / 1000.0, std::max(link.loss_out, link.loss_in)});
  }
}

}  // namespace

std::uint32_t https_port(const Site& site) { return site.steering.port == 0 ? kUsualHttpsPort : site.steering.port; }

SteeringFacts steering_facts(const Fleet& fleet, dns::steering::SharedAtlas last) {
  SteeringFacts facts;
  facts.now = fleet.loop().now();
  facts.head = fleet.ledger().registry().head();
  facts.head.each<FrontendGateway>(kFrontends, [&](const FrontendGateway& frontend) {
    facts.awaited += heard_node(fleet, tmp::Role::frontend, frontend.name) == nullptr ? 1 : 0;
  });
  const FormerSites former(last.get());
  facts.sites.reserve(fleet.assignment().sites.size());
  for (const auto& [name, site] : fleet.assignment().sites) {
    const ResourcePtr resource = facts.head.find(kSites, name);
    if (resource == nullptr) continue;
    facts.sites.push_back({name, seated_frontends(fleet, former, resource->as<Site>(), site.frontends, facts.awaited),
                           seated_backends(fleet, name, site.backends, facts.awaited)});
  }
  for (const auto& [identity, node] : fleet.nodes()) {
    if (identity.role == tmp::Role::frontend && node.session != nullptr) add_links(node, facts.links[identity.name]);
  }
  facts.clients = fleet.clients();
  facts.last = std::move(last);
  return facts;
}

}  // namespace ringway::manager

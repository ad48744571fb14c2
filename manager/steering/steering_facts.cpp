#include "manager/steering/steering_facts.h"

#include <algorithm>
#include <utility>

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

 private:
  const dns::steering::Atlas* atlas_;
  std::map<std::string, dns::steering::FrontendIndex> places_;
};

bool reports(const Node& node, const std::string& site) {
  if (!node.rates.sites.empty()) return node.rates.sites.contains(site);
  return std::any_of(node.report.sites.begin(), node.report.sites.end(),
                     [&](const agent::SiteReport& each) { return each.name == site; });
}

/// Whether answers may name it: who drains or is away is for levels and health to say.
bool may_serve(const assigner::Seat& seat) {
  return seat.state != SeatState::leaving && seat.state != SeatState::cut_off;
}

std::vector<SeatedGateway> seated(const Fleet& fleet, const FormerSites& former, const std::string& site,
                                  tmp::Role role, const assigner::Seating& seating) {
  std::vector<SeatedGateway> all;
  for (const auto& [name, seat] : seating.seats) {
    if (!may_serve(seat)) continue;
    const Node* node = fleet.find({role, name});
    const bool heard = node != nullptr && node->heard != Time{};
    // A back-end that has the seat and is not heard harms nobody: routes are asked for by what links measure.
    const bool in_use = heard ? reports(*node, site) : role == tmp::Role::backend || former.had(site, name);
    if (in_use) all.push_back({name, seat.backends});
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

SteeringFacts steering_facts(const Fleet& fleet, dns::steering::SharedAtlas last) {
  SteeringFacts facts;
  facts.now = fleet.loop().now();
  facts.head = fleet.ledger().registry().head();
  const FormerSites former(last.get());
  facts.sites.reserve(fleet.assignment().sites.size());
  for (const auto& [name, site] : fleet.assignment().sites) {
    facts.sites.push_back({name, seated(fleet, former, name, tmp::Role::frontend, site.frontends),
                           seated(fleet, former, name, tmp::Role::backend, site.backends)});
  }
  for (const auto& [identity, node] : fleet.nodes()) {
    if (identity.role == tmp::Role::frontend && node.session != nullptr) add_links(node, facts.links[identity.name]);
  }
  facts.clients = fleet.clients();
  facts.last = std::move(last);
  return facts;
}

}  // namespace ringway::manager

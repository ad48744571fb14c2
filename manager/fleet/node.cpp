#include "manager/fleet/node.h"

#include <algorithm>
#include <utility>

#include "manager/resources/kinds.h"

namespace ringway::manager {

namespace {

/// What was counted between two reports, each second.
double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return static_cast<double>(now < before ? now : now - before) / seconds;
}

const agent::SiteReport* find_site(const agent::Report& report, const std::string& name) {
  const auto found =
      std::find_if(report.sites.begin(), report.sites.end(), [&](const auto& site) { return site.name == name; });
  return found == report.sites.end() ? nullptr : &*found;
}

SiteRates rates_of(const agent::SiteReport& before, const agent::SiteReport& now, double seconds) {
  SiteRates rates{rate(before.requests, now.requests, seconds),
                  rate(before.refused, now.refused, seconds),
                  rate(before.errors, now.errors, seconds),
                  {}};
  for (std::size_t ring = 0; ring < now.rings.size(); ++ring) {
    const std::uint64_t counted = ring < before.rings.size() ? before.rings[ring] : 0;
    rates.rings.push_back(rate(counted, now.rings[ring], seconds));
  }
  return rates;
}

}  // namespace

void NodeRates::hear(const agent::Report& report, Time now) {
  const Duration gap = now - at_;
  if (heard_ && gap < kLeastGap) return;
  if (heard_) {
    const double seconds = to_seconds(gap);
    exchanges = rate(before_.exchanges, report.exchanges, seconds);
    octets = rate(before_.octets, report.octets, seconds);
    sites.clear();
    for (const agent::SiteReport& site : report.sites) {
      const agent::SiteReport* before = find_site(before_, site.name);
      // One that is new here has counted since it came: that may be long ago, if the manager is new as well.
      sites[site.name] = rates_of(before == nullptr ? site : *before, site, seconds);
    }
  }
  heard_ = true;
  at_ = now;
  before_ = report;
  before_.clients.clear();
  before_.links.clear();
}

void forget_reports(Node& node) {
  node.heard = {};
  node.report = {};
  node.rates = {};
}

void refuse(Node& node, Refused refused) {
  std::erase_if(node.refused, [&](const Refused& each) { return each.mark.hash == refused.mark.hash; });
  if (node.refused.size() >= kMaxRefused) node.refused.erase(node.refused.begin());
  node.refused.push_back(std::move(refused));
}

Refused* find_refused(Node& node, const std::string& hash) {
  const auto found = std::find_if(node.refused.begin(), node.refused.end(),
                                  [&](const Refused& each) { return each.mark.hash == hash; });
  return found == node.refused.end() ? nullptr : &*found;
}

const Refused* refusal_of(const Node& node, std::uint64_t revision) {
  if (node.in_use.revision == revision) return nullptr;  // it took it after all, in another turn
  const auto found = std::find_if(node.refused.begin(), node.refused.end(),
                                  [&](const Refused& each) { return each.mark.revision == revision; });
  return found == node.refused.end() ? nullptr : &*found;
}

std::string_view content_stage_name(ContentStage stage) {
  switch (stage) {
    case ContentStage::none: return "none";
    case ContentStage::validated: return "validated";
    case ContentStage::applied: return "applied";
    case ContentStage::refused: break;
  }
  return "refused";
}

bool has_agent(tmp::Role role) {
  return role == tmp::Role::frontend || role == tmp::Role::backend || role == tmp::Role::redirector;
}

const char* kind_of(tmp::Role role) {
  switch (role) {
    case tmp::Role::frontend: return kFrontends;
    case tmp::Role::redirector: return kRedirectors;
    default: return kBackends;
  }
}

assigner::GatewayFigures figures_of(const Node& node) {
  assigner::GatewayFigures figures;
  figures.health = node.report.state == "serving" ? assigner::Health::well : assigner::Health::ailing;
  figures.cpu = node.report.cpu;
  figures.exchanges_per_s = node.rates.exchanges;
  figures.bits_per_s = 8 * node.rates.octets;
  for (const agent::SiteReport& site : node.report.sites) {
    const auto rates = node.rates.sites.find(site.name);
    assigner::SiteFigures& told = figures.sites[site.name];
    if (rates != node.rates.sites.end()) {
      told.requests_per_s = rates->second.requests;
      told.refused_per_s = rates->second.refused;
    }
    double pending = 0, capacity = 0;
    if (!site.origins.empty()) told.origins_up = 0;
    for (const agent::OriginReport& origin : site.origins) {
      if (!origin.up) continue;
      ++told.origins_up;
      pending += origin.pending;
      capacity += origin.capacity;
    }
    told.origins_busy = capacity > 0 ? std::min(1.0, pending / capacity) : 0;
  }
  for (const agent::LinkReport& link : node.report.links) {
    figures.links[link.peer] = {link.rtt_us / 1000.0, std::max(link.loss_out, link.loss_in), link.used};
  }
  return figures;
}

}  // namespace ringway::manager

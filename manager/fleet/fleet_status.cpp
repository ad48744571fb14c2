#include "manager/fleet/fleet_status.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "manager/fleet/json_text.h"
#include "manager/resources/kinds.h"
#include "tmp_protocol/identity.h"

namespace ringway::manager {

namespace {

constexpr std::size_t kRings = 5;

WallTime wall_of(const Fleet& fleet, Time time) {
  return fleet.loop().clock.wall() - std::chrono::duration_cast<WallTime::duration>(fleet.loop().now() - time);
}

/// One site over all gateways. Clients ask front-ends; what is turned away for want of room, back-ends know as well.
struct SiteSum {
  double requests = 0;
  double errors = 0;
  double refused_by_frontends = 0;
  double refused_by_backends = 0;
  std::uint32_t p95_ms = 0;
  std::array<double, kRings> rings{};
  JsonList origins;
  std::set<std::string> told;  // origins
};
using SiteSums = std::map<std::string, SiteSum>;

void add_origins(SiteSum& sum, const Fleet& fleet, const std::string& backend, const agent::SiteReport& site) {
  for (const agent::OriginReport& origin : site.origins) {
    sum.told.insert(std::string(bare_origin(origin.name)));
    sum.origins.add(JsonObject()
                        .text("name", origin.name)
                        .text("backend", backend)
                        .count("pending", origin.pending)
                        .count("capacity", origin.capacity)
                        .truth("up", origin.up)
                        .truth("draining", is_draining(fleet.drains(), site.name, origin.name))
                        .json());
  }
}

void add_rates(SiteSum& sum, tmp::Role role, const SiteRates& rates, std::uint32_t p95_ms) {
  if (role == tmp::Role::backend) {
    sum.refused_by_backends += rates.refused;
    return;
  }
  sum.requests += rates.requests;
  sum.errors += rates.errors;
  sum.refused_by_frontends += rates.refused;
  if (rates.requests > 0) sum.p95_ms = std::max(sum.p95_ms, p95_ms);
  for (std::size_t ring = 0; ring < std::min(kRings, rates.rings.size()); ++ring) sum.rings[ring] += rates.rings[ring];
}

SiteSums sums_of(const Fleet& fleet) {
  SiteSums sums;
  for (const auto& [identity, node] : fleet.nodes()) {
    if (node.session == nullptr) continue;
    for (const agent::SiteReport& site : node.report.sites) {
      SiteSum& sum = sums[site.name];
      add_origins(sum, fleet, identity.name, site);
      const auto rates = node.rates.sites.find(site.name);
      if (rates != node.rates.sites.end()) add_rates(sum, identity.role, rates->second, site.p95_ms);
    }
  }
  return sums;
}

std::string shares(const std::array<double, kRings>& rings) {
  double sum = 0;
  for (const double ring : rings) sum += ring;
  JsonList list;
  for (const double ring : rings) list.add(json_real(sum > 0 ? ring / sum : 0));
  return list.json();
}

std::string serving(const assigner::Seating& seating) {
  std::vector<std::string> names;
  for (const auto& [name, seat] : seating.seats) {
    if (seat.state == assigner::SeatState::serving) names.push_back(name);
  }
  return json_texts(names);
}

std::string shortage_of(const Fleet& fleet, const std::string& site) {
  for (const assigner::Shortage& shortage : fleet.shortages()) {
    if (shortage.site == site) return std::string(role_name(shortage.role)) + "s: " + shortage.why;
  }
  return {};
}

/// Origins that are drained are in no back-end's configuration, and so in no report.
void add_unreported(SiteSum& sum, const Fleet& fleet, const Site& site) {
  for (const backend::Origin& origin : site.servers.origins) {
    const std::string name(bare_origin(origin.name));
    if (sum.told.contains(name) || !is_draining(fleet.drains(), name_of(site), name)) continue;
    sum.origins.add(JsonObject()
                        .text("name", origin.name)
                        .text("backend", "")
                        .count("pending", 0)
                        .count("capacity", origin.max_pending)
                        .truth("up", true)
                        .truth("draining", true)
                        .json());
  }
}

std::string site_json(const Fleet& fleet, const Site& site, SiteSum sum) {
  static const assigner::SiteAssignment kNobody;
  add_unreported(sum, fleet, site);
  const auto found = fleet.assignment().sites.find(name_of(site));
  const assigner::SiteAssignment& assigned = found == fleet.assignment().sites.end() ? kNobody : found->second;
  return JsonObject()
      .text("name", name_of(site))
      .real("requests_per_s", sum.requests)
      .real("errors_per_s", sum.errors)
      .real("refused_per_s", std::max(sum.refused_by_frontends, sum.refused_by_backends))
      .count("p95_ms", sum.p95_ms)
      .value("rings", shares(sum.rings))
      .value("frontends", serving(assigned.frontends))
      .value("backends", serving(assigned.backends))
      .value("origins", sum.origins.json())
      .text("shortage", shortage_of(fleet, name_of(site)))
      .json();
}

std::string sites_json(const Fleet& fleet) {
  SiteSums sums = sums_of(fleet);
  JsonList list;
  fleet.ledger().registry().head().each<Site>(
      kSites, [&](const Site& site) { list.add(site_json(fleet, site, std::move(sums[name_of(site)]))); });
  return list.json();
}

std::string place_of(const Fleet& fleet, const tmp::PeerIdentity& identity) {
  const Snapshot& head = fleet.ledger().registry().head();
  const ResourcePtr resource = head.find(kind_of(identity.role), identity.name);
  if (resource == nullptr || identity.role == tmp::Role::redirector) return {};
  return identity.role == tmp::Role::frontend ? resource->as<FrontendGateway>().pop
                                              : resource->as<BackendGateway>().centre;
}

const char* state_of(const Fleet& fleet, const tmp::PeerIdentity& identity, const Node& node,
                     const std::string& place) {
  if (node.session == nullptr) return "away";
  if (node.foreign) return "foreign";
  const Drains& drains = fleet.drains();
  const bool frontend =
      identity.role == tmp::Role::frontend && (drains.frontends.contains(identity.name) || drains.pops.contains(place));
  const bool backend = identity.role == tmp::Role::backend && drains.backends.contains(identity.name);
  return frontend || backend || node.report.state == "draining" ? "draining" : "serving";
}

JsonObject gateway_object(const Fleet& fleet, const tmp::PeerIdentity& identity, const Node& node) {
  const std::string place = place_of(fleet, identity);
  const std::uint64_t wanted = fleet.rollouts().revision_for(identity);
  const Refused* refused = refusal_of(node, wanted);
  JsonObject object;
  object.text("role", tmp::role_name(identity.role))
      .text("name", identity.name)
      .text("place", place)
      .text("state", state_of(fleet, identity, node, place))
      .truth("connected", node.session != nullptr)
      .text("release", node.release)
      .count("revision", node.in_use.revision)
      .count("wanted", wanted)
      .text("stage", refused != nullptr ? "refused" : content_stage_name(node.stage))
      .text("reason", refused != nullptr ? refused->reason : "")
      .real("cpu", node.report.cpu)
      .count("memory_octets", node.report.memory_octets)
      .real("exchanges_per_s", node.rates.exchanges)
      .real("bits_per_s", 8 * node.rates.octets)
      .count("connections", node.report.connections)
      .value("heard_s", node.heard == Time{} ? "null" : json_real(to_seconds(fleet.loop().now() - node.heard)));
  return object;
}

/// Those that the head names, and those that have come anyway.
std::vector<tmp::PeerIdentity> all_gateways(const Fleet& fleet) {
  const Snapshot& head = fleet.ledger().registry().head();
  std::set<tmp::PeerIdentity> all;
  for (const tmp::Role role : {tmp::Role::frontend, tmp::Role::backend, tmp::Role::redirector}) {
    for (const auto& [name, resource] : head.all(kind_of(role))) all.insert({role, name});
  }
  for (const auto& [identity, node] : fleet.nodes()) all.insert(identity);
  return {all.begin(), all.end()};
}

const Node& node_or_none(const Fleet& fleet, const tmp::PeerIdentity& identity) {
  static const Node kNone;
  const Node* node = fleet.find(identity);
  return node == nullptr ? kNone : *node;
}

std::string pops_json(const Fleet& fleet) {
  const Snapshot& head = fleet.ledger().registry().head();
  std::map<std::string, std::vector<std::string>> frontends;
  head.each<FrontendGateway>(kFrontends,
                             [&](const FrontendGateway& each) { frontends[each.pop].push_back(each.name); });
  JsonList list;
  head.each<Pop>(kPops, [&](const Pop& pop) {
    list.add(JsonObject()
                 .text("name", pop.name)
                 .real("latitude", pop.latitude)
                 .real("longitude", pop.longitude)
                 .truth("draining", fleet.drains().pops.contains(pop.name))
                 .value("frontends", json_texts(frontends[pop.name]))
                 .json());
  });
  return list.json();
}

std::string seats_json(const Fleet& fleet, const assigner::Seating& seating, tmp::Role role) {
  JsonList list;
  for (const auto& [name, seat] : seating.seats) {
    JsonObject object;
    object.text("gateway", name)
        .text("state", seat_state_name(seat.state))
        .count("weight", seat.weight)
        .text("since", format_wall_time(wall_of(fleet, seat.since)));
    if (role == tmp::Role::frontend) object.value("backends", json_texts(seat.backends));
    list.add(object.json());
  }
  return list.json();
}

std::string_view rollout_state_name(RolloutState state) {
  switch (state) {
    case RolloutState::spreading: return "spreading";
    case RolloutState::done: return "done";
    case RolloutState::stopped: break;
  }
  return "stopped";
}

}  // namespace

std::string gateways_json(const Fleet& fleet) {
  JsonList list;
  for (const tmp::PeerIdentity& identity : all_gateways(fleet)) {
    list.add(gateway_object(fleet, identity, node_or_none(fleet, identity)).json());
  }
  return list.json();
}

std::string links_json(const Fleet& fleet) {
  JsonList list;
  for (const auto& [identity, node] : fleet.nodes()) {
    if (identity.role != tmp::Role::frontend || node.session == nullptr) continue;
    for (const agent::LinkReport& link : node.report.links) {
      list.add(JsonObject()
                   .text("frontend", identity.name)
                   .text("backend", link.peer)
                   .real("rtt_ms", link.rtt_us / 1000.0)
                   .real("loss_out", link.loss_out)
                   .real("loss_in", link.loss_in)
                   .real("used", link.used)
                   .json());
    }
  }
  return list.json();
}

std::string drains_json(const Fleet& fleet) {
  JsonList list;
  for (const auto& [text, drain] : fleet.drains().all) {
    const std::optional<DrainTarget> target = parse_drain_target(text);
    const DrainProgress progress = progress_of(*target, fleet.ledger().registry().head(), fleet.nodes());
    list.add(JsonObject()
                 .text("target", text)
                 .text("since", format_wall_time(drain.since))
                 .text("by", drain.by)
                 .count("left", progress.left)
                 .text("unit", progress.unit)
                 .truth("done", progress.done)
                 .json());
  }
  return list.json();
}

std::string rollout_json(const Fleet& fleet) {
  const std::optional<Rollout>& last = fleet.rollouts().last();
  if (!last) return "null";
  std::size_t applied = 0, gateways = 0;
  for (const auto& wave : last->waves) {
    gateways += wave.size();
    for (const tmp::PeerIdentity& each : wave) applied += node_or_none(fleet, each).in_use.revision == last->to ? 1 : 0;
  }
  return JsonObject()
      .count("from", last->from)
      .count("to", last->to)
      .text("state", rollout_state_name(last->state))
      .count("wave", last->waves.empty() ? 0 : last->wave + 1)
      .count("waves", last->waves.size())
      .count("applied", applied)
      .count("gateways", gateways)
      .count("gate_left_s", static_cast<std::uint64_t>(fleet.rollouts().gate_left().count()))
      .text("reason", last->reason)
      .json();
}

std::string gateway_json(const Fleet& fleet, const tmp::PeerIdentity& identity) {
  if (fleet.find(identity) == nullptr && place_of(fleet, identity).empty()) {
    if (fleet.ledger().registry().head().find(kind_of(identity.role), identity.name) == nullptr) return {};
  }
  const Node& node = node_or_none(fleet, identity);
  JsonList sites;
  for (const auto& [name, rates] : node.rates.sites) {
    sites.add(JsonObject()
                  .text("name", name)
                  .real("requests_per_s", rates.requests)
                  .real("refused_per_s", rates.refused)
                  .real("errors_per_s", rates.errors)
                  .json());
  }
  JsonList refused;
  for (const Refused& each : node.refused) {
    refused.add(JsonObject().count("revision", each.mark.revision).text("reason", each.reason).json());
  }
  return gateway_object(fleet, identity, node)
      .text("hash", node.in_use.hash)
      .count("epoch", node.in_use.epoch)
      .value("sites", sites.json())
      .value("refused", refused.json())
      .json();
}

std::string site_assignment_json(const Fleet& fleet, const std::string& site) {
  const auto found = fleet.assignment().sites.find(site);
  if (found == fleet.assignment().sites.end()) return {};
  return JsonObject()
      .text("site", site)
      .value("frontends", seats_json(fleet, found->second.frontends, tmp::Role::frontend))
      .value("backends", seats_json(fleet, found->second.backends, tmp::Role::backend))
      .text("shortage", shortage_of(fleet, site))
      .json();
}

std::string status_json(const Fleet& fleet) {
  const Lead lead = fleet.lead();
  return JsonObject()
      .text("time", format_wall_time(fleet.loop().clock.wall()))
      .text("manager", fleet.name())
      .text("leader", lead.leader)
      .truth("leads", lead.leads)
      .count("epoch", lead.epoch)
      .count("revision", fleet.ledger().registry().number())
      .value("rollout", rollout_json(fleet))
      .value("sites", sites_json(fleet))
      .value("gateways", gateways_json(fleet))
      .value("pops", pops_json(fleet))
      .value("links", links_json(fleet))
      .value("drains", drains_json(fleet))
      .json();
}

}  // namespace ringway::manager

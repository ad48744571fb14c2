#include "manager/steering/steering_readings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>

#include "manager/steering/steering_names.h"
#include "manager/steering/steering_plan.h"
#include "redirector_dns/limits.h"

namespace ringway::manager {

namespace {

namespace steering = dns::steering;

/// What offers in one place, and how much of it is used.
struct Sum {
  double exchanges = 0, offered_exchanges = 0;
  double bits = 0, offered_bits = 0;
  double all_bits = 0;          // also of those that do not say what they can
  double cpu = 0, offered = 0;  // weighed by what each can do
  bool heard = false;
};

double ratio(double used, double offered) { return offered > 0 ? used / offered : 0; }

/// The worst of its dimensions.
double used_of(const Sum& sum) {
  return std::max(
      {ratio(sum.exchanges, sum.offered_exchanges), ratio(sum.bits, sum.offered_bits), ratio(sum.cpu, sum.offered)});
}

/// Who serves something in the atlas, as the revision and the fleet know it.
struct Server {
  tmp::PeerIdentity identity;
  const Gateway* gateway = nullptr;  // null: the revision has it no more
  const Node* node = nullptr;        // null: never heard
};

/// Whoever stops says so and hangs up. Its listeners are closed then, and its links are up while exchanges are in
/// flight.
bool has_stopped(const Server& server) {
  return server.node != nullptr && server.node->session == nullptr && server.node->report.state == "draining";
}

class Reader {
 public:
  Reader(const steering::Atlas& atlas, const std::vector<std::vector<std::string>>& observers, const Fleet& fleet,
         Time led_since)
      : atlas_(atlas), observers_(observers), fleet_(fleet), now_(fleet.loop().now()), led_since_(led_since) {}

  steering::Readings read() {
    steering::Readings readings;
    readings.pops.resize(atlas_.pops.size());
    readings.frontends.reserve(atlas_.frontends.size());
    std::vector<Server> servers;
    servers.reserve(atlas_.frontends.size());
    std::vector<Sum> sums(atlas_.pops.size());
    for (std::size_t i = 0; i < atlas_.frontends.size(); ++i) {
      servers.push_back(find(atlas_.frontends[i].name));
      readings.frontends.push_back(read_frontend(servers.back(), i));
      count(servers.back(), readings.frontends.back(), sums[atlas_.frontends[i].pop]);
    }
    for (std::size_t i = 0; i < sums.size(); ++i) readings.pops[i] = read_pop(atlas_.pops[i].name, sums[i]);
    for (const steering::SiteClass& site_class : atlas_.classes) read_class(site_class, servers, readings);
    return readings;
  }

 private:
  [[nodiscard]] Server find(const std::string& name) const;
  [[nodiscard]] bool fresh(const Node& node) const {
    return node.session != nullptr && now_ - node.heard <= kReportHolds;
  }
  [[nodiscard]] steering::FrontendReading read_frontend(const Server& server, std::size_t index);
  [[nodiscard]] steering::Votes votes(const Server& server, std::size_t index);
  using Silences = std::unordered_map<std::string_view, Duration>;  // by the link's other end
  [[nodiscard]] const Silences& links_of(const tmp::PeerIdentity& observer);
  void count(const Server& server, const steering::FrontendReading& reading, Sum& sum) const;
  void read_class(const steering::SiteClass& site_class, const std::vector<Server>& servers,
                  steering::Readings& readings) const;
  [[nodiscard]] steering::PopReading read_pop(const std::string& name, const Sum& sum) const;

  const steering::Atlas& atlas_;
  const std::vector<std::vector<std::string>>& observers_;
  const Fleet& fleet_;
  Time now_;
  Time led_since_;
  std::map<tmp::PeerIdentity, Silences> links_;  // as gateways say
};

Server Reader::find(const std::string& name) const {
  static const std::string kBackend = steered_backend("");
  const bool backend = name.starts_with(kBackend);
  Server server;
  server.identity = {backend ? tmp::Role::backend : tmp::Role::frontend, backend ? name.substr(kBackend.size()) : name};
  server.node = fleet_.find(server.identity);
  const ResourcePtr resource =
      fleet_.ledger().registry().head().find(kind_of(server.identity.role), server.identity.name);
  if (resource == nullptr) return server;
  server.gateway = backend ? &resource->as<BackendGateway>().gateway : &resource->as<FrontendGateway>().gateway;
  return server;  // the head holds what it points to
}

steering::FrontendReading Reader::read_frontend(const Server& server, std::size_t index) {
  const Drains& drains = fleet_.drains();
  const auto& drained = server.identity.role == tmp::Role::backend ? drains.backends : drains.frontends;
  steering::FrontendReading reading;
  if (drained.contains(server.identity.name)) reading.admin = steering::Admin::draining;
  if (server.gateway != nullptr && server.node != nullptr && fresh(*server.node)) {
    reading.use = use_of(*server.gateway, *server.node);
  }
  reading.votes = votes(server, index);
  return reading;
}

/// This manager's word, once it has led for a while, and that of those who should have a link with it; or its own.
steering::Votes Reader::votes(const Server& server, std::size_t index) {
  steering::Votes votes;
  if (has_stopped(server)) return {0, 1};
  const auto vote = [&](bool well) { ++(well ? votes.well : votes.ill); };
  const bool here = server.node != nullptr && fresh(*server.node);
  if (here || now_ - led_since_ >= limits::kUnheardGrace) vote(here);
  if (index >= observers_.size()) return votes;
  const tmp::Role other = server.identity.role == tmp::Role::backend ? tmp::Role::frontend : tmp::Role::backend;
  for (const std::string& name : observers_[index]) {
    const Node* observer = fleet_.find({other, name});
    if (observer == nullptr || !fresh(*observer)) continue;
    const auto& links = links_of({other, name});
    const auto link = links.find(server.identity.name);
    // Who has heard nothing over a link that may be idle knows nothing.
    if (link == links.end() || link->second <= kReportHolds) vote(link != links.end());
  }
  return votes;
}

const Reader::Silences& Reader::links_of(const tmp::PeerIdentity& observer) {
  const auto [entry, fresh] = links_.try_emplace(observer);
  if (!fresh) return entry->second;
  for (const agent::LinkReport& link : fleet_.find(observer)->report.links) {
    entry->second.emplace(link.peer, std::chrono::milliseconds(link.silent_ms));
  }
  return entry->second;
}

/// Who drains offers nothing, but what it still serves will come to the others.
void Reader::count(const Server& server, const steering::FrontendReading& reading, Sum& sum) const {
  if (server.gateway == nullptr || server.node == nullptr || !fresh(*server.node)) return;
  const Gateway& gateway = *server.gateway;
  const double offered = offered_exchanges(gateway);
  sum.heard = true;
  if (gateway.capacity_exchanges_per_s > 0) sum.exchanges += server.node->rates.exchanges;
  if (gateway.capacity_bits_per_s > 0) sum.bits += 8 * server.node->rates.octets;
  sum.all_bits += 8 * server.node->rates.octets;
  sum.cpu += offered * server.node->report.cpu;
  if (reading.admin == steering::Admin::draining) return;
  sum.offered_exchanges += gateway.capacity_exchanges_per_s;
  sum.offered_bits += static_cast<double>(gateway.capacity_bits_per_s);
  sum.offered += offered;
}

/// A POP is as full as the front-ends of one class of sites: what its others have to spare serves none of these.
void Reader::read_class(const steering::SiteClass& site_class, const std::vector<Server>& servers,
                        steering::Readings& readings) const {
  std::map<steering::PopIndex, Sum> sums;
  for (const steering::FrontendIndex index : site_class.frontends) {
    count(servers[index], readings.frontends[index], sums[atlas_.frontends[index].pop]);
  }
  for (const auto& [pop, sum] : sums) readings.pops[pop].use = std::max(readings.pops[pop].use, used_of(sum));
}

steering::PopReading Reader::read_pop(const std::string& name, const Sum& sum) const {
  steering::PopReading reading;
  if (fleet_.drains().pops.contains(name)) reading.admin = steering::Admin::draining;
  reading.use = used_of(sum);
  const ResourcePtr pop = fleet_.ledger().registry().head().find(kPops, name);
  const double access = pop == nullptr ? 0 : static_cast<double>(pop->as<Pop>().capacity_bits_per_s);
  reading.use = std::max(reading.use, ratio(sum.all_bits, access));
  if (!sum.heard || sum.offered <= 0) reading.use = limits::kShedTarget;  // there the share rests
  return reading;
}

/// So much of the mean TTL is the wavering of the demand.
constexpr double kSameTtl = 0.2;

}  // namespace

double use_of(const Gateway& gateway, const Node& node) {
  return std::max({ratio(node.rates.exchanges, gateway.capacity_exchanges_per_s),
                   ratio(8 * node.rates.octets, static_cast<double>(gateway.capacity_bits_per_s)), node.report.cpu});
}

steering::Readings steering_readings(const steering::Atlas& atlas,
                                     const std::vector<std::vector<std::string>>& observers, const Fleet& fleet,
                                     Time led_since) {
  return Reader(atlas, observers, fleet, led_since).read();
}

Duration usual_ttl(const steering::Atlas& atlas, const Fleet& fleet, Duration before) {
  double weighed = 0;
  double demand = 0;
  for (const auto& [identity, node] : fleet.nodes()) {
    if (identity.role != tmp::Role::frontend || node.session == nullptr) continue;
    for (const auto& [name, rates] : node.rates.sites) {
      const steering::Site* site = rates.requests > 0 ? atlas.find(name) : nullptr;
      if (site == nullptr) continue;
      weighed += rates.requests * site->ttl_s;
      demand += rates.requests;
    }
  }
  if (demand <= 0) {
    for (const steering::Site& site : atlas.sites) weighed += site.ttl_s;
    demand = static_cast<double>(atlas.sites.size());
  }
  const Duration mean = demand <= 0 ? Duration(limits::kSteeredTtl) : from_seconds(weighed / demand);
  return std::abs(to_seconds(mean - before)) <= kSameTtl * to_seconds(mean) ? before : mean;
}

}  // namespace ringway::manager

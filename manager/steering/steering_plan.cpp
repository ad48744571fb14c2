#include "manager/steering/steering_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "manager/assigner/plan.h"
#include "manager/steering/alpn_list.h"
#include "manager/steering/steering_names.h"
#include "redirector_dns/geography/geography_file.h"
#include "redirector_dns/steering/costs.h"

namespace ringway::manager {

namespace {

namespace steering = dns::steering;
using steering::FrontendIndex;
using steering::PopIndex;

/// Of the one with the largest capacity of its POP.
constexpr double kFullWeight = 100;
/// Back-ends share out their own clients alone: beside POPs they must not count when it is asked whether all are full.
constexpr double kBackendsCount = 1e-3;
/// What a POP's front-ends measured so long apart is of one way to the client.
constexpr std::chrono::minutes kOneWay{10};

/// Front-ends of a POP stand in one place: the least that they measured lately is the place's.
void join_by_pop(std::vector<steering::RoundTrip>& trips) {
  std::sort(trips.begin(), trips.end(),
            [](const auto& a, const auto& b) { return std::tie(a.pop, a.age) < std::tie(b.pop, b.age); });
  std::vector<steering::RoundTrip> joined;
  for (const steering::RoundTrip& trip : trips) {
    if (joined.empty() || joined.back().pop != trip.pop) {
      joined.push_back(trip);
    } else if (trip.age - joined.back().age <= kOneWay) {
      joined.back().ms = std::min(joined.back().ms, trip.ms);
    }
  }
  trips = std::move(joined);
}

class PlanMaker {
 public:
  explicit PlanMaker(const SteeringFacts& facts) : facts_(facts) {}

  SteeringPlan make() {
    for (std::string& site : sites_found_by_name(facts_.head)) found_.insert(std::move(site));
    add_pops();
    add_backends();
    add_frontends();
    add_sites();
    add_clients();
    made_.plan.resolvers = facts_.resolvers;
    made_.awaited = facts_.awaited;
    weigh();
    return std::move(made_);
  }

 private:
  void add_pops();
  void add_backends();
  void add_frontends();
  void add_sites();
  void add_steered_site(const SeatedSite& seated, const Site& site);
  std::vector<std::string> alpn_of_all(const SeatedSite& seated, const Site& site);
  void add_backends_site(const SeatedSite& seated, const Site& site);
  void add_clients();
  void add_measured(std::map<steering::Network, steering::ClientPlan>& clients);
  /// What a network's being drawn goes by: the first are kept.
  struct Standing {
    bool fenced = false;  // of an area that some fence names
    double worth = 0;
    std::size_t place = 0;  // among the clients
    friend bool operator<(const Standing& a, const Standing& b) {
      return std::tie(b.fenced, b.worth, a.place) < std::tie(a.fenced, a.worth, b.place);
    }
  };
  void keep_busiest();
  void inherit();
  [[nodiscard]] bool was_drawn(const steering::Network& network) const;
  void weigh();

  PopIndex add_pop(const std::string& name, std::optional<steering::Location> place);
  FrontendIndex add_frontend(const std::string& name, PopIndex pop, const std::vector<IpAddress>& addresses,
                             double capacity);
  /// Ascending places of those that are there; `name` says what the plan calls them.
  template <class Index, class Name>
  static std::vector<Index> places(const std::vector<SeatedGateway>& gateways,
                                   const std::map<std::string, Index>& known, Name name);
  void observe(const std::vector<SeatedGateway>& frontends);

  const SteeringFacts& facts_;
  SteeringPlan made_;
  std::set<std::string> found_;  // sites whose back-ends answer by name
  dns::PopPlaces pops_;
  std::map<std::string, FrontendIndex> frontends_;
  std::map<std::string, std::uint32_t> backends_;
  std::vector<double> capacities_;  // by front-end
  std::vector<std::set<std::string>> observers_;
};

PopIndex PlanMaker::add_pop(const std::string& name, std::optional<steering::Location> place) {
  const auto [entry, fresh] = pops_.try_emplace(name, static_cast<PopIndex>(made_.plan.pops.size()));
  if (fresh) made_.plan.pops.push_back({name, place, 0});
  return entry->second;
}

FrontendIndex PlanMaker::add_frontend(const std::string& name, PopIndex pop, const std::vector<IpAddress>& addresses,
                                      double capacity) {
  steering::FrontendPlan plan;
  plan.name = name;
  plan.pop = pop;
  for (const IpAddress& address : addresses) {
    std::vector<IpAddress>& all = address.is_v4() ? plan.v4 : plan.v6;
    if (all.size() < limits::kMaxFrontendAddresses) all.push_back(address);
  }
  const auto index = static_cast<FrontendIndex>(made_.plan.frontends.size());
  frontends_.emplace(name, index);
  made_.plan.frontends.push_back(std::move(plan));
  made_.plan.pops[pop].capacity += capacity;
  capacities_.push_back(capacity);
  observers_.emplace_back();
  return index;
}

/// Those where a front-end stands.
void PlanMaker::add_pops() {
  std::set<std::string> taken;
  facts_.head.each<FrontendGateway>(kFrontends, [&](const FrontendGateway& frontend) { taken.insert(frontend.pop); });
  facts_.head.each<Pop>(kPops, [&](const Pop& pop) {
    if (taken.contains(pop.name)) add_pop(pop.name, steering::Location{pop.latitude, pop.longitude});
  });
}

void PlanMaker::add_backends() {
  facts_.head.each<BackendGateway>(kBackends, [&](const BackendGateway& backend) {
    backends_.emplace(backend.name, static_cast<std::uint32_t>(made_.plan.backends.size()));
    made_.plan.backends.push_back({backend.name, std::nullopt});
  });
}

/// Those of the revision; and those back-ends that somebody may ask for.
void PlanMaker::add_frontends() {
  facts_.head.each<FrontendGateway>(kFrontends, [&](const FrontendGateway& frontend) {
    const auto pop = pops_.find(frontend.pop);
    if (pop == pops_.end()) return;
    const FrontendIndex index =
        add_frontend(frontend.name, pop->second, frontend.addresses, offered_exchanges(frontend.gateway));
    const auto links = facts_.links.find(frontend.name);
    if (links == facts_.links.end()) return;
    for (const LinkFacts& link : links->second) {
      const auto backend = backends_.find(link.backend);
      if (backend == backends_.end()) continue;
      made_.plan.frontends[index].links.push_back({backend->second, link.rtt_ms, link.loss});
    }
  });
  std::set<std::string> wanted;
  for (const SeatedSite& site : facts_.sites) {
    if (!found_.contains(site.name)) continue;
    for (const SeatedGateway& backend : site.backends) wanted.insert(backend.name);
  }
  facts_.head.each<BackendGateway>(kBackends, [&](const BackendGateway& backend) {
    if (!wanted.contains(backend.name) || made_.plan.frontends.size() == limits::kMaxSteeredFrontends) return;
    const bool room = made_.plan.pops.size() + 1 < limits::kMaxPops || pops_.contains(place_of(backend));
    add_frontend(steered_backend(backend.name), add_pop(room ? place_of(backend) : kOtherPlaces, std::nullopt),
                 {backend.address.ip}, kBackendsCount * offered_exchanges(backend.gateway));
  });
}

template <class Index, class Name>
std::vector<Index> PlanMaker::places(const std::vector<SeatedGateway>& gateways,
                                     const std::map<std::string, Index>& known, Name name) {
  std::vector<Index> all;
  all.reserve(gateways.size());
  for (const SeatedGateway& gateway : gateways) {
    const auto found = known.find(name(gateway.name));
    if (found != known.end()) all.push_back(found->second);
  }
  std::sort(all.begin(), all.end());
  return all;
}

void PlanMaker::add_sites() {
  for (const SeatedSite& seated : facts_.sites) {
    const ResourcePtr resource = facts_.head.find(kSites, seated.name);
    if (resource == nullptr) continue;
    observe(seated.frontends);
    add_steered_site(seated, resource->as<Site>());
    if (found_.contains(seated.name)) add_backends_site(seated, resource->as<Site>());
  }
  made_.observers.reserve(observers_.size());
  for (const std::set<std::string>& all : observers_) made_.observers.emplace_back(all.begin(), all.end());
}

/// Front-ends and the back-ends that they send to see each other.
void PlanMaker::observe(const std::vector<SeatedGateway>& frontends) {
  for (const SeatedGateway& frontend : frontends) {
    const auto place = frontends_.find(frontend.name);
    for (const std::string& backend : frontend.backends) {
      if (place != frontends_.end()) observers_[place->second].insert(backend);
      const auto seen = frontends_.find(steered_backend(backend));
      if (seen != frontends_.end()) observers_[seen->second].insert(frontend.name);
    }
  }
}

void PlanMaker::add_steered_site(const SeatedSite& seated, const Site& site) {
  const auto same = [](const std::string& name) { return name; };
  steering::SitePlan plan;
  dns::apply_steering(site.steering, pops_, plan);
  plan.name = seated.name;
  plan.frontends = places(seated.frontends, frontends_, same);
  plan.backends = places(seated.backends, backends_, same);
  plan.alpn = alpn_list(alpn_of_all(seated, site));
  made_.plan.sites.push_back(std::move(plan));
}

/// What an answer promises must hold wherever the next one leads: what one of them lacks is not announced.
std::vector<std::string> PlanMaker::alpn_of_all(const SeatedSite& seated, const Site& site) {
  const std::vector<std::string> wanted = alpn_ids(site.steering.alpn);
  std::vector<std::string> ids = wanted;
  for (const SeatedGateway& frontend : seated.frontends) {
    if (!frontend.alpn) continue;
    const auto lacks = [&](const std::string& id) {
      return std::find(frontend.alpn->begin(), frontend.alpn->end(), id) == frontend.alpn->end();
    };
    if (std::none_of(wanted.begin(), wanted.end(), lacks)) continue;
    made_.insecure[seated.name].push_back(frontend.name);
    std::erase_if(ids, lacks);
  }
  return ids;
}

/// As a site whose front-ends are its back-ends.
void PlanMaker::add_backends_site(const SeatedSite& seated, const Site& site) {
  steering::SitePlan plan;
  plan.name = backends_name(seated.name);
  plan.frontends = places(seated.backends, frontends_, steered_backend);
  plan.ttl = std::chrono::duration_cast<std::chrono::seconds>(site.steering.ttl);
  plan.answers = site.steering.answers;
  plan.for_clients = false;
  made_.plan.sites.push_back(std::move(plan));
}

void PlanMaker::add_clients() {
  std::map<steering::Network, steering::ClientPlan> clients;
  facts_.head.each<ClientNetworks>(kNetworks, [&](const ClientNetworks& networks) {
    for (const std::string& text : networks.networks) {
      const auto network = steering::Network::parse(text);
      if (!network) continue;
      steering::ClientPlan& client = clients[*network];
      client.network = *network;
      client.area = networks.area;
      if (networks.latitude) client.place = steering::Location{*networks.latitude, *networks.longitude};
    }
  });
  add_measured(clients);
  made_.plan.clients.reserve(clients.size());
  for (auto& [network, client] : clients) made_.plan.clients.push_back(std::move(client));
  if (facts_.geography != nullptr) dns::add_geography(made_.plan.clients, *facts_.geography);
  keep_busiest();
}

void PlanMaker::add_measured(std::map<steering::Network, steering::ClientPlan>& clients) {
  facts_.clients.each("", SIZE_MAX, [&](const std::string& text, const std::vector<ClientDistance>& distances) {
    const auto network = steering::Network::parse(text);
    if (!network) return;
    steering::ClientPlan& client = clients[*network];
    client.network = *network;
    for (const ClientDistance& distance : distances) {
      client.demand += rate_of(distance, facts_.now);
      const auto frontend = frontends_.find(distance.frontend);
      if (frontend == frontends_.end()) continue;
      const PopIndex pop = made_.plan.frontends[frontend->second].pop;
      client.round_trips.push_back({pop, distance.rtt_ms, facts_.now - distance.heard});
    }
    join_by_pop(client.round_trips);
  });
}

/// As many as can be drawn. Whoever was there the last time stays until another one has twice the demand, so that
/// nobody comes and goes.
void PlanMaker::keep_busiest() {
  std::set<std::string> fenced;
  for (const steering::SitePlan& site : made_.plan.sites) {
    for (const steering::Fence& fence : site.policy.fences) fenced.insert(fence.areas.begin(), fence.areas.end());
  }
  std::vector<steering::ClientPlan>& clients = made_.plan.clients;
  const std::size_t most = kMaxDrawnOrders / std::max<std::size_t>(1, steering::classify(made_.plan).size());
  if (clients.size() <= most) return;
  inherit();
  std::vector<Standing> standings;
  standings.reserve(clients.size());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const double worth = (was_drawn(clients[i].network) ? 2 : 1) * clients[i].demand;
    standings.push_back({fenced.contains(clients[i].area), worth, i});
  }
  std::nth_element(standings.begin(), standings.begin() + static_cast<std::ptrdiff_t>(most), standings.end());
  standings.resize(most);
  std::sort(standings.begin(), standings.end(), [](const auto& x, const auto& y) { return x.place < y.place; });
  made_.left_out = clients.size() - most;
  made_.left_out_of_areas = static_cast<std::size_t>(
      std::count_if(clients.begin(), clients.end(), [&](const auto& each) { return fenced.contains(each.area); }) -
      std::count_if(standings.begin(), standings.end(), [](const Standing& each) { return each.fenced; }));
  std::vector<steering::ClientPlan> kept;
  kept.reserve(most);
  for (const Standing& standing : standings) kept.push_back(std::move(clients[standing.place]));
  clients = std::move(kept);
}

/// What those around them say is said of each itself: they may go.
void PlanMaker::inherit() {
  const std::vector<steering::Whereabouts> all = steering::locate(made_.plan);
  std::vector<std::pair<std::optional<steering::Location>, std::string>> found;
  found.reserve(all.size());
  for (const steering::Whereabouts& each : all) {
    found.emplace_back(each.place == nullptr ? std::nullopt : std::optional(*each.place), *each.area);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    made_.plan.clients[i].place = found[i].first;
    made_.plan.clients[i].area = std::move(found[i].second);
  }
}

bool PlanMaker::was_drawn(const steering::Network& network) const {
  if (facts_.last_plan == nullptr || facts_.last_plan->left_out == 0) return false;
  const std::vector<steering::ClientPlan>& last = facts_.last_plan->plan.clients;
  const auto at =
      std::lower_bound(last.begin(), last.end(), network,
                       [](const steering::ClientPlan& each, const auto& value) { return each.network < value; });
  return at != last.end() && at->network == network;
}

void PlanMaker::weigh() {
  std::vector<double> largest(made_.plan.pops.size());
  for (std::size_t i = 0; i < capacities_.size(); ++i) {
    double& most = largest[made_.plan.frontends[i].pop];
    most = std::max(most, capacities_[i]);
  }
  for (std::size_t i = 0; i < capacities_.size(); ++i) {
    steering::FrontendPlan& frontend = made_.plan.frontends[i];
    frontend.weight = kFullWeight * capacities_[i] / largest[frontend.pop];
  }
  for (steering::PopPlan& pop : made_.plan.pops) pop.capacity = std::max(kBackendsCount, pop.capacity);
}

}  // namespace

double offered_exchanges(const Gateway& gateway) {
  const double said = gateway.capacity_exchanges_per_s;
  return said > 0 ? said : assigner::GatewayPlan().exchanges_per_s;
}

SteeringPlan steering_plan(const SteeringFacts& facts) { return PlanMaker(facts).make(); }

}  // namespace ringway::manager

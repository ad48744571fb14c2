#include "redirector_dns/steering/atlas_maker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "redirector_dns/steering/cell_cutter.h"
#include "redirector_dns/steering/costs.h"
#include "redirector_dns/steering/interned.h"
#include "redirector_dns/steering/rendezvous.h"

namespace ringway::dns::steering {

namespace {

/// The last atlas in the words of the new one.
class Former {
 public:
  Former(const Atlas* last, const ProfilesByNetwork& profiles, const Plan& plan, const std::vector<ClassPlan>& classes);

  /// How clients of the network were ordered; nothing where nobody knows.
  [[nodiscard]] std::optional<std::vector<PopIndex>> order(const Network& network, std::size_t site_class) const {
    return last_ == nullptr ? std::nullopt : order_of(profile_of(network), site_class);
  }
  /// The same for those of no network.
  [[nodiscard]] std::optional<std::vector<PopIndex>> anybodys_order(std::size_t site_class) const {
    return last_ == nullptr ? std::nullopt : order_of(0, site_class);
  }
  [[nodiscard]] const CellMap* cells() const { return last_ == nullptr ? nullptr : &last_->cells; }

 private:
  /// As it was itself, else as the cell in which it begins.
  [[nodiscard]] std::uint32_t profile_of(const Network& network) const {
    const auto known = profiles_.find(network);
    return known != profiles_.end() ? known->second : last_->cells.find(network.family, network.first).profile;
  }
  [[nodiscard]] std::optional<std::vector<PopIndex>> order_of(std::uint32_t profile, std::size_t site_class) const;

  const Atlas* last_;
  const ProfilesByNetwork& profiles_;
  std::vector<std::optional<std::uint32_t>> classes_;  // by the new class, by its first site
  std::vector<std::optional<PopIndex>> pops_;          // by the old POP, by its name
};

Former::Former(const Atlas* last, const ProfilesByNetwork& profiles, const Plan& plan,
               const std::vector<ClassPlan>& classes)
    : last_(last), profiles_(profiles) {
  if (last == nullptr) return;
  classes_.reserve(classes.size());
  for (const ClassPlan& site_class : classes) {
    const Site* site = last->find(plan.sites[site_class.sites.front()].name);
    classes_.push_back(site == nullptr ? std::nullopt : std::optional(site->site_class));
  }
  std::unordered_map<std::string_view, PopIndex> by_name;
  for (std::size_t i = 0; i < plan.pops.size(); ++i) by_name.emplace(plan.pops[i].name, static_cast<PopIndex>(i));
  pops_.reserve(last->pops.size());
  for (const Pop& pop : last->pops) {
    const auto found = by_name.find(pop.name);
    pops_.push_back(found == by_name.end() ? std::nullopt : std::optional(found->second));
  }
}

std::optional<std::vector<PopIndex>> Former::order_of(std::uint32_t profile, std::size_t site_class) const {
  if (!classes_[site_class]) return std::nullopt;
  std::vector<PopIndex> order;
  order.reserve(2 * limits::kMaxOrderPops);
  for (const PopIndex pop : last_->order(profile, *classes_[site_class]).pops) {
    if (pops_[pop]) order.push_back(*pops_[pop]);
  }
  return order;
}

template <class Numbers>
std::uint64_t hash_of_all(std::uint64_t hash, const Numbers& numbers) {
  for (const auto number : numbers) hash = combined(hash, number);
  return hash;
}

class Drawing {
 public:
  Drawing(const Plan& plan, const Atlas* last, const ProfilesByNetwork& profiles, Challenges& challenges, Time now)
      : plan_(plan),
        now_(now),
        challenges_(challenges),
        classes_(classify(plan)),
        former_(last, profiles, plan, classes_) {}

  Atlas draw();
  [[nodiscard]] ProfilesByNetwork& by_network() { return by_network_; }

 private:
  void add_gateways();
  void add_classes();
  void add_sites();
  void add_orders();
  [[nodiscard]] std::uint32_t reach_of(std::size_t site_class, const std::string& area) const;
  std::uint32_t intern_reach(std::vector<PopIndex> reach);
  std::uint32_t intern_order(const Order& order);
  std::uint32_t profile_of(const ClientPlan* client, const Whereabouts& whereabouts);
  Order order_of(const ClientPlan* client, std::size_t site_class, std::uint32_t reach);
  std::vector<PopIndex> named_first(const ClientPlan* client, std::size_t site_class,
                                    const std::vector<PopIndex>& reach);
  std::vector<PopIndex> nearest(const ClientPlan* client, std::size_t site_class, const std::vector<PopIndex>& reach);
  [[nodiscard]] std::vector<double> most_demand(const std::vector<Patch>& patches) const;

  const Plan& plan_;
  Time now_;
  Challenges& challenges_;
  std::vector<ClassPlan> classes_;
  Former former_;
  Atlas atlas_;
  std::vector<std::vector<double>> class_costs_;           // by class, by POP
  std::vector<std::vector<std::uint32_t>> class_reaches_;  // by class: of anybody, then of each fence
  std::map<std::vector<PopIndex>, std::uint32_t> reaches_;
  Interned orders_;
  Interned profiles_;
  ProfilesByNetwork by_network_;
  std::vector<std::uint32_t> profile_;  // of the present client, by class
  std::vector<double> client_ms_;       // of the present client, by POP
  std::vector<double> costs_;           // the same, with the class's
};

Atlas Drawing::draw() {
  add_gateways();
  add_classes();
  add_sites();
  add_orders();
  atlas_.resolvers = plan_.resolvers;
  std::sort(atlas_.resolvers.begin(), atlas_.resolvers.end());
  return std::move(atlas_);
}

void Drawing::add_gateways() {
  atlas_.pops.reserve(plan_.pops.size());
  atlas_.frontends.reserve(plan_.frontends.size());
  for (const PopPlan& pop : plan_.pops) atlas_.pops.push_back({pop.name, pop.capacity});
  for (const FrontendPlan& frontend : plan_.frontends) {
    atlas_.frontends.push_back({frontend.name, frontend.pop, frontend.weight, frontend.v4, frontend.v6});
  }
}

void Drawing::add_classes() {
  atlas_.classes.reserve(classes_.size());
  class_costs_.reserve(classes_.size());
  for (const ClassPlan& site_class : classes_) {
    atlas_.classes.push_back({site_class.policy.policy, site_class.policy.shares, site_class.frontends});
    class_costs_.push_back(class_costs(plan_, site_class));
    std::vector<PopIndex> served;
    for (std::size_t pop = 0; pop < plan_.pops.size(); ++pop) {
      if (std::isfinite(class_costs_.back()[pop])) served.push_back(static_cast<PopIndex>(pop));
    }
    std::vector<std::uint32_t>& reaches = class_reaches_.emplace_back();
    reaches.push_back(intern_reach(served));
    for (const Fence& fence : site_class.policy.fences) {
      std::vector<PopIndex> inside;
      std::set_intersection(served.begin(), served.end(), fence.pops.begin(), fence.pops.end(),
                            std::back_inserter(inside));
      reaches.push_back(inside.empty() ? reaches.front() : intern_reach(std::move(inside)));
    }
  }
}

void Drawing::add_sites() {
  for (std::uint32_t i = 0; i < classes_.size(); ++i) {
    for (const std::uint32_t index : classes_[i].sites) {
      const SitePlan& site = plan_.sites[index];
      const auto ttl_s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(site.ttl.count(), 0, 1 << 30));
      atlas_.sites.push_back({site.name, i, ttl_s, site.answers, site.spare, site.alpn, site.port});
    }
  }
}

void Drawing::add_orders() {
  const ClientDistance distance(plan_);
  const std::vector<Whereabouts> whereabouts = locate(plan_);
  static const std::string kNowhere;
  distance.measure(nullptr, {nullptr, &kNowhere}, client_ms_);
  const std::uint32_t anybody = profile_of(nullptr, {nullptr, &kNowhere});
  std::vector<Patch> patches;
  patches.reserve(plan_.clients.size());
  by_network_.reserve(plan_.clients.size());
  for (std::size_t i = 0; i < plan_.clients.size(); ++i) {
    const ClientPlan& client = plan_.clients[i];
    distance.measure(&client, whereabouts[i], client_ms_);
    patches.push_back({client.network, profile_of(&client, whereabouts[i]), client.demand});
    by_network_.emplace(client.network, patches.back().profile);
  }
  challenges_.end_turn();
  atlas_.cells = cut_cells(patches, anybody, most_demand(patches), former_.cells());
}

/// Fills in the orders of a kind of clients, or finds that there are such already.
std::uint32_t Drawing::profile_of(const ClientPlan* client, const Whereabouts& whereabouts) {
  profile_.clear();
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    profile_.push_back(intern_order(order_of(client, i, reach_of(i, *whereabouts.area))));
  }
  const std::uint32_t known = profiles_.size();
  const std::uint32_t number = profiles_.number(hash_of_all(0, profile_), [this](std::uint32_t at) {
    return std::equal(profile_.begin(), profile_.end(),
                      atlas_.profiles.begin() + static_cast<std::ptrdiff_t>(at * profile_.size()));
  });
  if (number == known) atlas_.profiles.insert(atlas_.profiles.end(), profile_.begin(), profile_.end());
  return number;
}

std::uint32_t Drawing::reach_of(std::size_t site_class, const std::string& area) const {
  const std::vector<Fence>& fences = classes_[site_class].policy.fences;
  for (std::size_t i = 0; i < fences.size() && !area.empty(); ++i) {
    const std::vector<std::string>& areas = fences[i].areas;
    if (std::find(areas.begin(), areas.end(), area) != areas.end()) return class_reaches_[site_class][i + 1];
  }
  return class_reaches_[site_class].front();
}

Order Drawing::order_of(const ClientPlan* client, std::size_t site_class, std::uint32_t reach) {
  const std::vector<PopIndex>& pops = atlas_.reaches[reach];
  costs_.resize(client_ms_.size());
  std::transform(client_ms_.begin(), client_ms_.end(), class_costs_[site_class].begin(), costs_.begin(), std::plus<>());
  const bool named = classes_[site_class].policy.policy == Policy::failover;
  return {PopList(named ? named_first(client, site_class, pops) : nearest(client, site_class, pops)), reach};
}

/// Whom an operator names stands in front as they are named, which is no matter of costs.
std::vector<PopIndex> Drawing::named_first(const ClientPlan* client, std::size_t site_class,
                                           const std::vector<PopIndex>& reach) {
  std::vector<PopIndex> order;
  std::vector<PopIndex> others = reach;
  for (const PopIndex pop : classes_[site_class].policy.failover) {
    if (std::erase(others, pop) > 0) order.push_back(pop);
  }
  others = nearest(client, site_class, others);
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

std::vector<PopIndex> Drawing::nearest(const ClientPlan* client, std::size_t site_class,
                                       const std::vector<PopIndex>& reach) {
  const auto before =
      client == nullptr ? former_.anybodys_order(site_class) : former_.order(client->network, site_class);
  if (!before) return cheapest_first(reach, costs_);
  std::vector<PopIndex> order = as_before(*before, reach, costs_);
  std::vector<PopIndex> better = with_margin(order, costs_);
  for (std::vector<PopIndex>* each : {&order, &better}) each->resize(std::min(each->size(), limits::kMaxOrderPops));
  if (better == order) return order;
  const std::string& site = plan_.sites[classes_[site_class].sites.front()].name;
  const std::uint64_t network = client == nullptr ? 1 : std::hash<Network>()(client->network);
  // Who is first is a challenge of its own, whoever is better: it must not inherit the time of one further behind.
  const std::uint64_t challenged = better.front() == order.front() ? 0 : 1ULL + order.front();
  return challenges_.raise(combined(combined(network, hash_of(site)), challenged), now_) ? better : order;
}

std::uint32_t Drawing::intern_reach(std::vector<PopIndex> reach) {
  const auto [entry, fresh] = reaches_.try_emplace(std::move(reach), static_cast<std::uint32_t>(atlas_.reaches.size()));
  if (fresh) atlas_.reaches.push_back(entry->first);
  return entry->second;
}

std::uint32_t Drawing::intern_order(const Order& order) {
  const std::uint32_t number = orders_.number(hash_of_all(order.reach, order.pops),
                                              [&](std::uint32_t at) { return atlas_.orders[at] == order; });
  if (number == atlas_.orders.size()) atlas_.orders.push_back(order);
  return number;
}

/// By profile: a share of the demand of the POP that its clients are nearest to, for the class with the most sites for
/// clients.
std::vector<double> Drawing::most_demand(const std::vector<Patch>& patches) const {
  const std::size_t profiles = atlas_.profile_count();
  std::vector<double> most(profiles, std::numeric_limits<double>::infinity());
  const auto sites = [this](const ClassPlan& site_class) {
    return std::count_if(site_class.sites.begin(), site_class.sites.end(),
                         [this](std::uint32_t site) { return plan_.sites[site].for_clients; });
  };
  const auto main = std::max_element(classes_.begin(), classes_.end(),
                                     [&](const auto& a, const auto& b) { return sites(a) < sites(b); });
  if (main == classes_.end()) return most;
  const auto index = static_cast<std::uint32_t>(main - classes_.begin());
  const auto nearest_to = [&](std::uint32_t profile) { return atlas_.order(profile, index).pops.front(); };
  std::vector<double> demand(atlas_.pops.size());
  for (const Patch& patch : patches) demand[nearest_to(patch.profile)] += patch.demand;
  for (std::uint32_t i = 0; i < profiles; ++i) most[i] = limits::kMostCellShare * demand[nearest_to(i)];
  return most;
}

}  // namespace

Result<SharedAtlas> AtlasMaker::draw(const Plan& plan, Time now) {
  if (Status status = check(plan); !status) return status.error();
  Drawing drawing(plan, last_.atlas.get(), last_.profiles, challenges_, now);
  Atlas atlas = drawing.draw();
  atlas.number = last_.atlas == nullptr ? 1 : last_.atlas->number + 1;
  Result<SharedAtlas> sealed = seal(std::move(atlas));
  if (!sealed) return sealed;
  const bool same = last_.atlas != nullptr && same_content(*last_.atlas, **sealed);
  before_ = std::exchange(last_, {same ? last_.atlas : *sealed, std::move(drawing.by_network())});
  return last_.atlas;
}

}  // namespace ringway::dns::steering

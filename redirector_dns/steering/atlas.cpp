#include "redirector_dns/steering/atlas.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/rendezvous.h"

namespace ringway::dns::steering {

namespace {

template <class... Args>
Error unfit(fmt::format_string<Args...> format, Args&&... args) {
  return client_error("steering atlas: " + fmt::format(format, std::forward<Args>(args)...));
}

template <class T>
bool ascending_below(const std::vector<T>& indices, std::size_t bound) {
  const bool ascending = std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) == indices.end();
  return ascending && (indices.empty() || indices.back() < bound);
}

bool within(double value, double least, double most) { return value >= least && value <= most; }

Status check_sizes(const Atlas& atlas) {
  const auto too_many = [](std::string_view what, std::size_t count, std::size_t most) -> Status {
    return count <= most ? Status() : unfit("{} {}, at most {}", count, what, most);
  };
  if (Status s = too_many("POPs", atlas.pops.size(), limits::kMaxPops); !s) return s;
  if (Status s = too_many("front-ends", atlas.frontends.size(), limits::kMaxSteeredFrontends); !s) return s;
  if (Status s = too_many("sites", atlas.sites.size(), limits::kMaxSteeredSites); !s) return s;
  if (Status s = too_many("classes", atlas.classes.size(), limits::kMaxSteeredSites); !s) return s;
  if (Status s = too_many("orders", atlas.profiles.size(), limits::kMaxSteeredOrders); !s) return s;
  if (Status s = too_many("resolvers", atlas.resolvers.size(), limits::kMaxSlottedResolvers); !s) return s;
  return too_many("ranges of clients", atlas.cells.ranges(Family::v4).size() + atlas.cells.ranges(Family::v6).size(),
                  limits::kMaxCellRanges);
}

/// What stands in a text as one word, and is not taken for nothing there.
bool is_word(std::string_view name) {
  const auto printable = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; };
  return !name.empty() && name != "-" && name.size() <= limits::kMaxSteeredNameOctets &&
         std::all_of(name.begin(), name.end(), printable);
}

Status check_names(const Atlas& atlas) {
  const auto named = [](const auto& item) { return is_word(item.name); };
  const bool good = std::all_of(atlas.pops.begin(), atlas.pops.end(), named) &&
                    std::all_of(atlas.frontends.begin(), atlas.frontends.end(), named) &&
                    std::all_of(atlas.sites.begin(), atlas.sites.end(), [&](const Site& site) {
                      return named(site) && (site.alpn.empty() || is_word(site.alpn));
                    });
  return good ? Status() : unfit("a name or protocol that is empty, too long, or not one word");
}

Status check_frontends(const Atlas& atlas) {
  for (const Pop& pop : atlas.pops) {
    if (!within(pop.capacity, 1e-6, 1e12)) return unfit("POP {}: a capacity of {}", pop.name, pop.capacity);
  }
  for (const Frontend& frontend : atlas.frontends) {
    const std::size_t addresses = std::max(frontend.v4.size(), frontend.v6.size());
    if (frontend.pop >= atlas.pops.size()) return unfit("front-end {} is in no POP", frontend.name);
    if (!within(frontend.weight, 0, 1000)) return unfit("front-end {}: a weight of {}", frontend.name, frontend.weight);
    if (addresses == 0 || addresses > limits::kMaxFrontendAddresses) {
      return unfit("front-end {} has {} addresses of one kind", frontend.name, addresses);
    }
    const auto is_v4 = [](const IpAddress& address) { return address.is_v4(); };
    const bool sorted = std::all_of(frontend.v4.begin(), frontend.v4.end(), is_v4) &&
                        std::none_of(frontend.v6.begin(), frontend.v6.end(), is_v4);
    if (!sorted) return unfit("front-end {}: an address of the other kind", frontend.name);
  }
  return {};
}

Status check_sites(const Atlas& atlas) {
  for (const SiteClass& site_class : atlas.classes) {
    const bool fits = !site_class.frontends.empty() && ascending_below(site_class.frontends, atlas.frontends.size());
    if (!fits) return unfit("a class without front-ends, or with unknown ones");
    const std::size_t shares = site_class.policy == Policy::weighted ? atlas.pops.size() : 0;
    const auto good = [](double share) { return within(share, 0, 1000); };
    if (site_class.shares.size() != shares || !std::all_of(site_class.shares.begin(), site_class.shares.end(), good)) {
      return unfit("a class's shares are not one for each POP, 0 to 1000");
    }
  }
  for (const Site& site : atlas.sites) {
    if (site.site_class >= atlas.classes.size()) return unfit("site {} is of no class", site.name);
    const std::chrono::seconds ttl(site.ttl_s);
    if (ttl < limits::kMinSteeredTtl || ttl > limits::kMaxSteeredTtl) {
      return unfit("site {}: a TTL of {} s", site.name, site.ttl_s);
    }
    if (site.answers == 0 || site.answers > limits::kMaxAnswerFrontends) {
      return unfit("site {}: {} front-ends in one answer", site.name, site.answers);
    }
  }
  return {};
}

Status check_orders(const Atlas& atlas) {
  for (const std::vector<PopIndex>& reach : atlas.reaches) {
    if (reach.empty() || !ascending_below(reach, atlas.pops.size())) return unfit("a reach of no or unknown POPs");
  }
  for (const Order& order : atlas.orders) {
    if (order.reach >= atlas.reaches.size()) return unfit("an order without reach");
    const std::vector<PopIndex>& reach = atlas.reaches[order.reach];
    const auto reached = [&](PopIndex pop) { return std::binary_search(reach.begin(), reach.end(), pop); };
    if (!std::all_of(order.pops.begin(), order.pops.end(), reached)) return unfit("an order beyond its reach");
  }
  const auto known = [&](std::uint32_t order) { return order < atlas.orders.size(); };
  if (!std::all_of(atlas.profiles.begin(), atlas.profiles.end(), known)) return unfit("a profile of an unknown order");
  const std::size_t classes = std::max<std::size_t>(1, atlas.classes.size());
  if (atlas.profiles.size() % classes != 0 || (!atlas.classes.empty() && atlas.profiles.empty())) {
    return unfit("profiles that do not have an order for each class");
  }
  return {};
}

Status check_cells(const Atlas& atlas) {
  for (const Family family : {Family::v4, Family::v6}) {
    for (const CellRange& range : atlas.cells.ranges(family)) {
      if (range.profile >= atlas.profile_count()) return unfit("a range of clients of an unknown profile");
    }
  }
  const bool sorted = std::is_sorted(atlas.resolvers.begin(), atlas.resolvers.end());
  return sorted ? Status() : unfit("resolvers are not in order");
}

}  // namespace

const Site* Atlas::find(std::string_view site) const {
  const auto found = sites_by_name.find(site);
  return found == sites_by_name.end() ? nullptr : &sites[found->second];
}

bool same_content(const Atlas& a, const Atlas& b) {
  const auto same_cells = [&](Family family) {
    return std::ranges::equal(a.cells.ranges(family), b.cells.ranges(family));
  };
  return std::tie(a.pops, a.frontends, a.classes, a.sites, a.reaches, a.orders, a.profiles, a.resolvers) ==
             std::tie(b.pops, b.frontends, b.classes, b.sites, b.reaches, b.orders, b.profiles, b.resolvers) &&
         same_cells(Family::v4) && same_cells(Family::v6);
}

Result<SharedAtlas> seal(Atlas unsealed) {
  for (Status (*check)(const Atlas&) :
       {check_sizes, check_names, check_frontends, check_sites, check_orders, check_cells}) {
    if (Status status = check(unsealed); !status) return status.error();
  }
  // Names are viewed: nothing may move from here on.
  const auto atlas = std::make_shared<Atlas>(std::move(unsealed));
  for (Pop& pop : atlas->pops) pop.hash = hash_of(pop.name);
  for (Frontend& frontend : atlas->frontends) frontend.hash = hash_of(frontend.name);
  atlas->sites_by_name.clear();
  for (std::uint32_t i = 0; i < atlas->sites.size(); ++i) {
    Site& site = atlas->sites[i];
    site.hash = hash_of(site.name);
    if (!atlas->sites_by_name.emplace(site.name, i).second) return unfit("site {} is there twice", site.name);
  }
  return SharedAtlas(atlas);
}

}  // namespace ringway::dns::steering

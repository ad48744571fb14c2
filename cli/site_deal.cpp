#include "cli/site_deal.h"

#include <algorithm>
#include <vector>

#include "cli/worker_team.h"

namespace ringway::cli {

void SiteDeal::deal(const backend::Settings& settings) {
  std::vector<std::size_t> sites(workers_);
  for (const auto& [name, worker] : places_) ++sites[worker];
  for (const backend::Site& site : settings.sites) {
    if (places_.contains(site.name)) continue;
    const auto servers = sites.rend() - static_cast<std::ptrdiff_t>(first_server(workers_));
    const auto fewest = std::min_element(sites.rbegin(), servers);
    ++*fewest;
    places_[site.name] = static_cast<std::size_t>(sites.rend() - fewest) - 1;
  }
}

std::size_t SiteDeal::worker_of(const std::string& site) const {
  const auto found = places_.find(site);
  return found == places_.end() ? 0 : found->second;
}

SiteNames SiteDeal::sites_of(std::size_t worker) const {
  SiteNames names;
  for (const auto& [name, place] : places_) {
    if (place == worker) names.insert(name);
  }
  return names;
}

}  // namespace ringway::cli

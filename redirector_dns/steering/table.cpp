#include "redirector_dns/steering/table.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/health.h"

namespace ringway::dns::steering {

namespace {

/// 0 up to `begin`, 1 from `end` on.
double progress(Duration age, Duration begin, Duration end) {
  return std::clamp(to_seconds(age - begin) / to_seconds(end - begin), 0.0, 1.0);
}

AddressFamilies families_of(const Atlas& atlas, const SiteClass& site_class) {
  AddressFamilies families;
  for (const FrontendIndex index : site_class.frontends) {
    const Frontend& frontend = atlas.frontends[index];
    const bool first = !families.v4 && !families.v6;
    families.mixed |= !first && (families.v4 == frontend.v4.empty() || families.v6 == frontend.v6.empty());
    families.v4 |= !frontend.v4.empty();
    families.v6 |= !frontend.v6.empty();
  }
  return families;
}

/// A drain goes on by itself.
double drained(double shed, Duration age) { return std::min(1.0, shed + limits::kDrainPerSecond * to_seconds(age)); }

/// By the names of what they are of.
template <class Named, class Level>
void carry_over(std::vector<Level>& levels, const std::vector<Named>& of, const std::vector<Level>& next_levels,
                const std::vector<Named>& next_of) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < next_of.size(); ++i) places.emplace(next_of[i].name, i);
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto place = places.find(of[i].name);
    if (place != places.end()) levels[i] = next_levels[place->second];
  }
}

}  // namespace

SteeringTable::SteeringTable(std::uint64_t number, SharedAtlas atlas, Levels levels, Freshness freshness)
    : number_(number), atlas_(std::move(atlas)), levels_(std::move(levels)), freshness_(freshness) {
  levels_.pops.resize(atlas_->pops.size());
  levels_.frontends.resize(atlas_->frontends.size());
  groups_.reserve(atlas_->classes.size() * atlas_->pops.size() + 1);
  families_.reserve(atlas_->classes.size());
  for (const SiteClass& site_class : atlas_->classes) {
    sort_out_class(site_class);
    families_.push_back(families_of(*atlas_, site_class));
  }
  groups_.push_back(static_cast<std::uint32_t>(live_.size()));
}

void SteeringTable::sort_out_class(const SiteClass& site_class) {
  std::vector<Patient> patients;
  patients.reserve(site_class.frontends.size());
  for (const FrontendIndex index : site_class.frontends) {
    patients.push_back({levels_.frontends[index].ill_rank, atlas_->frontends[index].pop});
  }
  std::vector<bool> out;
  take_out(patients, out);
  std::vector<std::pair<PopIndex, FrontendIndex>> answering;
  answering.reserve(patients.size());
  for (std::size_t i = 0; i < patients.size(); ++i) {
    const FrontendIndex index = site_class.frontends[i];
    if (!out[i]) answering.emplace_back(atlas_->frontends[index].pop, index);
  }
  std::sort(answering.begin(), answering.end());
  auto next = answering.begin();
  for (std::size_t pop = 0; pop < atlas_->pops.size(); ++pop) {
    groups_.push_back(static_cast<std::uint32_t>(live_.size()));
    for (; next != answering.end() && next->first == pop; ++next) live_.push_back(next->second);
  }
}

Levels aged(const Levels& levels, Duration age) {
  Levels older = levels;
  const double to_usual = progress(age, limits::kLoadHolds, limits::kLoadIsUsual);
  const double to_nothing = progress(age, limits::kLoadIsUsual, limits::kLoadIsNothing);
  for (PopLevel& pop : older.pops) {
    const double loaded = (pop.shed + to_usual * (pop.usual - pop.shed)) * (1 - to_nothing);
    pop.shed = pop.draining ? drained(pop.shed, age) : loaded;
  }
  for (FrontendLevel& frontend : older.frontends) {
    frontend.shed = frontend.draining ? drained(frontend.shed, age) : frontend.shed * (1 - to_usual);
    if (age >= limits::kHealthHolds) frontend.ill_rank = 0;
  }
  return older;
}

Levels carried_over(const SteeringTable& last, const SteeringTable& next) {
  Levels levels = last.levels();
  carry_over(levels.pops, last.atlas().pops, next.levels().pops, next.atlas().pops);
  carry_over(levels.frontends, last.atlas().frontends, next.levels().frontends, next.atlas().frontends);
  return levels;
}

}  // namespace ringway::dns::steering

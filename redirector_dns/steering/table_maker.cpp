#include "redirector_dns/steering/table_maker.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

/// As it is published, so that who makes the table and who reads it count alike.
double rounded(double share) { return std::round(share * 1e4) / 1e4; }

/// A front-end may be used so many times as much as its POP's are on average.
constexpr double kLoadBound = 1.25;
/// Ranks of one table are below it.
constexpr Duration kRanks{limits::kMaxSteeredFrontends + 1};
/// Below it imbalance harms nobody.
constexpr double kIdleUse = 0.5;

/// By POP: how much those front-ends that serve are used on average.
std::vector<double> mean_uses(const Atlas& atlas, const Readings& readings, const std::vector<Standing>& standings) {
  std::vector<double> sums(atlas.pops.size());
  std::vector<double> weights(atlas.pops.size());
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    if (standings[i] != Standing::serving) continue;
    sums[atlas.frontends[i].pop] += atlas.frontends[i].weight * readings.frontends[i].use;
    weights[atlas.frontends[i].pop] += atlas.frontends[i].weight;
  }
  for (std::size_t pop = 0; pop < sums.size(); ++pop) sums[pop] = weights[pop] > 0 ? sums[pop] / weights[pop] : 0;
  return sums;
}

/// By POP: of its front-ends' standings the one that leaves most to it.
std::vector<Standing> best_standings(const Atlas& atlas, const std::vector<Standing>& standings) {
  std::vector<Standing> best(atlas.pops.size(), Standing::lost);
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    Standing& of_pop = best[atlas.frontends[i].pop];
    of_pop = std::min(of_pop, standings[i]);
  }
  return best;
}

/// Of a POP or a front-end, as its table says.
template <class Level>
Standing standing_of(const Level& level) {
  return level.draining ? Standing::draining : Standing::serving;
}

/// Who left may come back as it was, for a while: until there are more of them than of others.
template <class Book, class Named>
void forget_strangers(Book& book, const std::vector<Named>& named) {
  if (book.size() <= 2 * named.size() + 16) return;
  std::unordered_set<std::string_view> names;
  names.reserve(named.size());
  for (const Named& each : named) names.insert(each.name);
  std::erase_if(book, [&](const auto& entry) { return !names.contains(entry.first); });
}

}  // namespace

TableMaker::TableMaker(Duration ttl, const SteeringTable& last, std::optional<Time> now)
    : ttl_(ttl), number_(last.number()) {
  const Atlas& atlas = last.atlas();
  for (std::size_t i = 0; i < atlas.pops.size(); ++i) {
    const PopLevel& level = last.levels().pops[i];
    pops_.try_emplace(atlas.pops[i].name,
                      Watched{ShedController(ttl, level.shed, level.usual, standing_of(level)), {}});
  }
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    const FrontendLevel& level = last.levels().frontends[i];
    // The lower the rank, the longer it is ill.
    const bool ill = now && level.ill_rank != 0;
    const Health health = ill ? Health(*now + Duration(level.ill_rank) - kRanks, *now) : Health();
    frontends_.try_emplace(atlas.frontends[i].name,
                           Watched{ShedController(ttl, level.shed, level.shed, standing_of(level)), health});
  }
}

void TableMaker::reckon_with(Duration ttl) {
  if (ttl == std::exchange(ttl_, ttl)) return;
  for (auto& [name, watch] : pops_) watch.shed.reckon_with(ttl);
  for (auto& [name, watch] : frontends_) watch.shed.reckon_with(ttl);
}

SteeringTable TableMaker::make(const SharedAtlas& shared, Readings readings, Time now) {
  const Atlas& atlas = *shared;
  readings.pops.resize(atlas.pops.size());
  readings.frontends.resize(atlas.frontends.size());
  Levels levels;
  levels.pops.resize(atlas.pops.size());
  levels.frontends.resize(atlas.frontends.size());
  const std::vector<Standing> standings = look(atlas, readings, now);
  level_frontends(atlas, readings, standings, now, levels);
  level_pops(atlas, readings, standings, now, levels);
  forget_strangers(pops_, atlas.pops);
  forget_strangers(frontends_, atlas.frontends);
  return SteeringTable(++number_, shared, std::move(levels));
}

/// How each front-end stands.
std::vector<Standing> TableMaker::look(const Atlas& atlas, const Readings& readings, Time now) {
  std::vector<Standing> standings;
  standings.reserve(atlas.frontends.size());
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    Health& health = watched(frontends_, atlas.frontends[i].name, readings.frontends[i].admin).health;
    health.observe(readings.frontends[i].votes, now);
    const Standing set = readings.frontends[i].admin == Admin::draining ? Standing::draining : Standing::serving;
    standings.push_back(health.well() ? set : Standing::lost);
  }
  return standings;
}

void TableMaker::level_frontends(const Atlas& atlas, const Readings& readings, const std::vector<Standing>& standings,
                                 Time now, Levels& levels) {
  const std::vector<double> means = mean_uses(atlas, readings, standings);
  std::vector<std::pair<Time, std::size_t>> ill;
  for (std::size_t i = 0; i < atlas.frontends.size(); ++i) {
    Watched& watch = watched(frontends_, atlas.frontends[i].name, readings.frontends[i].admin);
    const double use = readings.frontends[i].use;
    const double mean = means[atlas.frontends[i].pop];
    watch.shed.step({use > kIdleUse && mean > 0 ? use / (kLoadBound * mean) : 0, standings[i]}, now);
    levels.frontends[i].shed = rounded(watch.shed.share());
    levels.frontends[i].draining = readings.frontends[i].admin == Admin::draining;
    if (watch.health.ill_since()) ill.emplace_back(*watch.health.ill_since(), i);
  }
  std::sort(ill.begin(), ill.end());
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < ill.size(); ++i) {
    if (i == 0 || ill[i].first != ill[i - 1].first) ++rank;  // who fell together stands and rises together
    levels.frontends[ill[i].second].ill_rank = rank;
  }
}

void TableMaker::level_pops(const Atlas& atlas, const Readings& readings, const std::vector<Standing>& standings,
                            Time now, Levels& levels) {
  const std::vector<Standing> best = best_standings(atlas, standings);
  std::vector<Filling> fillings;
  std::vector<Filling> rooms;  // where all front-ends drain there is none, whoever still is there
  std::vector<double> capacities;
  fillings.reserve(atlas.pops.size());
  rooms.reserve(atlas.pops.size());
  capacities.reserve(atlas.pops.size());
  for (std::size_t i = 0; i < atlas.pops.size(); ++i) {
    const Standing set = readings.pops[i].admin == Admin::draining ? Standing::draining : Standing::serving;
    fillings.push_back({readings.pops[i].use, best[i] == Standing::lost ? Standing::lost : set});
    rooms.push_back({readings.pops[i].use, best[i] == Standing::serving ? set : best[i]});
    capacities.push_back(atlas.pops[i].capacity);
  }
  const double scale = crowding(rooms, capacities);
  for (std::size_t i = 0; i < atlas.pops.size(); ++i) {
    ShedController& shed = watched(pops_, atlas.pops[i].name, readings.pops[i].admin).shed;
    shed.step({fillings[i].use * scale, fillings[i].standing}, now);
    levels.pops[i] = {rounded(shed.share()), rounded(shed.usual()), readings.pops[i].admin == Admin::draining};
  }
}

}  // namespace ringway::dns::steering

#include "cli/dns/stand_in.h"

#include <algorithm>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::cli {

using dns::steering::Admin;
using dns::steering::Levels;
using dns::steering::Readings;
using dns::steering::SharedTable;
using dns::steering::SteeringTable;
using dns::steering::Votes;

namespace {

/// What it saw itself, else the manager's word, as long as that has not aged away.
Votes word_on(const Levels& levels, const std::vector<Votes>& votes, std::size_t frontend) {
  const Votes own = frontend < votes.size() ? votes[frontend] : Votes{};
  const bool silent = own.well + own.ill == 0;
  return silent && levels.frontends[frontend].ill_rank != 0 ? Votes{0, 1} : own;
}

/// Nothing of loads: nobody says them.
Readings readings_of(const Levels& levels, const std::vector<Votes>& votes) {
  const auto admin = [](bool draining) { return draining ? Admin::draining : Admin::serving; };
  Readings readings;
  for (const auto& pop : levels.pops) readings.pops.push_back({0, admin(pop.draining)});
  for (std::size_t i = 0; i < levels.frontends.size(); ++i) {
    readings.frontends.push_back({0, admin(levels.frontends[i].draining), word_on(levels, votes, i)});
  }
  return readings;
}

/// Whoever sheds more is right: load that was told goes slowly, and who was ill begins with few.
Levels joined(const Levels& aged, Levels own) {
  for (std::size_t i = 0; i < own.pops.size(); ++i) {
    own.pops[i].shed = std::max(own.pops[i].shed, aged.pops[i].shed);
    own.pops[i].usual = aged.pops[i].usual;
  }
  for (std::size_t i = 0; i < own.frontends.size(); ++i) {
    own.frontends[i].shed = std::max(own.frontends[i].shed, aged.frontends[i].shed);
  }
  return own;
}

}  // namespace

StandIn::StandIn(const SteeringTable& last, Time now) : maker_(limits::kSteeredTtl, last, now) {}

SharedTable StandIn::make(const SteeringTable& aged, const std::vector<Votes>& votes, Time now) {
  const SteeringTable own = maker_.make(aged.shared_atlas(), readings_of(aged.levels(), votes), now);
  Levels levels = joined(aged.levels(), own.levels());
  if (made_ == nullptr || made_->levels() != levels) {
    made_ = std::make_shared<const SteeringTable>(aged.number(), aged.shared_atlas(), std::move(levels),
                                                  SteeringTable::Freshness::stale);
  }
  return made_;
}

}  // namespace ringway::cli

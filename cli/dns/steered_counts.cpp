#include "cli/dns/steered_counts.h"

#include <utility>

namespace ringway::cli {

void SteeredCounts::use(const dns::steering::Atlas& atlas) {
  std::map<std::string, Reasons> kept;
  by_index_.clear();
  by_index_.reserve(atlas.pops.size());
  for (const dns::steering::Pop& pop : atlas.pops) {
    const auto before = by_name_.find(pop.name);
    const auto [now, added] = kept.emplace(pop.name, before == by_name_.end() ? Reasons{} : before->second);
    by_index_.push_back(&now->second);
  }
  by_name_ = std::move(kept);
}

}  // namespace ringway::cli

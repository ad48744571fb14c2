#include "cli/share_count.h"

#include <utility>

namespace ringway::cli {

namespace {

void add(SiteCount& sum, SiteCount&& part) {
  sum.requests += part.requests;
  sum.refused += part.refused;
  sum.errors += part.errors;
  for (std::size_t ring = 0; ring < sum.rings.size(); ++ring) sum.rings[ring] += part.rings[ring];
  if (sum.durations.size() < part.durations.size()) sum.durations.resize(part.durations.size());
  for (std::size_t i = 0; i < part.durations.size(); ++i) sum.durations[i] += part.durations[i];
  // A site's origins are one worker's.
  sum.origins.insert(sum.origins.end(), part.origins.begin(), part.origins.end());
}

}  // namespace

ShareCount together(std::vector<ShareCount> counts) {
  ShareCount sum;
  for (ShareCount& count : counts) {
    for (auto& [name, site] : count.sites) add(sum.sites[name], std::move(site));
    sum.exchanges += count.exchanges;
    sum.connections += count.connections;
    sum.clients.add(count.clients);
  }
  return sum;
}

void keep_sites(const std::set<std::string>& names, ShareCount& count) {
  std::erase_if(count.sites, [&](const auto& site) { return !names.contains(site.first); });
  for (const std::string& name : names) count.sites.try_emplace(name);
}

CountBoard::CountBoard(WorkerTeam& team, std::function<ShareCount(std::size_t worker)> count)
    : team_(team), count_(std::move(count)) {
  while (slots_.size() < team_.size()) slots_.push_back(std::make_unique<Slot>());
}

ShareCount CountBoard::take() {
  std::vector<ShareCount> counts;
  counts.push_back(count_(0));
  for (std::size_t worker = 1; worker < slots_.size(); ++worker) counts.push_back(take_from(worker));
  return together(std::move(counts));
}

ShareCount CountBoard::take_from(std::size_t worker) {
  Slot& slot = *slots_[worker];
  bool asked = true;
  ShareCount latest;
  {
    const std::lock_guard lock(slot.mutex);
    latest = slot.latest;
    slot.latest.clients = {};
    asked = std::exchange(slot.asked, true);
  }
  if (!asked) ask(worker);
  return latest;
}

void CountBoard::ask(std::size_t worker) {
  team_.post(worker, [this, worker] {
    ShareCount fresh = count_(worker);
    Slot& slot = *slots_[worker];
    const std::lock_guard lock(slot.mutex);
    slot.latest = std::move(fresh);
    slot.asked = false;
  });
}

}  // namespace ringway::cli

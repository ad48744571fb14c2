#include "redirector_dns/steering/preference.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

bool clearly_better(double cost, double than) {
  return cost < than * (1 - limits::kBetterShare) && cost < than - limits::kBetterMs;
}

}  // namespace

std::vector<PopIndex> cheapest_first(std::span<const PopIndex> reach, std::span<const double> costs) {
  std::vector<PopIndex> order(std::min(reach.size(), limits::kMaxOrderPops));
  std::partial_sort_copy(reach.begin(), reach.end(), order.begin(), order.end(),
                         [&](PopIndex a, PopIndex b) { return std::tie(costs[a], a) < std::tie(costs[b], b); });
  return order;
}

std::vector<PopIndex> as_before(std::span<const PopIndex> before, std::span<const PopIndex> reach,
                                std::span<const double> costs) {
  std::vector<PopIndex> order;
  order.reserve(before.size() + limits::kMaxOrderPops);
  std::copy_if(before.begin(), before.end(), std::back_inserter(order),
               [&](PopIndex pop) { return std::binary_search(reach.begin(), reach.end(), pop); });
  for (const PopIndex pop : cheapest_first(reach, costs)) {
    if (std::find(order.begin(), order.end(), pop) == order.end()) order.push_back(pop);
  }
  return order;
}

std::vector<PopIndex> with_margin(std::vector<PopIndex> order, std::span<const double> costs) {
  for (auto at = order.begin(); at != order.end(); ++at) {
    const auto beaten =
        std::find_if(order.begin(), at, [&](PopIndex other) { return clearly_better(costs[*at], costs[other]); });
    std::rotate(beaten, at, at + 1);
  }
  return order;
}

bool Challenges::raise(std::uint64_t key, Time now) {
  const auto known = std::lower_bound(since_.begin(), since_.end(), Challenge{key, Time::min()});
  const Time since = known == since_.end() || known->first != key ? now : known->second;
  if (now - since >= limits::kBetterFor) return true;
  raised_.emplace_back(key, since);
  return false;
}

void Challenges::end_turn() {
  std::sort(raised_.begin(), raised_.end());
  raised_.erase(std::unique(raised_.begin(), raised_.end()), raised_.end());
  since_.swap(raised_);
  raised_.clear();
}

}  // namespace ringway::dns::steering

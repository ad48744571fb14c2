#include "cli/dns/busy_resolvers.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "redirector_dns/steering/rendezvous.h"

namespace ringway::cli {

namespace {

std::uint64_t key_of(const IpAddress& address) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.octets().data(), sizeof halves);
  return dns::steering::combined(halves[0], halves[1]);
}

}  // namespace

void BusyResolvers::count(const IpAddress& address) {
  const std::uint64_t key = key_of(address);
  Set& set = sets_[key % kSets];
  for (std::size_t i = 0; i < set.used; ++i) {
    if (set.keys[i] == key && set.watched[i].address == address) {
      ++set.watched[i].queries;
      return;
    }
  }
  const bool room = set.used < kWays;
  const std::size_t at = room ? set.used++ : set.least();
  const std::uint32_t before = room ? 0 : set.watched[at].queries;
  set.keys[at] = key;
  set.watched[at] = {address, before + 1, before};
}

std::size_t BusyResolvers::Set::least() const {
  const auto found = std::min_element(watched.begin(), watched.end(),
                                      [](const Watched& a, const Watched& b) { return a.queries < b.queries; });
  return static_cast<std::size_t>(found - watched.begin());
}

std::vector<ResolverCount> BusyResolvers::take() {
  std::vector<ResolverCount> counts;
  for (Set& set : sets_) {
    for (std::size_t i = 0; i < set.used; ++i) {
      counts.push_back({set.watched[i].address, set.watched[i].queries - set.watched[i].taken_over});
    }
    set.used = 0;
  }
  return counts;
}

}  // namespace ringway::cli

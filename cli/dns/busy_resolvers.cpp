#include "cli/dns/busy_resolvers.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ringway::cli {

namespace {

std::uint64_t key_of(const IpAddress& address) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.octets().data(), sizeof halves);
  return (halves[0] * 0x9e3779b97f4a7c15ULL) ^ halves[1];
}

}  // namespace

void BusyResolvers::count(const IpAddress& address) {
  const std::uint64_t key = key_of(address);
  for (std::size_t i = 0; i < used_; ++i) {
    if (keys_[i] == key && watched_[i].address == address) {
      ++watched_[i].queries;
      return;
    }
  }
  const bool room = used_ < kWatched;
  const std::size_t at = room ? used_++ : least();
  const std::uint32_t before = room ? 0 : watched_[at].queries;
  keys_[at] = key;
  watched_[at] = {address, before + 1, before};
}

std::size_t BusyResolvers::least() const {
  const auto found = std::min_element(watched_.begin(), watched_.end(),
                                      [](const Watched& a, const Watched& b) { return a.queries < b.queries; });
  return static_cast<std::size_t>(found - watched_.begin());
}

std::vector<ResolverCount> BusyResolvers::take() {
  std::vector<ResolverCount> counts;
  counts.reserve(used_);
  for (std::size_t i = 0; i < used_; ++i) {
    counts.push_back({watched_[i].address, watched_[i].queries - watched_[i].taken_over});
  }
  used_ = 0;
  return counts;
}

}  // namespace ringway::cli

#pragma once
// Which resolvers ask most, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005), in sets by a hash of
// the address, as caches have them. Who asked more than one in kWays of its set's queries is watched; each count is at
// most too high by what it took over, which is known and taken off.

#include <array>
#include <cstdint>
#include <vector>

#include "base/address.h"

namespace ringway::cli {

struct ResolverCount {
  IpAddress address;
  std::uint32_t queries = 0;  // at least
};

class BusyResolvers {
 public:
  static constexpr std::size_t kSets = 64;
  static constexpr std::size_t kWays = 16;

  void count(const IpAddress& address);
  /// Who asked since the call before this one; in no order.
  std::vector<ResolverCount> take();

 private:
  struct Watched {
    IpAddress address;
    std::uint32_t queries = 0;
    std::uint32_t taken_over = 0;  // of them, another's
  };
  struct Set {
    std::array<std::uint64_t, kWays> keys{};  // of the addresses: what is looked through for each query
    std::array<Watched, kWays> watched{};
    std::size_t used = 0;
    [[nodiscard]] std::size_t least() const;
  };

  std::vector<Set> sets_ = std::vector<Set>(kSets);
};

}  // namespace ringway::cli

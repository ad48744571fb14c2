#pragma once
// Which resolvers ask most, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005). Who asked more than
// one in kWatched of all queries is among those watched; each count is at most too high by what it took over, which is
// known.

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
  static constexpr std::size_t kWatched = 64;

  void count(const IpAddress& address);
  /// Who asked since the call before this one; in no order.
  std::vector<ResolverCount> take();

 private:
  struct Watched {
    IpAddress address;
    std::uint32_t queries = 0;
    std::uint32_t taken_over = 0;  // of them, another's
  };
  [[nodiscard]] std::size_t least() const;

  std::array<std::uint64_t, kWatched> keys_{};  // of the addresses: what is looked through for each query
  std::array<Watched, kWatched> watched_{};
  std::size_t used_ = 0;
};

}  // namespace ringway::cli

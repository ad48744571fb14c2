#pragma once
// In which order a client prefers POPs, and when that changes.
//
// Who stands before another stays there until the other is better by more than a tenth and 5 ms, and has been so for
// 3 minutes: round trips waver more than that, and each change sends clients elsewhere.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/time.h"
#include "redirector_dns/steering/atlas.h"

namespace ringway::dns::steering {

/// The POPs of `reach` by cost, the first limits::kMaxOrderPops of them.
std::vector<PopIndex> cheapest_first(std::span<const PopIndex> reach, std::span<const double> costs);

/// `before` as far as it is in reach, and behind it who else is among the cheapest. Who is gone and who is new is no
/// matter of what is better.
std::vector<PopIndex> as_before(std::span<const PopIndex> before, std::span<const PopIndex> reach,
                                std::span<const double> costs);

/// `order` with those moved forward that are better by the margin than who stands before them.
std::vector<PopIndex> with_margin(std::vector<PopIndex> order, std::span<const double> costs);

/// Who asks for another order, and since when.
class Challenges {
 public:
  /// Whether the challenge of this key, of which there is word at each turn, has lasted long enough.
  bool raise(std::uint64_t key, Time now);
  /// Ends a turn: who did not raise a challenge in it, or won it, begins anew.
  void end_turn();
  [[nodiscard]] std::size_t size() const { return since_.size(); }

 private:
  using Challenge = std::pair<std::uint64_t, Time>;

  std::vector<Challenge> since_;   // in order
  std::vector<Challenge> raised_;  // in this turn
};

}  // namespace ringway::dns::steering

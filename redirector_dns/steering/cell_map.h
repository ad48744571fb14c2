#pragma once
// Which cell of clients an address is in. A *cell* is what steering moves as one: all its addresses get one answer.
//
// The map cuts the numbers of each family into ranges, each of one *profile* (the orders in which its clients prefer
// POPs) and one *grain*: inside a range, aligned networks of so many bits are the cells. Ranges need no trie: the
// shortest prefix around an address that stays inside its range follows from the range's two ends, and a map of n
// networks has at most 2n + 1 ranges of 16 octets, which a search by halves finds in a few steps.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "redirector_dns/steering/network.h"

namespace ringway::dns::steering {

/// From `first` up to the next range of its family.
struct CellRange {
  std::uint64_t first = 0;
  std::uint32_t profile = 0;
  std::uint8_t grain = 0;  // 0 to width_of(family)
  friend bool operator==(const CellRange&, const CellRange&) = default;
};

struct Located {
  std::uint64_t cell = 0;  // its first number: a cell's name, whatever its grain, so that halving it moves one half
  std::uint32_t profile = 0;
  unsigned grain = 0;
  unsigned scope_bits = 0;  // the shortest prefix around the address whose addresses are all of this cell
};

class CellMap {
 public:
  /// All of both families is one profile, in cells of limits::kCoarsestCellV4 and kCoarsestCellV6.
  CellMap();
  /// Ranges of a family in ascending order, the first from 0 on; what follows its like is joined to it.
  CellMap(std::vector<CellRange> v4, std::vector<CellRange> v6);

  [[nodiscard]] Located find(Family family, std::uint64_t number) const;
  [[nodiscard]] std::span<const CellRange> ranges(Family family) const { return side(family).ranges; }

 private:
  struct Side {
    [[nodiscard]] std::vector<CellRange>::const_iterator find(std::uint64_t number) const;

    std::vector<CellRange> ranges;
    // From the second range's beginning to the last one's, in steps of a power of two: the last range that begins at or
    // before the step, and the last of all behind it. Networks with clients are near each other, in a part of all
    // numbers.
    std::vector<std::uint32_t> index;
    std::uint64_t index_first = 0;
    unsigned index_shift = 0;  // below 64
  };

  static Side make_side(std::vector<CellRange> ranges);
  [[nodiscard]] const Side& side(Family family) const { return sides_[static_cast<std::size_t>(family)]; }

  std::array<Side, 2> sides_;
};

}  // namespace ringway::dns::steering

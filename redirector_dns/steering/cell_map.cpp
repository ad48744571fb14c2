#include "redirector_dns/steering/cell_map.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

/// About a place for each range: beyond it a longer index misses the processor's cache as often as it saves a step.
constexpr unsigned kMostIndexBits = 16;

unsigned index_bits(std::size_t ranges) {
  return std::clamp(static_cast<unsigned>(std::bit_width(ranges)), 1U, kMostIndexBits);
}

/// Neighbours that answer alike are one range: the fewer ranges, the shorter the scopes.
std::vector<CellRange> joined(std::vector<CellRange> ranges) {
  const auto alike = [](const CellRange& a, const CellRange& b) {
    return a.profile == b.profile && a.grain == b.grain;
  };
  ranges.erase(std::unique(ranges.begin(), ranges.end(), alike), ranges.end());
  ranges.shrink_to_fit();
  return ranges;
}

}  // namespace

CellMap::CellMap() : CellMap({{0, 0, limits::kCoarsestCellV4}}, {{0, 0, limits::kCoarsestCellV6}}) {}

CellMap::CellMap(std::vector<CellRange> v4, std::vector<CellRange> v6)
    : sides_{make_side(std::move(v4)), make_side(std::move(v6))} {}

CellMap::Side CellMap::make_side(std::vector<CellRange> ranges) {
  assert(!ranges.empty() && ranges.front().first == 0);
  Side side{joined(std::move(ranges)), {}, 0};
  const unsigned bits = index_bits(side.ranges.size());
  side.index_shift = 64 - bits;
  side.index.reserve((std::size_t{1} << bits) + 1);
  std::uint32_t range = 0;
  for (std::uint64_t top = 0; top >> bits == 0; ++top) {
    const std::uint64_t begin = top << side.index_shift;
    while (range + 1 < side.ranges.size() && side.ranges[range + 1].first <= begin) ++range;
    side.index.push_back(range);
  }
  side.index.push_back(static_cast<std::uint32_t>(side.ranges.size() - 1));
  return side;
}

Located CellMap::find(Family family, std::uint64_t number) const {
  const Side& there = side(family);
  const std::size_t top = number >> there.index_shift;
  const auto begin = there.ranges.begin() + there.index[top];
  const auto end = there.ranges.begin() + there.index[top + 1] + 1;
  const auto next =
      std::upper_bound(begin, end, number, [](std::uint64_t at, const CellRange& range) { return at < range.first; });
  const CellRange& range = *(next - 1);
  unsigned scope = range.grain;
  // A prefix that has one bit more in common with the address than its neighbours' last and first number ends before.
  if (range.first != 0) scope = std::max(scope, common_bits(number, range.first - 1) + 1);
  if (next != there.ranges.end()) scope = std::max(scope, common_bits(number, next->first) + 1);
  return {number & prefix_mask(range.grain), range.profile, range.grain, scope};
}

}  // namespace ringway::dns::steering

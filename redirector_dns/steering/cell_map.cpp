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
  Side side;
  side.ranges = joined(std::move(ranges));
  const auto last = static_cast<std::uint32_t>(side.ranges.size() - 1);
  side.index_first = side.ranges[std::min(1U, last)].first;
  const std::uint64_t span = side.ranges[last].first - side.index_first;
  const auto bits = static_cast<unsigned>(std::bit_width(span));
  side.index_shift = bits - std::min(bits, index_bits(side.ranges.size()));
  const std::uint64_t steps = (span >> side.index_shift) + 1;
  side.index.reserve(steps + 1);
  std::uint32_t range = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const std::uint64_t begin = side.index_first + (step << side.index_shift);
    while (range < last && side.ranges[range + 1].first <= begin) ++range;
    side.index.push_back(range);
  }
  side.index.push_back(last);
  return side;
}

/// The range that a number is in.
std::vector<CellRange>::const_iterator CellMap::Side::find(std::uint64_t number) const {
  if (number < index_first) return ranges.begin();
  const std::size_t step = std::min<std::size_t>((number - index_first) >> index_shift, index.size() - 2);
  const auto begin = ranges.begin() + index[step];
  const auto end = ranges.begin() + index[step + 1] + 1;
  const auto begins_behind = [](std::uint64_t at, const CellRange& range) { return at < range.first; };
  return std::upper_bound(begin, end, number, begins_behind) - 1;
}

Located CellMap::find(Family family, std::uint64_t number) const {
  const Side& there = side(family);
  const auto found = there.find(number);
  const CellRange& range = *found;
  const auto next = found + 1;
  unsigned scope = range.grain;
  // A prefix that has one bit more in common with the address than its neighbours' last and first number ends before.
  if (range.first != 0) scope = std::max(scope, common_bits(number, range.first - 1) + 1);
  if (next != there.ranges.end()) scope = std::max(scope, common_bits(number, next->first) + 1);
  return {number & prefix_mask(range.grain), range.profile, range.grain, scope};
}

}  // namespace ringway::dns::steering

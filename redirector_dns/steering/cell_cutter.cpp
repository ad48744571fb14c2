#include "redirector_dns/steering/cell_cutter.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

unsigned coarsest(Family family) { return family == Family::v4 ? limits::kCoarsestCellV4 : limits::kCoarsestCellV6; }
unsigned finest(Family family) { return family == Family::v4 ? limits::kFinestCellV4 : limits::kFinestCellV6; }

/// An aligned network of one profile.
struct Block {
  Network network;
  std::uint32_t profile = 0;
  double demand = 0;
  unsigned grain = 0;  // 0: not known yet
};

/// What the blocks of one profile are together, inside one network.
struct Total {
  double demand = 0;
  bool was_finer = false;
};

Network half(const Network& whole, std::uint64_t number) {
  return Network::around(whole.family, number, whole.bits + 1U);
}

/// One family's share of the work: first the blocks, as the longest network around each address says, then their
/// grains.
class Cutter {
 public:
  Cutter(std::span<const double> most_demand, const CellMap* before) : most_demand_(most_demand), before_(before) {}

  std::vector<CellRange> cut(Family family, std::span<const Patch> patches, std::uint32_t elsewhere);

 private:
  void part(const Network& whole, std::span<const Patch> inside, const Patch& around);
  void settle_all(Family family);
  void settle(const Network& node, std::span<Block> blocks);
  void settle_alone(Block& block) const;
  [[nodiscard]] bool was_finer(const Block& block, unsigned grain) const;
  [[nodiscard]] bool fits(std::uint32_t profile, const Total& total) const {
    return total.demand <= most_demand_[profile] * (total.was_finer ? 0.5 : 1);
  }

  std::span<const double> most_demand_;
  const CellMap* before_;
  std::vector<Block> blocks_;  // in order
};

std::vector<CellRange> Cutter::cut(Family family, std::span<const Patch> patches, std::uint32_t elsewhere) {
  const Network all = Network::around(family, 0, 0);
  part(all, patches, {all, elsewhere, 0});
  settle_all(family);
  std::vector<CellRange> ranges;
  ranges.reserve(blocks_.size());
  for (const Block& block : blocks_) {
    ranges.push_back({block.network.first, block.profile, static_cast<std::uint8_t>(block.grain)});
  }
  return ranges;
}

/// Writes the blocks of `whole`, which is inside `around`. As deep as a family has bits.
void Cutter::part(const Network& whole, std::span<const Patch> inside, const Patch& around) {
  if (!inside.empty() && inside.front().network == whole) return part(whole, inside.subspan(1), inside.front());
  if (inside.empty()) {
    const int smaller = whole.bits - around.network.bits;
    blocks_.push_back({whole, around.profile, std::ldexp(around.demand, -smaller), 0});
    return;
  }
  const Network right = half(whole, whole.last());
  const auto split = std::partition_point(inside.begin(), inside.end(),
                                          [&](const Patch& patch) { return patch.network.first < right.first; });
  const auto count = static_cast<std::size_t>(split - inside.begin());
  part(half(whole, whole.first), inside.first(count), around);
  part(right, inside.subspan(count), around);
}

void Cutter::settle_all(Family family) {
  for (auto begin = blocks_.begin(); begin != blocks_.end();) {
    const Network node = Network::around(family, begin->network.first, coarsest(family));
    const auto end =
        std::find_if(begin, blocks_.end(), [&](const Block& block) { return block.network.first > node.last(); });
    settle(node, {begin, end});
    begin = end;
  }
}

/// Gives those of `blocks` that have no grain yet one. All of them are inside `node`, or there is one, around it.
void Cutter::settle(const Network& node, std::span<Block> blocks) {
  if (blocks.size() == 1 && blocks.front().network.bits <= node.bits) return settle_alone(blocks.front());
  std::unordered_map<std::uint32_t, Total> totals;
  for (const Block& block : blocks) {
    if (block.grain != 0) continue;
    Total& total = totals[block.profile];
    total.demand += block.demand;
    total.was_finer |= was_finer(block, node.bits);
  }
  for (Block& block : blocks) {
    const bool settles =
        block.grain == 0 && (node.bits == finest(node.family) || fits(block.profile, totals[block.profile]));
    if (settles) block.grain = node.bits;
  }
  const bool settled = std::all_of(blocks.begin(), blocks.end(), [](const Block& block) { return block.grain != 0; });
  if (settled) return;
  const Network right = half(node, node.last());
  const auto split = std::partition_point(blocks.begin(), blocks.end(),
                                          [&](const Block& block) { return block.network.first < right.first; });
  const auto count = static_cast<std::size_t>(split - blocks.begin());
  settle(half(node, node.first), blocks.first(count));
  settle(right, blocks.subspan(count));
}

/// Nobody knows better than that its demand is spread evenly.
void Cutter::settle_alone(Block& block) const {
  if (block.grain != 0) return;
  block.grain = std::max<unsigned>(block.network.bits, coarsest(block.network.family));
  while (block.grain < finest(block.network.family)) {
    const int smaller = static_cast<int>(block.grain) - block.network.bits;
    if (fits(block.profile, {std::ldexp(block.demand, -smaller), was_finer(block, block.grain)})) return;
    ++block.grain;
  }
}

bool Cutter::was_finer(const Block& block, unsigned grain) const {
  return before_ != nullptr && before_->find(block.network.family, block.network.first).grain > grain;
}

}  // namespace

CellMap cut_cells(std::span<const Patch> patches, std::uint32_t elsewhere, std::span<const double> most_demand,
                  const CellMap* before) {
  const auto split = std::partition_point(patches.begin(), patches.end(),
                                          [](const Patch& patch) { return patch.network.family == Family::v4; });
  const auto count = static_cast<std::size_t>(split - patches.begin());
  return CellMap(Cutter(most_demand, before).cut(Family::v4, patches.first(count), elsewhere),
                 Cutter(most_demand, before).cut(Family::v6, patches.subspan(count), elsewhere));
}

}  // namespace ringway::dns::steering

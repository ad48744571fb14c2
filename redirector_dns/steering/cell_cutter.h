#pragma once
// Cuts the address space into cells: as large as may move at one go, so that resolvers' caches serve many clients with
// one answer, and no larger, so that a POP can shed a little of its load.

#include <cstdint>
#include <span>

#include "redirector_dns/steering/cell_map.h"
#include "redirector_dns/steering/network.h"

namespace ringway::dns::steering {

/// A network whose clients prefer POPs alike, but for the networks inside it that say otherwise.
struct Patch {
  Network network;
  std::uint32_t profile = 0;
  double demand = 0;  // queries/s, or what is like them; spread evenly over what no network inside it covers
};

/// `patches` are in order, each network once; what none covers is as `elsewhere` says. `most_demand` is what one cell
/// of each profile may carry: a cell is the largest network, from limits::kCoarsestCellV4 or V6 down to kFinestCellV4
/// or V6, inside which that profile's demand is no more; but what was cut finer in `before` stays so until it is half
/// of that, because demand that wavers must move nobody.
CellMap cut_cells(std::span<const Patch> patches, std::uint32_t elsewhere, std::span<const double> most_demand,
                  const CellMap* before);

}  // namespace ringway::dns::steering

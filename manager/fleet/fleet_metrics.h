#pragma once
// The fleet in figures for Prometheus: what one alerts on. Made anew each time, so that nothing stays of what is gone.

#include "base/metrics.h"
#include "manager/fleet/fleet.h"

namespace ringway::manager {

void collect_fleet_metrics(Metrics& metrics, const Fleet& fleet);

}  // namespace ringway::manager

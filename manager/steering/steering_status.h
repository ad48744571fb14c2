#pragma once
// Where clients go, for people and for Prometheus.

#include <string>
#include <vector>

#include "base/metrics.h"
#include "manager/steering/publisher.h"

namespace ringway::manager {

/// What one POP is given by the table, of the clients that are known.
struct PopClients {
  std::size_t networks = 0;
  std::size_t cells = 0;
  double demand = 0;     // connections/s
  double passed_on = 0;  // of it, what POPs before this one in the order did not take
};

/// By POP of the table, for the site class with the most sites. 10,000 networks take some milliseconds.
[[nodiscard]] std::vector<PopClients> where_clients_go(const dns::steering::SteeringTable& table,
                                                       const dns::steering::Plan& plan);

/// What GET /v1/steering says.
[[nodiscard]] std::string steering_json(const Publisher& publisher);

void collect_steering_metrics(Metrics& metrics, const Publisher& publisher);

}  // namespace ringway::manager

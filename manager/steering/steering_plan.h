#pragma once
// From the manager's facts to what the steering is drawn from. Pure.

#include <map>
#include <string>
#include <vector>

#include "manager/resources/kinds.h"
#include "manager/steering/steering_facts.h"
#include "redirector_dns/steering/plan.h"

namespace ringway::manager {

/// Networks times classes of sites that are drawn at a time, about a second of one core: where there are more, those of
/// the least demand are as the networks around them, and of areas that fences name only after all others.
inline constexpr std::size_t kMaxDrawnOrders = 1'000'000;

/// A plan, and who can see whether what answers in it is well.
struct SteeringPlan {
  dns::steering::Plan plan;
  /// By front-end of the plan: names of gateways of the other role that should have a link with it.
  std::vector<std::vector<std::string>> observers;
  /// By site: front-ends that do not offer all that its `steering.alpn` wants, which its HTTPS record then leaves out.
  std::map<std::string, std::vector<std::string>> insecure;
  std::size_t awaited = 0;            // front-ends that are not heard yet, and seats that are not in use
  std::size_t left_out = 0;           // networks that are not drawn, for there are too many
  std::size_t left_out_of_areas = 0;  // of them, those of areas that fences name: the fence does not hold them
};

/// A POP's capacity is its front-ends' exchanges/s together; among them each has its share of it as its weight. Round
/// trips are the least of the POP's front-ends. Back-ends that zones find by name stand as front-ends of places of
/// their own (steering_names.h).
[[nodiscard]] SteeringPlan steering_plan(const SteeringFacts& facts);

/// What a gateway is taken to offer where nobody says it, in exchanges/s: as the assigner does.
[[nodiscard]] double offered_exchanges(const Gateway& gateway);

}  // namespace ringway::manager

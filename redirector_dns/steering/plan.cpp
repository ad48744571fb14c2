#include "redirector_dns/steering/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

namespace ringway::dns::steering {

namespace {

Error unfit(std::string_view kind, std::string_view name, std::string_view why) {
  return client_error(fmt::format("steering plan: {} '{}': {}", kind, name, why));
}

template <class T>
bool ascending_below(const std::vector<T>& indices, std::size_t bound) {
  const bool ascending = std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) == indices.end();
  return ascending && (indices.empty() || indices.back() < bound);
}

/// Milliseconds, demand: what costs are counted with.
bool is_amount(double value) { return std::isfinite(value) && value >= 0 && value <= 1e12; }

Status check_frontend(const Plan& plan, const FrontendPlan& frontend) {
  if (frontend.pop >= plan.pops.size()) return unfit("front-end", frontend.name, "it is in no POP");
  const bool good = std::all_of(frontend.links.begin(), frontend.links.end(), [&](const LinkPlan& link) {
    return link.backend < plan.backends.size() && is_amount(link.rtt_ms) && is_amount(link.loss);
  });
  return good ? Status() : unfit("front-end", frontend.name, "a link to no back-end, or without a round trip");
}

Status check_site(const Plan& plan, const SitePlan& site) {
  const PolicyPlan& policy = site.policy;
  const std::size_t pops = plan.pops.size();
  if (!ascending_below(site.frontends, plan.frontends.size()) ||
      !ascending_below(site.backends, plan.backends.size())) {
    return unfit("site", site.name, "its front-ends or back-ends are not there, or not in order");
  }
  if (policy.policy == Policy::weighted ? policy.shares.size() != pops : !policy.shares.empty()) {
    return unfit("site", site.name, "its shares are not one for each POP");
  }
  const bool penalties = policy.penalty_ms.empty() || policy.penalty_ms.size() == pops;
  if (!penalties || !std::all_of(policy.penalty_ms.begin(), policy.penalty_ms.end(), is_amount)) {
    return unfit("site", site.name, "its penalties are not one for each POP");
  }
  std::vector<PopIndex> failover = policy.failover;
  std::sort(failover.begin(), failover.end());
  if (!ascending_below(failover, pops)) return unfit("site", site.name, "a POP of its failover is not there, or twice");
  const bool fences = std::all_of(policy.fences.begin(), policy.fences.end(),
                                  [&](const Fence& fence) { return ascending_below(fence.pops, pops); });
  return fences ? Status() : unfit("site", site.name, "a POP of a fence is not there");
}

Status check_client(const Plan& plan, const ClientPlan& client) {
  const bool trips = std::all_of(client.round_trips.begin(), client.round_trips.end(), [&](const RoundTrip& trip) {
    return trip.pop < plan.pops.size() && is_amount(trip.ms);
  });
  if (!trips) return unfit("network", client.network.text(), "a round trip to no POP, or no number");
  return is_amount(client.demand) ? Status() : unfit("network", client.network.text(), "its demand is no number");
}

}  // namespace

Status check(const Plan& plan) {
  if (plan.pops.size() > limits::kMaxPops || plan.frontends.size() > limits::kMaxSteeredFrontends) {
    return client_error("steering plan: too many POPs or front-ends");
  }
  for (const FrontendPlan& frontend : plan.frontends) {
    if (Status status = check_frontend(plan, frontend); !status) return status;
  }
  for (const SitePlan& site : plan.sites) {
    if (Status status = check_site(plan, site); !status) return status;
  }
  for (const ClientPlan& client : plan.clients) {
    if (Status status = check_client(plan, client); !status) return status;
  }
  const auto disorder =
      std::adjacent_find(plan.clients.begin(), plan.clients.end(),
                         [](const ClientPlan& a, const ClientPlan& b) { return !(a.network < b.network); });
  if (disorder != plan.clients.end()) return unfit("network", disorder->network.text(), "the next is not behind it");
  return {};
}

}  // namespace ringway::dns::steering

#include "cli/dns/client_distance.h"

#include <fmt/format.h>

#include <algorithm>

#include "redirector_dns/steering/costs.h"

namespace ringway::cli {

namespace {

using dns::steering::ClientPlan;
using dns::steering::Network;
using dns::steering::Whereabouts;

/// What the plan says of those networks that an address is in.
struct Known {
  const ClientPlan* client = nullptr;  // the smallest; null: it is in none
  const ClientPlan* placed = nullptr;  // the smallest whose place is known; null: there is none
};

Known known_of(const dns::steering::Plan& plan, const IpAddress& address) {
  const dns::steering::Family family = dns::steering::family_of(address);
  const Network alone = Network::around(family, dns::steering::number_of(address), dns::steering::width_of(family));
  Known known;
  for (const ClientPlan& client : plan.clients) {  // those inside others stand behind them
    if (!client.network.contains(alone)) continue;
    known.client = &client;
    if (client.place) known.placed = &client;
  }
  return known;
}

bool says_place(const dns::SteeringFile& file, const Network& network) {
  return std::any_of(file.clients.begin(), file.clients.end(), [&](const dns::ClientEntry& entry) {
    return entry.latitude && Network::parse(entry.network).value() == network;
  });
}

std::string belief_of(const Known& known, const dns::SteeringFile& file) {
  if (known.placed != nullptr) {
    const Network& network = known.placed->network;
    return fmt::format("by the {} of {}", says_place(file, network) ? "place" : "geography", network.text());
  }
  const bool measured = known.client != nullptr && !known.client->round_trips.empty();
  return measured ? "by way of a POP that is measured" : "as nothing is known";
}

}  // namespace

DistanceTexts::DistanceTexts(const OwnSteering& own, const IpAddress& client) : measured_(own.plan.pops.size()) {
  static const std::string kNoArea;
  const Known known = known_of(own.plan, client);
  const Whereabouts whereabouts{known.placed == nullptr ? nullptr : &*known.placed->place, &kNoArea};
  dns::steering::ClientDistance(own.plan).measure(known.client, whereabouts, ms_);
  belief_ = belief_of(known, own.file);
  if (known.client == nullptr) return;
  for (const dns::steering::RoundTrip& trip : known.client->round_trips) measured_[trip.pop] = true;
}

std::string DistanceTexts::of(dns::steering::PopIndex pop) const {
  return fmt::format("{:.1f} ms, {}", ms_[pop], measured_[pop] ? "measured" : belief_);
}

}  // namespace ringway::cli

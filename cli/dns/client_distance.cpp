#include "cli/dns/client_distance.h"

#include <fmt/format.h>

#include <algorithm>

#include "redirector_dns/steering/costs.h"

namespace ringway::cli {

namespace {

using dns::steering::Network;
using dns::steering::Surroundings;
using dns::steering::Whereabouts;

bool says_place(const dns::SteeringFile& file, const Network& network) {
  return std::any_of(file.clients.begin(), file.clients.end(), [&](const dns::ClientEntry& entry) {
    return entry.latitude && Network::parse(entry.network).value() == network;
  });
}

std::string belief_of(const Surroundings& known, const dns::SteeringFile& file) {
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
  const Surroundings known = dns::steering::surroundings_of(own.plan, client);
  const Whereabouts whereabouts{known.place(), &kNoArea};
  dns::steering::ClientDistance(own.plan).measure(known.client, whereabouts, ms_);
  belief_ = belief_of(known, own.file);
  if (known.client == nullptr) return;
  for (const dns::steering::RoundTrip& trip : known.client->round_trips) measured_[trip.pop] = true;
}

std::string DistanceTexts::of(dns::steering::PopIndex pop) const {
  return fmt::format("{:.1f} ms, {}", ms_[pop], measured_[pop] ? "measured" : belief_);
}

}  // namespace ringway::cli

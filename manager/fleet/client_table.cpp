#include "manager/fleet/client_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/limits.h"

namespace ringway::manager {

namespace {

/// How much of a new median counts.
constexpr double kShareOfNew = 0.3;

}  // namespace

double rate_of(const ClientDistance& distance, Time now) {
  return distance.rate * std::exp(-to_seconds(now - distance.heard) / to_seconds(kDemandMemory));
}

std::string client_network(const IpAddress& client) {
  if (client.is_v4()) {
    const Bytes octets = client.v4_octets();
    return fmt::format("{}.{}.{}.0/24", octets[0], octets[1], octets[2]);
  }
  std::array<std::uint8_t, 16> octets = client.octets();
  std::fill(octets.begin() + 6, octets.end(), std::uint8_t{0});
  return IpAddress::v6(octets).text() + "/48";
}

void ClientTable::hear(const std::string& frontend, const std::vector<agent::ClientReport>& reports, Time now) {
  for (const agent::ClientReport& report : reports) {
    if (!IpNetwork::parse(report.network)) continue;
    std::vector<ClientDistance>& distances = networks_[report.network];
    auto known = std::find_if(distances.begin(), distances.end(),
                              [&](const ClientDistance& distance) { return distance.frontend == frontend; });
    const double rtt_ms = report.rtt_us / 1000.0;
    if (known == distances.end()) {
      known = distances.insert(known, {frontend, rtt_ms, 0, now, 0});
      ++size_;
    }
    known->rtt_ms += kShareOfNew * (rtt_ms - known->rtt_ms);
    known->rate = rate_of(*known, now) + report.count / to_seconds(kDemandMemory);
    known->count += report.count;
    known->heard = now;
  }
  // A quarter of the memory's time less, until there is room: each step looks at all, and is rare.
  for (Duration memory = limits::kClientNetworkMemory; size_ > most_ && memory.count() > 0; memory = memory * 3 / 4) {
    forget_before(memory < std::chrono::seconds(1) ? now + std::chrono::seconds(1) : now - memory);
  }
}

void ClientTable::restore(const std::string& network, ClientDistance distance) {
  std::vector<ClientDistance>& distances = networks_[network];
  const auto known = std::find_if(distances.begin(), distances.end(),
                                  [&](const ClientDistance& each) { return each.frontend == distance.frontend; });
  if (known != distances.end()) {
    known->rate += rate_of(distance, known->heard);
  } else if (size_ < most_) {
    distances.push_back(std::move(distance));
    ++size_;
  }
  if (distances.empty()) networks_.erase(network);
}

void ClientTable::forget(Time now) { forget_before(now - kRoundTripMemory); }

void ClientTable::forget_before(Time limit) {
  for (auto network = networks_.begin(); network != networks_.end();) {
    size_ -= std::erase_if(network->second, [&](const ClientDistance& distance) { return distance.heard < limit; });
    network = network->second.empty() ? networks_.erase(network) : std::next(network);
  }
}

std::vector<ClientDistance> ClientTable::find(const IpAddress& client) const {
  const auto found = networks_.find(client_network(client));
  return found == networks_.end() ? std::vector<ClientDistance>() : found->second;
}

void ClientTable::each(const std::string& after, std::size_t most,
                       const std::function<void(const std::string&, const std::vector<ClientDistance>&)>& visit) const {
  for (auto network = networks_.upper_bound(after); network != networks_.end() && most > 0; ++network, --most) {
    visit(network->first, network->second);
  }
}

}  // namespace ringway::manager

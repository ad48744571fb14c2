#include "cli/client_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/limits.h"

namespace ringway::cli {

namespace {

IpAddress network_of(const IpAddress& client) {
  std::array<std::uint8_t, 16> octets = client.octets();
  const std::size_t kept = client.is_v4() ? 15 : 6;
  std::fill(octets.begin() + static_cast<std::ptrdiff_t>(kept), octets.end(), std::uint8_t{0});
  return IpAddress::v6(octets);
}

std::uint32_t median(std::vector<std::uint32_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void ClientNetworks::add(const IpAddress& client, Duration round_trip) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(round_trip).count();
  if (us <= 0) return;
  Network& network = networks_[network_of(client)];
  ++network.count;
  if (network.round_trips_us.size() < kSamples) {
    network.round_trips_us.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(us, UINT32_MAX)));
  }
  // Room for as many again, so that it is sorted seldom.
  if (networks_.size() > 2 * limits::kMaxReportedNetworks) forget();
}

void ClientNetworks::add(const ClientNetworks& others) {
  for (const auto& [address, other] : others.networks_) {
    Network& network = networks_[address];
    network.count += other.count;
    network.round_trips_us.insert(network.round_trips_us.end(), other.round_trips_us.begin(),
                                  other.round_trips_us.end());
  }
}

void ClientNetworks::forget() {
  std::vector<std::uint32_t> counts;
  for (const auto& [address, network] : networks_) counts.push_back(network.count);
  const auto last = counts.begin() + static_cast<std::ptrdiff_t>(limits::kMaxReportedNetworks - 1);
  std::nth_element(counts.begin(), last, counts.end(), std::greater<>());
  std::size_t excess = networks_.size() - limits::kMaxReportedNetworks;
  for (const bool equal : {false, true}) {
    std::erase_if(networks_, [&](const auto& entry) {
      const bool few = entry.second.count < *last || (equal && entry.second.count == *last);
      if (excess == 0 || !few) return false;
      --excess;
      return true;
    });
  }
}

std::vector<agent::ClientReport> ClientNetworks::reports() const {
  std::vector<agent::ClientReport> reports;
  for (const auto& [address, network] : networks_) {
    reports.push_back({fmt::format("{}/{}", address.text(), address.is_v4() ? 24 : 48), network.count,
                       median(network.round_trips_us)});
  }
  std::stable_sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (reports.size() > limits::kMaxReportedNetworks) reports.resize(limits::kMaxReportedNetworks);
  return reports;
}

}  // namespace ringway::cli

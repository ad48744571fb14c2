#pragma once
// Round-trip times of clients, by their networks (/24, /48), since they were last told. Bounded by
// limits::kMaxReportedNetworks: those with the fewest clients are forgotten.

#include <cstdint>
#include <map>
#include <vector>

#include "agent/messages.h"
#include "base/address.h"
#include "base/time.h"

namespace ringway::cli {

class ClientNetworks {
 public:
  void add(const IpAddress& client, Duration round_trip);
  void add(const ClientNetworks& others);
  /// Most clients first.
  [[nodiscard]] std::vector<agent::ClientReport> reports() const;
  [[nodiscard]] std::size_t size() const { return networks_.size(); }

 private:
  struct Network {
    std::uint32_t count = 0;
    std::vector<std::uint32_t> round_trips_us;  // of the first kSamples
  };
  static constexpr std::size_t kSamples = 15;

  void forget();

  std::map<IpAddress, Network> networks_;  // by their first address
};

}  // namespace ringway::cli

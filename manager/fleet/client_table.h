#pragma once
// How far clients' networks are from front-ends, as front-ends measure it; bounded, the oldest goes first.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "base/address.h"
#include "base/time.h"

namespace ringway::manager {

struct ClientDistance {
  std::string frontend;
  double rtt_ms = 0;  // smoothed
  std::uint64_t count = 0;
  Time heard{};
  double rate = 0;  // connections/s as of `heard`, smoothed over kDemandMemory
};

/// Demand wavers from minute to minute; what cells are cut by must not.
inline constexpr std::chrono::seconds kDemandMemory{300};
/// The steering believes a round trip half as much a day later: by then it counts for an eighth.
inline constexpr std::chrono::hours kRoundTripMemory{72};
/// Connections/s as of now.
[[nodiscard]] double rate_of(const ClientDistance& distance, Time now);

class ClientTable {
 public:
  explicit ClientTable(std::size_t most) : most_(most) {}

  void hear(const std::string& frontend, const std::vector<agent::ClientReport>& reports, Time now);
  /// What another manager kept, once: of what was heard here since, only the demand is not known better.
  void restore(const std::string& network, ClientDistance distance);
  /// What was not heard for kRoundTripMemory goes. Where there is no room, hear() lets go what was not heard for
  /// limits::kClientNetworkMemory, or for less.
  void forget(Time now);
  /// Of the client's network (/24, /48); empty where nothing is known.
  [[nodiscard]] std::vector<ClientDistance> find(const IpAddress& client) const;
  /// At most `most` networks behind `after`, in the order of their texts.
  void each(const std::string& after, std::size_t most,
            const std::function<void(const std::string&, const std::vector<ClientDistance>&)>& visit) const;
  /// Pairs of network and front-end.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void forget_before(Time limit);

  std::size_t most_;
  std::map<std::string, std::vector<ClientDistance>> networks_;
  std::size_t size_ = 0;
};

/// "192.0.2.0/24", "2001:db8:1::/48".
[[nodiscard]] std::string client_network(const IpAddress& client);

}  // namespace ringway::manager

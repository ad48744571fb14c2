#pragma once
// How often one address may fail to prove who it is: a burst, then one each kInterval. An IPv6 client is its /64. The
// table is bounded: where it is full, those forget who owe least.

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/address.h"
#include "base/time.h"

namespace ringway::manager {

class FailureLimiter {
 public:
  static constexpr std::size_t kMaxAddresses = 4096;
  static constexpr std::uint32_t kBurst = 10;
  static constexpr Duration kInterval = std::chrono::seconds(6);

  /// For how long nothing of `address` is looked at; nothing where it is.
  [[nodiscard]] std::optional<Duration> wait(const IpAddress& address, Time now) const;
  void on_failure(const IpAddress& address, Time now);
  [[nodiscard]] std::size_t addresses() const { return paid_.size(); }

 private:
  /// Of an address: the network it stands for.
  using Key = std::uint64_t;
  static Key key_of(const IpAddress& address);
  void make_room(Time now);

  std::unordered_map<Key, Time> paid_;  // when all of its failures are paid off: each costs kInterval
};

}  // namespace ringway::manager

#pragma once
// Response rate limiting: a network that seems to ask too often, because somebody else asks in its name, gets fewer
// answers. Some of those left out are sent empty and marked as truncated ("slip"): who really asks comes again by TCP.

#include <array>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "redirector_dns/guard/sip_hash.h"

namespace ringway::dns {

struct RateSettings {
  /// Of one network; 0: no limit. `others_per_s` is for what says no: a flood of names that there are not.
  std::uint32_t answers_per_s = 0;
  std::uint32_t others_per_s = 0;
  /// So many times a second's answers may come at once.
  std::uint32_t burst_s = 2;
  /// Every so manyth answer that is left out is sent as truncated; 0: none.
  std::uint32_t slip = 2;
  /// What is one network.
  unsigned ipv4_bits = 24;
  unsigned ipv6_bits = 56;

  bool operator==(const RateSettings&) const = default;
};

/// What a limiter allows that sees `part` of a network's queries (above 0, at most 1), for all of them together to
/// allow `settings`. Rounded up, for what has a rate is never without one.
RateSettings part_of(const RateSettings& settings, double part);

class RateLimiter {
 public:
  enum class Kind : std::uint8_t { answer, other };
  enum class Pass : std::uint8_t { send, truncate, drop };

  /// Takes all its memory at once: 16 octets for each of limits::kRateTableSlots. Nobody can choose who shares a slot
  /// who does not know `key`.
  RateLimiter(const RateSettings& settings, const SipKey& key);

  Pass check(const IpAddress& address, Kind kind, Time now);

 private:
  /// One network's answers of one kind, by when it has used up what it may have until then (GCRA, as ITU-T I.371 calls
  /// it).
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t left_out = 0;
    Time paid_until = Time::min();
  };
  static constexpr std::size_t kWays = 4;  // slots that one network may have: a cache line

  [[nodiscard]] std::uint64_t hash_of(const IpAddress& address, Kind kind) const;
  Slot& slot_of(std::uint64_t hash);

  RateSettings settings_;
  SipKey key_;
  std::vector<Slot> slots_;
};

}  // namespace ringway::dns

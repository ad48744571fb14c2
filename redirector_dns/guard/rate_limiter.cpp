#include "redirector_dns/guard/rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "redirector_dns/limits.h"

namespace ringway::dns {

namespace {

/// Zero from the bit `bits` on.
void cut(std::array<std::uint8_t, 16>& octets, unsigned bits) {
  for (unsigned i = 0; i < octets.size(); ++i) {
    const unsigned kept = std::min(8U, bits > 8 * i ? bits - 8 * i : 0U);
    octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff00U >> kept));
  }
}

}  // namespace

RateSettings part_of(const RateSettings& settings, double part) {
  RateSettings its = settings;
  for (std::uint32_t* const rate : {&its.answers_per_s, &its.others_per_s}) {
    *rate = static_cast<std::uint32_t>(std::ceil(*rate * part));
  }
  return its;
}

RateLimiter::RateLimiter(const RateSettings& settings, const SipKey& key)
    : settings_(settings), key_(key), slots_(limits::kRateTableSlots) {
  static_assert(limits::kRateTableSlots % kWays == 0);
}

std::uint64_t RateLimiter::hash_of(const IpAddress& address, Kind kind) const {
  std::array<std::uint8_t, 16> network = address.octets();
  cut(network, address.is_v4() ? 96 + settings_.ipv4_bits : settings_.ipv6_bits);
  network[15] = static_cast<std::uint8_t>(network[15] ^ static_cast<std::uint8_t>(kind));
  return sip_hash(key_, network);
}

/// Where none is this network's, the one that has been quiet for longest becomes it: who floods keeps its own.
RateLimiter::Slot& RateLimiter::slot_of(std::uint64_t hash) {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t set = (hash & UINT32_MAX) % (slots_.size() / kWays);
  const std::span<Slot> ways = std::span(slots_).subspan(set * kWays, kWays);
  for (Slot& slot : ways) {
    if (slot.tag == tag) return slot;
  }
  Slot& quietest = *std::min_element(ways.begin(), ways.end(),
                                     [](const Slot& a, const Slot& b) { return a.paid_until < b.paid_until; });
  quietest = {tag, 0, Time::min()};
  return quietest;
}

RateLimiter::Pass RateLimiter::check(const IpAddress& address, Kind kind, Time now) {
  const std::uint32_t rate = kind == Kind::answer ? settings_.answers_per_s : settings_.others_per_s;
  if (rate == 0) return Pass::send;
  Slot& slot = slot_of(hash_of(address, kind));
  const Duration each = Duration(std::chrono::seconds(1)) / rate;
  const Time paid_until = std::max(slot.paid_until, now) + each;
  if (paid_until - now <= std::chrono::seconds(std::max(1U, settings_.burst_s))) {
    slot.paid_until = paid_until;
    return Pass::send;
  }
  ++slot.left_out;
  return settings_.slip != 0 && slot.left_out % settings_.slip == 0 ? Pass::truncate : Pass::drop;
}

}  // namespace ringway::dns

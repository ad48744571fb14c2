#include "tmp_protocol/mtu_discovery.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::size_t, 5> kLadder = {1472, 1452, 1400, 1350, 1280};
constexpr std::uint32_t kMaxProbes = 3;  // RFC 8899 §5.1.2: MAX_PROBES
constexpr Duration kRaiseAfter = 600s;   // PMTU_RAISE_TIMER
constexpr std::uint32_t kBlackHoleBursts = 4;
constexpr std::uint32_t kBlackHoleProbes = 2;  // PTO in a row

}  // namespace

MtuDiscovery::MtuDiscovery(std::size_t max_octets)
    : max_(std::max(max_octets, limits::kMinPacketOctets)),
      current_(limits::kMinPacketOctets),
      target_(max_ > current_ ? max_ : 0) {}

std::size_t MtuDiscovery::probe(Time now) const {
  if (probe_in_flight_ || now < next_probe_) return 0;
  if (target_ != 0) return target_;
  return current_ < max_ ? max_ : 0;
}

void MtuDiscovery::on_probe_sent(std::size_t octets) {
  if (target_ == 0) probes_lost_ = 0;
  target_ = octets;
  probe_in_flight_ = true;
}

void MtuDiscovery::on_probe_acked(std::size_t octets, Time now) {
  probe_in_flight_ = false;
  on_acked(octets);
  if (octets > max_ || octets <= current_) return;
  current_ = octets;
  target_ = 0;
  next_probe_ = now + kRaiseAfter;
}

void MtuDiscovery::on_probe_lost(std::size_t octets, Time now) {
  probe_in_flight_ = false;
  if (octets != target_) return;
  next_probe_ = now;
  if (++probes_lost_ >= kMaxProbes) step_down(now);
}

void MtuDiscovery::step_down(Time now) {
  probes_lost_ = 0;
  const auto* next = std::find_if(kLadder.begin(), kLadder.end(), [this](std::size_t size) { return size < target_; });
  target_ = next != kLadder.end() && *next > current_ ? *next : 0;
  if (target_ == 0) next_probe_ = now + kRaiseAfter;
}

void MtuDiscovery::on_acked(std::size_t octets) {
  if (bursts_ == 0 || octets < smallest_lost_) return;
  bursts_ = 0;
}

void MtuDiscovery::on_lost(std::uint64_t number, std::size_t octets, Time now) {
  if (octets <= limits::kMinPacketOctets) {
    bursts_ = 0;  // small ones are lost too: it is not their size
    return;
  }
  smallest_lost_ = bursts_ == 0 ? octets : std::min(smallest_lost_, octets);
  if (bursts_ == 0 || number != last_lost_ + 1) ++bursts_;
  last_lost_ = number;
  if (bursts_ >= kBlackHoleBursts) fall_back(now);
}

void MtuDiscovery::on_pto(std::uint32_t count, Time now) {
  if (count >= kBlackHoleProbes) fall_back(now);
}

void MtuDiscovery::fall_back(Time now) {
  bursts_ = 0;
  if (current_ == limits::kMinPacketOctets) return;
  target_ = current_;
  current_ = limits::kMinPacketOctets;
  probes_lost_ = 0;
  probe_in_flight_ = false;
  next_probe_ = now;
}

void MtuDiscovery::restart(std::size_t max_octets, Time now) {
  *this = MtuDiscovery(max_octets);
  next_probe_ = now;
}

}  // namespace ringway::tmp

#include "manager/access/failure_limiter.h"

#include <algorithm>

namespace ringway::manager {

/// IPv4-mapped addresses all begin alike, so that their last half is taken; no /64 in use begins with those zeros.
FailureLimiter::Key FailureLimiter::key_of(const IpAddress& address) {
  return load_u64(address.octets().data() + (address.is_v4() ? 8 : 0));
}

std::optional<Duration> FailureLimiter::wait(const IpAddress& address, Time now) const {
  const auto found = paid_.find(key_of(address));
  if (found == paid_.end()) return std::nullopt;
  const Duration over = found->second - now - (kBurst - 1) * kInterval;
  return over > Duration(0) ? std::optional(over) : std::nullopt;
}

void FailureLimiter::on_failure(const IpAddress& address, Time now) {
  const Key key = key_of(address);
  if (paid_.size() >= kMaxAddresses && !paid_.contains(key)) make_room(now);
  Time& paid = paid_[key];
  paid = std::max(paid, now) + kInterval;
}

void FailureLimiter::make_room(Time now) {
  std::erase_if(paid_, [now](const auto& entry) { return entry.second <= now; });
  if (paid_.size() < kMaxAddresses) return;
  paid_.erase(std::min_element(paid_.begin(), paid_.end(),
                               [](const auto& one, const auto& other) { return one.second < other.second; }));
}

}  // namespace ringway::manager

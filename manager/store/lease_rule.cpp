#include "manager/store/lease_rule.h"

namespace ringway::manager {

bool in_force(const LeaseState& lease, std::int64_t now_us) {
  return !lease.holder.empty() && lease.taken_us <= now_us && now_us - lease.taken_us < lease.life_us;
}

bool is_of(const LeaseState& lease, const LeaseClaim& claim) {
  return lease.holder == claim.holder && lease.process == claim.process;
}

std::optional<LeaseState> claim_lease(const LeaseState& lease, const LeaseClaim& claim, std::int64_t now_us) {
  const bool renewed = is_of(lease, claim);
  const bool started_anew = lease.holder == claim.holder && claim.past == Past::never_led;
  if (in_force(lease, now_us) && !renewed && !started_anew) return std::nullopt;
  return LeaseState{claim.holder, claim.process, lease.epoch + (renewed ? 0 : 1), now_us, claim.life_us};
}

}  // namespace ringway::manager

#pragma once
// Who may lead: one rule for every store, a pure function of what is kept, who asks and the store's clock.
//
// A lease is in force from when it was taken until its life is over. Where the clock says that it was taken in the
// future, the clock was set back and the lease is free: taking it too early costs a hand-over, for its epoch fences
// the former holder; waiting for it could cost an hour without a leader.

#include <cstdint>
#include <optional>
#include <string>

namespace ringway::manager {

/// A lease as a store keeps it.
struct LeaseState {
  std::string holder;   // empty: free
  std::string process;  // of the holder; drawn by lot
  std::uint64_t epoch = 0;
  std::int64_t taken_us = 0;  // by the store's clock, since 1970
  std::int64_t life_us = 0;
};

/// What a process knows of its own past.
enum class Past : std::uint8_t { never_led, has_led };

/// Who asks.
struct LeaseClaim {
  std::string holder;
  std::string process;
  Past past = Past::never_led;
  std::int64_t life_us = 0;
};

[[nodiscard]] bool in_force(const LeaseState& lease, std::int64_t now_us);
[[nodiscard]] bool is_of(const LeaseState& lease, const LeaseClaim& claim);

/// What the lease becomes; nothing where it stays another's. The process that has it renews it under its epoch, however
/// late. A process that never led takes over from one of the same holder, which is gone: it was started anew. Should
/// the former still run, it cannot take the lease back before that expires.
[[nodiscard]] std::optional<LeaseState> claim_lease(const LeaseState& lease, const LeaseClaim& claim,
                                                    std::int64_t now_us);

}  // namespace ringway::manager

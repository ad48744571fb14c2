#pragma once
// Drives rollouts (manager/rollout/rollout.h): begins one for each new revision, looks at it each second, and writes
// each step down before anybody acts on it. One that is stopped brings back what was before it as a new revision.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/loop.h"
#include "manager/fleet/event_book.h"
#include "manager/rollout/rollout.h"

namespace ringway::manager {

inline constexpr const char* kRolloutKind = "rollouts";
inline constexpr const char* kLastRollout = "last";

class RolloutDriver {
 public:
  /// Whether what the gateway is told differs between two revisions.
  using Differs = std::function<bool(const tmp::PeerIdentity&, std::uint64_t from, std::uint64_t to)>;

  /// All outlive it.
  RolloutDriver(const Ledger& ledger, Writer& writer, Loop loop, RolloutPace pace, Differs differs)
      : ledger_(ledger), writer_(writer), loop_(loop), pace_(pace), differs_(std::move(differs)) {}

  /// On the leader, about once a second.
  void turn(const GatewayConditions& gateways);
  /// This manager leads from now on: what another one began is gone on with when gateways had time to come.
  void begin_leading();
  /// Takes what is written; also where another manager leads.
  void read();

  /// The last one, as it is written; nothing before the first revision.
  [[nodiscard]] const std::optional<Rollout>& last() const { return last_; }
  /// Which revision a gateway is to have; 0: none.
  [[nodiscard]] std::uint64_t revision_for(const tmp::PeerIdentity& gateway) const;
  /// What is known to be good; 0: nothing yet.
  [[nodiscard]] std::uint64_t good() const;
  /// For how long the gate of the present wave is still watched.
  [[nodiscard]] std::chrono::seconds gate_left() const;

 private:
  [[nodiscard]] bool holds(const GatewayConditions& gateways) const;
  [[nodiscard]] Rollout begin(const GatewayConditions& gateways) const;
  void write(const Rollout& next);
  void take(const Rollout& next, std::string text);
  static std::variant<Writing, Problem> prepare(const Ledger& ledger, const std::optional<Rollout>& before,
                                                const Rollout& next, WallTime now);

  const Ledger& ledger_;
  Writer& writer_;
  Loop loop_;
  RolloutPace pace_;
  Differs differs_;
  std::optional<Rollout> last_;
  std::string text_;  // of `last_`, as it is written
  Time hold_until_{};
  bool writing_ = false;
};

}  // namespace ringway::manager

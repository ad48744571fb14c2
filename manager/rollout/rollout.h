#pragma once
// How a revision reaches the gateways: in waves, each of which must prove itself before the next one begins.
//
//   waiting ──begin()──▶ spreading: wave 1 ─gate─▶ wave 2 ─gate─▶ … ──▶ done
//                            └─ refused, lost, too slow, worse than before ──▶ stopped: all go back to `from`
//
// Waves: one gateway, the rest of its place, a quarter of all, all. Gateways that are away hold nothing up: they get
// what their wave has when they come. Pure: who keeps the state writes it down before anybody acts on it.
//
// Moments are of the monotonic clock, so that a stepped one ends no gate; they are not written down: a manager that
// begins to lead begins the wave's clock anew (resume()).

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config_type.h"
#include "base/time.h"
#include "tmp_protocol/peer_trust.h"

namespace ringway::manager {

enum class RolloutState : std::uint8_t { spreading, done, stopped };

enum class Spread : std::uint8_t {
  in_waves,
  at_once,  // and without gates: its content is what `from` had, and known to be good
};

/// What the gates look at, of one gateway.
struct GatewayCondition {
  std::string place;
  bool connected = false;
  Time since{};                        // it is connected, or it is not
  std::uint64_t revision = 0;          // in use
  std::optional<std::string> refusal;  // of the rollout's `to`; an agent that came back from a crash says so too
  double requests_per_s = 0;
  double errors_per_s = 0;  // 5xx
};
using GatewayConditions = std::map<tmp::PeerIdentity, GatewayCondition>;

struct RolloutPace {
  std::chrono::seconds gate{30};         // so long must a wave be well; 0: no gates
  std::chrono::seconds apply_limit{30};  // from its wave's beginning until a connected gateway has it in use
  std::chrono::seconds lost_limit{5};    // a gateway of a wave that has gone and not come back
};

struct Rollout {
  std::uint64_t from = 0;  // what is known to be good
  std::uint64_t to = 0;
  RolloutState state = RolloutState::spreading;
  Spread spread = Spread::in_waves;
  std::vector<std::vector<tmp::PeerIdentity>> waves;  // who is in none gets `to` with the last
  std::size_t wave = 0;                               // that is being spread to, or proves itself
  Time wave_began{};
  std::optional<Time> gate_began;  // all of the wave have it
  double errors_before = 0;        // of all answers, 0 to 1: what the wave is measured by
  std::string reason;              // stopped: why
  friend bool operator==(const Rollout&, const Rollout&) = default;
};

[[nodiscard]] config::Type<Rollout> rollout_type();

/// What begins when revision `to` is there. `previous` (null: none) is the last rollout: what it came to, or what it
/// came from where it did not come so far, is what to go back to. `gateways` are those whose content changes. The first
/// revision of all spreads at once: nothing can get worse.
[[nodiscard]] Rollout begin_rollout(const Rollout* previous, std::uint64_t to, const GatewayConditions& gateways,
                                    Spread spread, Time now);
/// After it was read from where it was written down.
[[nodiscard]] Rollout resume(Rollout written, Time now);
/// One look at it, about once a second; the same where nothing happens.
[[nodiscard]] Rollout step(const Rollout& rollout, const GatewayConditions& gateways, const RolloutPace& pace,
                           Time now);
/// Which revision the gateway is to have.
[[nodiscard]] std::uint64_t revision_for(const Rollout& rollout, const tmp::PeerIdentity& gateway);

}  // namespace ringway::manager

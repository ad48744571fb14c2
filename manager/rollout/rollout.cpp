#include "manager/rollout/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/config_list.h"
#include "base/config_object.h"
#include "base/config_scalar.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/identity_text.h"

namespace ringway::manager {

using namespace config;  // NOLINT(google-build-using-namespace): the words of the schema

namespace {

/// A wave whose answers have so much more 5xx among them than all had before is worse.
constexpr double kWorseErrors = 0.05;
/// Below so many answers a second nothing can be said of them.
constexpr double kFewRequestsPerS = 1;
/// The third wave: so many of all, with those before.
constexpr std::size_t kLargeWavePart = 4;

constexpr std::size_t kMaxGateways = 10'000;
constexpr std::size_t kMaxReasonOctets = 64 * 1024;

using Wave = std::vector<tmp::PeerIdentity>;

std::string name_of(const tmp::PeerIdentity& gateway) {
  return fmt::format("{} {}", tmp::role_name(gateway.role), gateway.name);
}

/// Those that are there, front-ends first, by name.
Wave connected(const GatewayConditions& gateways) {
  Wave all;
  for (const auto& [gateway, condition] : gateways) {
    if (condition.connected) all.push_back(gateway);
  }
  return all;
}

std::vector<Wave> waves_of(const GatewayConditions& gateways, Spread spread) {
  const Wave all = connected(gateways);
  if (all.empty()) return {};
  if (spread == Spread::at_once) return {all};
  std::vector<Wave> waves = {{all.front()}, {}, {}, {}};
  const std::string& place = gateways.at(all.front()).place;
  const auto near = [&](const tmp::PeerIdentity& gateway) {
    return !place.empty() && gateway.role == all.front().role && gateways.at(gateway).place == place;
  };
  Wave others;
  for (auto gateway = all.begin() + 1; gateway != all.end(); ++gateway) {
    (near(*gateway) ? waves[1] : others).push_back(*gateway);
  }
  // Back-ends first: what front-ends send them is to be known there.
  std::stable_partition(others.begin(), others.end(), [](const auto& each) { return each.role == tmp::Role::backend; });
  const std::size_t reached = 1 + waves[1].size();
  const std::size_t quarter = (all.size() + kLargeWavePart - 1) / kLargeWavePart;
  const auto large = static_cast<std::ptrdiff_t>(quarter > reached ? std::min(quarter - reached, others.size()) : 0);
  waves[2].assign(others.begin(), others.begin() + large);
  waves[3].assign(others.begin() + large, others.end());
  std::erase_if(waves, [](const Wave& wave) { return wave.empty(); });
  return waves;
}

/// Of the answers of these gateways, how many are errors; nothing where there are too few to tell.
std::optional<double> errors_among(const GatewayConditions& gateways, const Wave& members) {
  double requests = 0;
  double errors = 0;
  for (const tmp::PeerIdentity& member : members) {
    const auto found = gateways.find(member);
    if (found == gateways.end()) continue;
    requests += found->second.requests_per_s;
    errors += found->second.errors_per_s;
  }
  if (requests < kFewRequestsPerS) return std::nullopt;
  return errors / requests;
}

/// How one gateway of the present wave stands.
struct Standing {
  bool settled = false;  // has it in use, or is none that anybody waits for
  std::string fault;
};

Standing standing_of(const Rollout& rollout, const tmp::PeerIdentity& gateway, const GatewayCondition& condition,
                     const RolloutPace& pace, Time now) {
  if (condition.refusal) return {false, fmt::format("{} refused it: {}", name_of(gateway), *condition.refusal)};
  if (!condition.connected) {
    // Who was away before is not this revision's fault.
    if (condition.since <= rollout.wave_began) return {true, {}};
    if (now - condition.since < pace.lost_limit) return {false, {}};
    return {false, fmt::format("{} has gone since it got it", name_of(gateway))};
  }
  if (condition.revision == rollout.to) return {true, {}};
  if (now - std::max(rollout.wave_began, condition.since) < pace.apply_limit) return {false, {}};
  return {false, fmt::format("{} did not have it in use within {} s", name_of(gateway), pace.apply_limit.count())};
}

Standing standing_of_wave(const Rollout& rollout, const GatewayConditions& gateways, const RolloutPace& pace,
                          Time now) {
  Standing all{true, {}};
  for (const tmp::PeerIdentity& gateway : rollout.waves[rollout.wave]) {
    const auto found = gateways.find(gateway);
    if (found == gateways.end()) continue;  // it is no more
    Standing one = standing_of(rollout, gateway, found->second, pace, now);
    if (!one.fault.empty()) return one;
    all.settled = all.settled && one.settled;
  }
  return all;
}

/// Who has it already, and refuses it now all the same: after a crash, for instance.
std::string late_refusal(const Rollout& rollout, const GatewayConditions& gateways) {
  for (std::size_t wave = 0; wave < rollout.wave; ++wave) {
    for (const tmp::PeerIdentity& gateway : rollout.waves[wave]) {
      const auto found = gateways.find(gateway);
      if (found == gateways.end() || !found->second.refusal) continue;
      return fmt::format("{} refused it: {}", name_of(gateway), *found->second.refusal);
    }
  }
  return {};
}

Rollout stopped(Rollout rollout, std::string reason) {
  rollout.state = RolloutState::stopped;
  rollout.gate_began.reset();
  rollout.reason = std::move(reason);
  return rollout;
}

Rollout next_wave(Rollout rollout, Time now) {
  rollout.gate_began.reset();
  if (rollout.wave + 1 >= rollout.waves.size()) {
    rollout.state = RolloutState::done;
    return rollout;
  }
  ++rollout.wave;
  rollout.wave_began = now;
  return rollout;
}

Type<tmp::PeerIdentity> identity_type() {
  return std::make_shared<Scalar<tmp::PeerIdentity>>(
      Description{}, Form::text,
      [](const std::string& text) -> Result<tmp::PeerIdentity> {
        std::optional<tmp::PeerIdentity> identity = tmp::parse_identity(text);
        if (!identity) return internal_error("not ROLE:NAME");
        return std::move(*identity);
      },
      tmp::identity_text);
}

}  // namespace

Type<Rollout> rollout_type() {
  return Object<Rollout>("rollout")
      .required("from", &Rollout::from, whole_number<std::uint64_t>(0), "What is known to be good.")
      .required("to", &Rollout::to, whole_number<std::uint64_t>(0), "What spreads.")
      .required("state", &Rollout::state,
                choice<RolloutState>({{"spreading", RolloutState::spreading},
                                      {"done", RolloutState::done},
                                      {"stopped", RolloutState::stopped}}),
                "Whether it still does.")
      .optional("spread", &Rollout::spread,
                choice<Spread>({{"in_waves", Spread::in_waves}, {"at_once", Spread::at_once}}),
                "At once: without gates.")
      .optional("waves", &Rollout::waves, list(list(identity_type(), 0, kMaxGateways), 0, 4), "Who, one after another.")
      .optional("wave", &Rollout::wave, whole_number<std::size_t>(0), "Which of them, from 0.")
      .optional("errors_before", &Rollout::errors_before, fraction(0, 1), "Of all answers, before it began.")
      .optional("reason", &Rollout::reason, text(kMaxReasonOctets), "Why it was stopped.");
}

Rollout begin_rollout(const Rollout* previous, std::uint64_t to, const GatewayConditions& gateways, Spread spread,
                      Time now) {
  Rollout rollout;
  if (previous != nullptr) rollout.from = previous->state == RolloutState::done ? previous->to : previous->from;
  rollout.to = to;
  rollout.spread = rollout.from == 0 ? Spread::at_once : spread;
  rollout.waves = waves_of(gateways, rollout.spread);
  rollout.wave_began = now;
  rollout.errors_before = errors_among(gateways, connected(gateways)).value_or(0);
  if (rollout.waves.empty()) rollout.state = RolloutState::done;
  return rollout;
}

Rollout resume(Rollout written, Time now) {
  written.wave_began = now;
  written.gate_began.reset();
  return written;
}

Rollout step(const Rollout& rollout, const GatewayConditions& gateways, const RolloutPace& pace, Time now) {
  if (rollout.state != RolloutState::spreading) return rollout;
  std::string late = late_refusal(rollout, gateways);
  if (!late.empty()) return stopped(rollout, std::move(late));
  Standing wave = standing_of_wave(rollout, gateways, pace, now);
  if (!wave.fault.empty()) return stopped(rollout, std::move(wave.fault));
  Rollout next = rollout;
  if (!wave.settled) {
    next.gate_began.reset();
    return next;
  }
  if (rollout.spread == Spread::at_once) return next_wave(std::move(next), now);
  if (!next.gate_began) next.gate_began = now;
  const auto errors = errors_among(gateways, rollout.waves[rollout.wave]);
  if (errors && *errors > rollout.errors_before + kWorseErrors) {
    return stopped(rollout, fmt::format("{:.0f} % of the answers of wave {} are errors, {:.0f} % of all were before",
                                        *errors * 100, rollout.wave + 1, rollout.errors_before * 100));
  }
  return now - *next.gate_began < pace.gate ? next : next_wave(std::move(next), now);
}

std::uint64_t revision_for(const Rollout& rollout, const tmp::PeerIdentity& gateway) {
  if (rollout.state == RolloutState::done) return rollout.to;
  if (rollout.state == RolloutState::stopped) return rollout.from;
  for (std::size_t wave = 0; wave < rollout.waves.size(); ++wave) {
    const Wave& members = rollout.waves[wave];
    if (std::find(members.begin(), members.end(), gateway) == members.end()) continue;
    return wave <= rollout.wave ? rollout.to : rollout.from;
  }
  return rollout.wave + 1 == rollout.waves.size() ? rollout.to : rollout.from;
}

}  // namespace ringway::manager

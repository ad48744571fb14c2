#include "manager/fleet/rollout_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_reader.h"
#include "base/limits.h"
#include "manager/record_types.h"

namespace ringway::manager {

namespace {

/// What people read of a step; nothing where nothing of note has happened.
std::optional<std::string> story(const std::optional<Rollout>& before, const Rollout& next) {
  if (next.state == RolloutState::stopped) {
    return fmt::format("revision {} is stopped: {}", next.to, next.reason);
  }
  if (!before || before->to != next.to) {
    return fmt::format("revision {} begins to spread, in {} waves", next.to, next.waves.size());
  }
  if (next.state == RolloutState::done && before->state != RolloutState::done) {
    return fmt::format("revision {} is in use everywhere", next.to);
  }
  if (next.wave != before->wave) {
    return fmt::format("revision {} spreads to wave {} of {}", next.to, next.wave + 1, next.waves.size());
  }
  return std::nullopt;
}

/// The way back, as a revision of its own; nothing where there is none, or somebody has made another one already.
std::optional<Revision> way_back(const Ledger& ledger, const Rollout& stopped, WallTime now) {
  const Registry& registry = ledger.registry();
  if (stopped.from == 0 || registry.number() != stopped.to) return std::nullopt;
  const std::string message = fmt::format("automatic rollback of revision {}: {}", stopped.to, stopped.reason);
  const auto proposal = registry.propose(registry.back_to(stopped.from), {"manager", message, now});
  const auto* proposed = std::get_if<Proposal>(&proposal);
  if (proposed == nullptr || proposed->revision.changes.empty()) return std::nullopt;
  return proposed->revision;
}

}  // namespace

void RolloutDriver::read() {
  const std::string* text = ledger_.record(kRolloutKind, kLastRollout);
  if (text == nullptr) {
    last_.reset();
    text_.clear();
  } else if (*text != text_) {
    auto read = read_record(rollout_type(), {kRolloutKind, kLastRollout, *text});
    if (read) take(resume(std::move(*read), loop_.now()), *text);
  }
}

void RolloutDriver::take(const Rollout& next, std::string text) {
  last_ = next;
  text_ = std::move(text);
}

void RolloutDriver::begin_leading() {
  writing_ = false;
  read();
  hold_until_ = loop_.now() + limits::kUnheardGrace;
}

std::uint64_t RolloutDriver::good() const {
  if (!last_) return 0;
  return last_->state == RolloutState::done ? last_->to : last_->from;
}

std::uint64_t RolloutDriver::revision_for(const tmp::PeerIdentity& gateway) const {
  return last_ ? manager::revision_for(*last_, gateway) : 0;
}

std::chrono::seconds RolloutDriver::gate_left() const {
  if (!last_ || !last_->gate_began || last_->state != RolloutState::spreading) return std::chrono::seconds(0);
  const auto passed = std::chrono::floor<std::chrono::seconds>(loop_.now() - *last_->gate_began);
  return std::max(std::chrono::seconds(0), pace_.gate - passed);
}

void RolloutDriver::turn(const GatewayConditions& gateways) {
  if (writing_) return;
  read();
  const std::uint64_t head = ledger_.registry().number();
  if (head == 0) return;
  if (holds(gateways)) {
    last_ = resume(*last_, loop_.now());
  } else if (!last_ || last_->to != head) {
    write(begin(gateways));
  } else {
    write(step(*last_, gateways, pace_, loop_.now()));
  }
}

/// Gateways that were another leader's come back one by one: who is not here yet is not away for good.
bool RolloutDriver::holds(const GatewayConditions& gateways) const {
  return last_ && loop_.now() < hold_until_ &&
         std::any_of(gateways.begin(), gateways.end(), [](const auto& each) { return !each.second.connected; });
}

Rollout RolloutDriver::begin(const GatewayConditions& gateways) const {
  const Registry& registry = ledger_.registry();
  const std::uint64_t from = good();
  const std::uint64_t to = registry.number();
  GatewayConditions concerned;
  for (const auto& [gateway, condition] : gateways) {
    if (differs_(gateway, from, to)) concerned.emplace(gateway, condition);
  }
  const bool known = difference(registry.kinds(), registry.at(from), registry.head()).empty();
  return begin_rollout(last_ ? &*last_ : nullptr, to, concerned, known ? Spread::at_once : Spread::in_waves,
                       loop_.now());
}

std::variant<Writing, Problem> RolloutDriver::prepare(const Ledger& ledger, const std::optional<Rollout>& before,
                                                      const Rollout& next, WallTime now) {
  Writing writing;
  writing.records.push_back(write_record(rollout_type(), kRolloutKind, kLastRollout, next));
  if (const auto text = story(before, next)) {
    writing.entries.push_back(event_line({"rollout", fmt::format("revision:{}", next.to), *text}));
  }
  if (next.state == RolloutState::stopped) writing.revision = way_back(ledger, next, now);
  return writing;
}

/// What is not written down, the moments, changes without the store.
void RolloutDriver::write(const Rollout& next) {
  std::string text = rollout_type()->json(next);
  if (text == text_) return take(next, std::move(text));
  writing_ = true;
  writer_.submit([before = last_, next,
                  now = loop_.clock.wall()](const Ledger& ledger) { return prepare(ledger, before, next, now); },
                 [this, next, text = std::move(text)](const std::optional<Problem>& problem) {
                   writing_ = false;
                   if (!problem) take(next, text);
                 });
}

}  // namespace ringway::manager

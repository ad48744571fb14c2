#include "redirector_dns/steering/choice.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "redirector_dns/steering/rendezvous.h"

namespace ringway::dns::steering {

namespace {

// What hashes are for, so that no two of them agree: who is sent on from a POP must not be who is sent on from its
// front-ends, or who wins the lot.
enum class Purpose : std::uint64_t { shed = 1, order, lot, frontend, slot };

std::uint64_t salted(std::uint64_t key, Purpose purpose) { return combined(key, static_cast<std::uint64_t>(purpose)); }

/// What is left of the weight of a POP that drains, and of a front-end that has none, where there is nothing else.
constexpr double kDrainedWorth = 1e-6;
constexpr double kStandbyWorth = 1e-9;
constexpr auto kLeastTtlS = static_cast<std::uint32_t>(limits::kMinSteeredTtl.count());

/// When the share of who drains reaches this client's hash there is known: until then its answer stays.
void end_with_drain(double hash, double shed, Choice& choice) {
  const double left_s = std::ceil(std::max(hash - shed, 0.0) / limits::kDrainPerSecond);
  choice.ttl_s = std::clamp(static_cast<std::uint32_t>(left_s), kLeastTtlS, choice.ttl_s);
}

/// What is asked, looked up once.
class Question {
 public:
  Question(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now,
           std::optional<Family> family);

  [[nodiscard]] Choice answer() const;
  [[nodiscard]] Explanation explanation() const;

 private:
  /// POPs in the order of asking.
  class Asking;

  [[nodiscard]] bool slotted(const Asker& asker) const;
  [[nodiscard]] double pop_hash(PopIndex pop) const {
    return unit(combined(salted(key_, Purpose::shed), table_.atlas().pops[pop].hash));
  }
  [[nodiscard]] bool is_asked_for(FrontendIndex index) const {
    const Frontend& frontend = table_.atlas().frontends[index];
    return !family_ || !(*family_ == Family::v4 ? frontend.v4 : frontend.v6).empty();
  }
  [[nodiscard]] std::uint64_t frontend_hash(FrontendIndex index) const {
    return combined(salted(key_, Purpose::frontend), table_.atlas().frontends[index].hash);
  }
  [[nodiscard]] bool sheds_within_pop(FrontendIndex index) const {
    const double shed = table_.levels().frontends[index].shed;
    return shed > 0 && unit(mixed(frontend_hash(index))) < shed;
  }
  /// Whom load alone sends on is named where there is nobody else; who drains is not.
  [[nodiscard]] bool has_left(FrontendIndex index) const {
    return table_.levels().frontends[index].draining && sheds_within_pop(index);
  }
  [[nodiscard]] bool may_name(FrontendIndex index) const { return is_asked_for(index) && !has_left(index); }
  [[nodiscard]] bool answers(PopIndex pop) const {
    const std::span<const FrontendIndex> live = table_.live(site_.site_class, pop);
    return std::any_of(live.begin(), live.end(), [this](FrontendIndex index) { return may_name(index); });
  }
  [[nodiscard]] bool sheds(PopIndex pop) const { return pop_hash(pop) < table_.levels().pops[pop].shed; }
  [[nodiscard]] std::optional<PopIndex> drawn() const;
  [[nodiscard]] std::vector<FrontendIndex> answering() const;
  [[nodiscard]] std::vector<FrontendIndex> entitled() const;

  void live_no_longer_than_in(PopIndex pop, Choice& choice) const;
  void live_no_longer_than_with(FrontendIndex frontend, Choice& choice) const;
  void answer_from(PopIndex pop, Reason reason, Choice& choice) const;
  void seat(std::span<const FrontendIndex> among, std::size_t most, Choice& choice) const;
  void add_spare(PopIndex first, Choice& choice) const;

  const SteeringTable& table_;
  const Site& site_;
  std::optional<Family> family_;
  Located located_;
  bool slotted_ = false;
  std::uint32_t slot_left_s_ = 0;
  std::uint64_t key_ = 0;  // of the cell and the site
  const Order* order_;
  std::span<const PopIndex> reach_;
  const SiteClass* class_;
};

class Question::Asking {
 public:
  explicit Asking(const Question& question) : question_(question) {}

  std::optional<PopIndex> next() {
    if (question_.class_->policy == Policy::weighted) return next_by_lot();
    return at_ < question_.order_->pops.size() ? std::optional(question_.order_->pops[at_++]) : std::nullopt;
  }

 private:
  /// Each time the one behind the last in the cell's race: most ask once or twice.
  std::optional<PopIndex> next_by_lot() {
    std::optional<PopIndex> nearest;
    double least = std::numeric_limits<double>::infinity();
    for (const PopIndex pop : question_.reach_) {
      const std::uint64_t hash =
          combined(salted(question_.key_, Purpose::order), question_.table_.atlas().pops[pop].hash);
      const double value = race(hash, question_.class_->shares[pop]);
      if (value <= last_ || value >= least) continue;
      least = value;
      nearest = pop;
    }
    last_ = least;
    return nearest;
  }

  const Question& question_;
  std::size_t at_ = 0;
  double last_ = -1;
};

Question::Question(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now,
                   std::optional<Family> wanted)
    : table_(table), site_(site), family_(table.families(site.site_class).mixed ? wanted : std::nullopt) {
  const Atlas& atlas = table.atlas();
  const Family family = family_of(asker.address);
  located_ = atlas.cells.find(family, number_of(asker.address));
  key_ = combined(combined(located_.cell, static_cast<std::uint64_t>(family)), site.hash);
  slotted_ = slotted(asker);
  if (slotted_) {
    // Each resolver's and site's slots begin at a time of their own.
    const std::uint64_t resolver = combined(number_of(asker.address), site.hash);
    const std::uint64_t moment = now + mixed(resolver) % site.ttl_s;
    key_ = combined(combined(resolver, moment / site.ttl_s), static_cast<std::uint64_t>(Purpose::slot));
    slot_left_s_ = static_cast<std::uint32_t>(site.ttl_s - moment % site.ttl_s);
  }
  order_ = &atlas.order(located_.profile, site.site_class);
  reach_ = atlas.reaches[order_->reach];
  class_ = &atlas.classes[site.site_class];
}

bool Question::slotted(const Asker& asker) const {
  const std::vector<IpAddress>& resolvers = table_.atlas().resolvers;
  return !asker.by_subnet && std::binary_search(resolvers.begin(), resolvers.end(), asker.address);
}

Choice Question::answer() const {
  Choice choice;
  Asking asking(*this);
  Reason reason = Reason::first;
  while (const std::optional<PopIndex> pop = asking.next()) {
    if (answers(*pop) && !sheds(*pop)) {
      answer_from(*pop, reason, choice);
      return choice;
    }
    reason = Reason::passed_on;
  }
  if (const std::optional<PopIndex> pop = drawn()) {
    answer_from(*pop, Reason::by_lot, choice);
    return choice;
  }
  answer_from(order_->pops.empty() ? reach_.front() : order_->pops.front(), Reason::last_resort, choice);
  return choice;
}

/// By the capacity that POPs have not shed. Nothing where none of the reach has anybody who answers.
std::optional<PopIndex> Question::drawn() const {
  const Atlas& atlas = table_.atlas();
  std::optional<PopIndex> winner;
  double least = std::numeric_limits<double>::infinity();
  for (const PopIndex pop : reach_) {
    if (!answers(pop)) continue;
    const double left = std::max(1 - table_.levels().pops[pop].shed, kDrainedWorth);
    const double value =
        race(combined(salted(key_, Purpose::lot), atlas.pops[pop].hash), atlas.pops[pop].capacity * left);
    if (value >= least) continue;
    least = value;
    winner = pop;
  }
  return winner;
}

/// Of the whole reach: when nobody may be named, only those who drain.
std::vector<FrontendIndex> Question::answering() const {
  std::vector<FrontendIndex> all;
  for (const PopIndex pop : reach_) {
    const std::span<const FrontendIndex> live = table_.live(site_.site_class, pop);
    std::copy_if(live.begin(), live.end(), std::back_inserter(all),
                 [this](FrontendIndex index) { return is_asked_for(index); });
  }
  return all;
}

/// Who drains still serves, and is better than who is ill. Where nobody answers, whom the policy would name if all did:
/// the site's front-ends within the reach, else all of them.
std::vector<FrontendIndex> Question::entitled() const {
  if (std::vector<FrontendIndex> all = answering(); !all.empty()) return all;
  std::vector<FrontendIndex> reached;
  std::vector<FrontendIndex> others;
  for (const FrontendIndex frontend : class_->frontends) {
    if (!is_asked_for(frontend)) continue;
    const PopIndex pop = table_.atlas().frontends[frontend].pop;
    (std::binary_search(reach_.begin(), reach_.end(), pop) ? reached : others).push_back(frontend);
  }
  return reached.empty() ? others : reached;
}

/// An answer that names somebody in the POP.
void Question::live_no_longer_than_in(PopIndex pop, Choice& choice) const {
  const PopLevel& level = table_.levels().pops[pop];
  if (level.draining) end_with_drain(pop_hash(pop), level.shed, choice);
}

/// An answer that names it.
void Question::live_no_longer_than_with(FrontendIndex frontend, Choice& choice) const {
  const FrontendLevel& level = table_.levels().frontends[frontend];
  if (level.draining) end_with_drain(unit(mixed(frontend_hash(frontend))), level.shed, choice);
}

void Question::answer_from(PopIndex pop, Reason reason, Choice& choice) const {
  choice.reason = reason;
  choice.pop = pop;
  choice.scope_bits = located_.scope_bits;
  choice.ttl_s = site_.ttl_s;
  live_no_longer_than_in(pop, choice);
  if (slotted_) choice.ttl_s = std::clamp(slot_left_s_, kLeastTtlS, choice.ttl_s);
  if (reason == Reason::last_resort) {
    seat(entitled(), site_.answers, choice);
    choice.pop = table_.atlas().frontends[choice.frontends[0]].pop;
    return;
  }
  const bool spare = site_.spare == Spare::next_pop && site_.answers > 1;
  seat(table_.live(site_.site_class, pop), site_.answers - (spare ? 1 : 0), choice);
  if (spare) add_spare(pop, choice);
}

/// Adds the first `most` of the cell's rendezvous that do not shed it; where all do, the first that does not drain, or
/// the very first.
void Question::seat(std::span<const FrontendIndex> among, std::size_t most, Choice& choice) const {
  struct Runner {
    double value;
    FrontendIndex frontend;
  };
  std::array<Runner, limits::kMaxAnswerFrontends> best{};
  std::size_t taken = 0;
  Runner first{std::numeric_limits<double>::infinity(), among.front()};
  bool first_left = true;
  for (const FrontendIndex index : among) {
    if (!is_asked_for(index)) continue;
    const Frontend& frontend = table_.atlas().frontends[index];
    const Runner runner{race(frontend_hash(index), std::max(frontend.weight, kStandbyWorth)), index};
    const bool left = has_left(index);
    if (left == first_left ? runner.value < first.value : first_left) {
      first = runner;
      first_left = left;
    }
    if (frontend.weight == 0 || sheds_within_pop(index)) continue;
    if (taken == most && runner.value >= best[taken - 1].value) continue;
    std::size_t at = taken < most ? taken++ : taken - 1;
    for (; at > 0 && best[at - 1].value > runner.value; --at) best[at] = best[at - 1];
    best[at] = runner;
  }
  if (taken == 0) best[taken++] = first;
  for (std::size_t i = 0; i < taken; ++i) {
    choice.frontends[choice.count++] = best[i].frontend;
    live_no_longer_than_with(best[i].frontend, choice);
  }
}

void Question::add_spare(PopIndex first, Choice& choice) const {
  Asking asking(*this);
  while (const std::optional<PopIndex> pop = asking.next()) {
    if (*pop == first || !answers(*pop) || sheds(*pop)) continue;
    seat(table_.live(site_.site_class, *pop), 1, choice);
    live_no_longer_than_in(*pop, choice);
    return;
  }
}

Explanation Question::explanation() const {
  Explanation told;
  told.choice = answer();
  told.slotted = slotted_;
  Asking asking(*this);
  bool found = false;
  while (const std::optional<PopIndex> pop = asking.next()) {
    const std::span<const FrontendIndex> live = table_.live(site_.site_class, *pop);
    const auto answering =
        std::count_if(live.begin(), live.end(), [this](FrontendIndex index) { return may_name(index); });
    Candidate candidate{*pop, table_.levels().pops[*pop].shed, pop_hash(*pop), static_cast<std::size_t>(answering),
                        Candidate::Verdict::not_needed};
    if (!found) {
      const bool chosen = told.choice.reason <= Reason::passed_on && *pop == told.choice.pop;
      candidate.verdict = !answers(*pop) ? Candidate::Verdict::nobody_answers
                          : chosen       ? Candidate::Verdict::chosen
                                         : Candidate::Verdict::sheds;
      found = chosen;
    }
    told.candidates.push_back(candidate);
  }
  return told;
}

}  // namespace

Choice choose(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now,
              std::optional<Family> family) {
  return Question(table, site, asker, now, family).answer();
}

Explanation explain(const SteeringTable& table, const Site& site, const Asker& asker, WallSeconds now) {
  const Family shown = table.families(site.site_class).v4 ? Family::v4 : Family::v6;
  Explanation told = Question(table, site, asker, now, shown).explanation();
  const Family family = family_of(asker.address);
  const Located located = table.atlas().cells.find(family, number_of(asker.address));
  told.cell = Network::around(family, located.cell, located.grain);
  return told;
}

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::first: return "first";
    case Reason::passed_on: return "passed on";
    case Reason::by_lot: return "by lot";
    case Reason::last_resort: return "last resort";
  }
  return "";
}

std::string_view verdict_name(Candidate::Verdict verdict) {
  switch (verdict) {
    case Candidate::Verdict::chosen: return "chosen";
    case Candidate::Verdict::sheds: return "sheds";
    case Candidate::Verdict::nobody_answers: return "nobody answers";
    case Candidate::Verdict::not_needed: return "not needed";
  }
  return "";
}

}  // namespace ringway::dns::steering

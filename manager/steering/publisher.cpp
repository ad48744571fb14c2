#include "manager/steering/publisher.h"

#include <time.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "manager/steering/steering_readings.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::manager {

namespace {

namespace steering = dns::steering;

/// The last number that is kept may be so much older than the last one that was told, and clocks differ.
constexpr std::uint64_t kNumberLead = 120;

/// Of this thread.
Duration cpu_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::uint64_t seconds_of(WallTime wall) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count()));
}

/// Whatever resolvers are slotted: whoever asks often enough can bring that about.
bool same_servers(const steering::Atlas& a, const steering::Atlas& b) {
  return std::tie(a.pops, a.frontends, a.classes, a.sites) == std::tie(b.pops, b.frontends, b.classes, b.sites);
}

}  // namespace

Publisher::Publisher(PublisherParts parts) : parts_(std::move(parts)), turn_(parts_.loop.timers, [this] { turn(); }) {
  turn_.arm(parts_.loop.now());
}

void Publisher::turn() {
  const Duration before = cpu_time();
  turn_.arm(parts_.loop.now() + limits::kFleetTurn);
  turn_once();
  last_turn_ = cpu_time() - before;
  longest_turn_ = std::max(longest_turn_, last_turn_);
}

void Publisher::turn_once() {
  const std::uint64_t leading = is_wanted() ? parts_.fleet.leading() : 0;
  if (leading != epoch_) leading == 0 ? stop_leading() : begin_leading(leading);
  if (epoch_ == 0) return;
  hear_redirectors();
  ask_for_drawing();
  if (atlas_ == nullptr) return;
  publish();
  tell();
  keep_levels();
}

// --- Leading

/// Where nobody asks for tables none is made.
bool Publisher::is_wanted() const {
  const auto& nodes = parts_.fleet.nodes();
  return !parts_.fleet.ledger().registry().head().all(kRedirectors).empty() ||
         std::any_of(nodes.begin(), nodes.end(), [](const auto& each) {
           return each.first.role == tmp::Role::redirector && each.second.session != nullptr;
         });
}

void Publisher::stop_leading() {
  epoch_ = 0;
  table_.reset();
  plan_.reset();
  atlas_.reset();
  text_.reset();
  maker_.reset();
  readings_ = {};
  told_.clear();
  heard_.clear();
  answers_.clear();
}

void Publisher::begin_leading(std::uint64_t epoch) {
  stop_leading();
  const Time now = parts_.loop.now();
  epoch_ = epoch;
  drawing_ = false;  // what is on its way is another epoch's
  asked_at_ = {};
  took_ = {};
  drawn_routes_ = drawn_revision_ = drawn_plan_ = 0;
  doubted_since_.reset();
  fault_.clear();
  longest_turn_ = {};
  kept_levels_ = {};
  kept_atlas_.clear();
  keeping_levels_ = keeping_atlas_ = false;
  settle_until_ = now + limits::kUnheardGrace;
  ordered_revision_ = parts_.fleet.ledger().registry().number();
  read_kept();
  number_ = std::max(seconds_of(parts_.loop.clock.wall()), kept_levels_.number + kNumberLead);
}

/// What another leader left. Without it one begins anew.
void Publisher::read_kept() {
  const Time now = parts_.loop.now();
  const Ledger& ledger = parts_.fleet.ledger();
  if (const std::string* text = ledger.record(kSteeringKind, kKeptLevels)) {
    if (auto levels = parse_kept_levels(*text)) kept_levels_ = std::move(*levels);
  }
  const std::string* text = ledger.record(kSteeringKind, kKeptAtlas);
  if (text == nullptr) return;
  Result<KeptAtlas> kept = parse_kept_atlas(*text, now, parts_.loop.clock.wall());
  if (!kept) return parts_.log.error("the steering begins anew", {{"reason", kept.error().message}});
  atlas_ = std::move(kept->atlas);
  text_ = write_atlas(*atlas_);
  kept_atlas_ = text_->sum;
  atlas_kept_at_ = atlas_since_ = now;
  atlas_kept_octets_ = text->size();
  resolvers_.restore(atlas_->resolvers, now);
  if (std::exchange(restored_, epoch_) == epoch_) return;
  for (auto& [network, distance] : kept->clients) parts_.fleet.clients().restore(network, std::move(distance));
}

bool Publisher::settling() const {
  if (parts_.loop.now() >= settle_until_ || atlas_ == nullptr || kept_levels_.pops.empty() || maker_) return false;
  return std::any_of(atlas_->frontends.begin(), atlas_->frontends.end(), [&](const steering::Frontend& frontend) {
    const Node* node = parts_.fleet.find({tmp::Role::frontend, frontend.name});
    const bool steered = frontend.name.find('/') == std::string::npos;
    return steered && (node == nullptr || node->heard == Time{});
  });
}

void Publisher::hear_redirectors() {
  for (const auto& [identity, node] : parts_.fleet.nodes()) {
    if (identity.role != tmp::Role::redirector || !node.report.steering) continue;
    if (std::exchange(heard_[identity], node.heard) == node.heard) continue;
    resolvers_.hear(identity.name, *node.report.steering, node.heard);
    if (atlas_ != nullptr) answers_.hear(identity.name, *node.report.steering, *atlas_, node.heard);
  }
}

// --- The atlas

bool Publisher::drawing_is_due() const {
  if (drawing_) return false;
  const Duration since = parts_.loop.now() - asked_at_;
  const bool changed = drawn_routes_ != parts_.fleet.turn_of_routes() || drawn_plan_ != parts_.fleet.planned_head();
  return since >= std::clamp<Duration>(10 * took_, changed ? kDrawHaste : kDrawPause, kMostDrawPause);
}

void Publisher::ask_for_drawing() {
  if (!drawing_is_due()) return;
  const Time now = parts_.loop.now();
  SteeringFacts facts = steering_facts(parts_.fleet, atlas_);
  facts.epoch = epoch_;
  facts.resolvers = resolvers_.slotted(now);
  facts.geography = parts_.geography;
  facts.held_back = doubted_since_ || atlas_ == nullptr;
  facts.last_plan = plan_;
  const Duration pause = std::max<Duration>(
      kLevelsPause, from_seconds(static_cast<double>(atlas_kept_octets_) / static_cast<double>(kKeptOctetsPerS)));
  facts.keep = !keeping_atlas_ && now - atlas_kept_at_ >= pause;
  drawing_ = true;
  asked_at_ = now;
  drawn_routes_ = parts_.fleet.turn_of_routes();
  drawn_revision_ = parts_.fleet.ledger().registry().number();
  drawn_plan_ = parts_.fleet.planned_head();
  parts_.draw(std::move(facts), parts_.loop.clock.wall(), [this](const Drawn& drawn) { take(drawn); });
}

void Publisher::take(const Drawn& drawn) {
  if (drawn.epoch != epoch_) return;
  drawing_ = false;
  took_ = parts_.loop.now() - asked_at_;
  fault_ = drawn.fault;
  if (drawn.atlas == nullptr) {
    return parts_.log.limited("steering", LogLevel::error, "no steering atlas can be drawn", {{"reason", fault_}});
  }
  if (atlas_ == nullptr && begins_poor(drawn)) return;
  const bool same = text_ != nullptr && drawn.text->sum == text_->sum;
  if (atlas_ != nullptr && !same && (!may_follow(*drawn.atlas) || is_hasty(*drawn.atlas))) return;
  if (same) spend_order();  // it ordered nothing else
  doubted_since_.reset();
  if (!same) atlas_since_ = parts_.loop.now();
  atlas_ = drawn.atlas;
  text_ = drawn.text;
  plan_ = drawn.plan;
  if (plan_->left_out_of_areas > 0) {
    parts_.log.limited("steering", LogLevel::warning,
                       "there are more networks of areas that fences name than can be drawn",
                       {{"left_out", std::to_string(plan_->left_out_of_areas)}});
  }
  if (!drawn.kept.empty()) keep_atlas(drawn.kept);
}

/// The first atlas of all waits for front-ends that have only not come yet: clients get used to what it says.
bool Publisher::begins_poor(const Drawn& drawn) const {
  return parts_.loop.now() < settle_until_ && drawn.plan->awaited > 0;
}

/// What takes much away at one go is followed where somebody ordered it, or where it lasts.
bool Publisher::may_follow(const steering::Atlas& next) {
  const Time now = parts_.loop.now();
  const Status follows = steering::check_succession(*atlas_, next);
  const bool ordered = drawn_revision_ != ordered_revision_;
  if (follows || ordered) {
    doubted_since_.reset();
    spend_order();
    return true;
  }
  if (!doubted_since_) doubted_since_ = now;
  fault_ = follows.error().message;
  if (now - *doubted_since_ >= kDoubtfulFor) {
    doubted_since_.reset();
    return true;
  }
  parts_.log.limited("steering", LogLevel::warning, "a steering atlas is held back", {{"reason", fault_}});
  return false;
}

/// What a revision orders of seats is not drawn before it is planned.
void Publisher::spend_order() { ordered_revision_ = std::max(ordered_revision_, drawn_plan_); }

/// Clients that prefer other POPs can wait, and slots of resolvers; who serves whom cannot.
bool Publisher::is_hasty(const steering::Atlas& next) const {
  const double seconds = static_cast<double>(text_->text.size()) / static_cast<double>(kAtlasOctetsPerS);
  return parts_.loop.now() - atlas_since_ < from_seconds(seconds) && same_servers(*atlas_, next);
}

// --- Each second

void Publisher::publish() {
  const Time now = parts_.loop.now();
  const auto as_kept = [&] { return steering::SteeringTable(++number_, atlas_, levels_for(*atlas_, kept_levels_)); };
  if (settling()) {
    table_ = std::make_shared<const steering::SteeringTable>(as_kept());
    return;
  }
  ttl_ = usual_ttl(*atlas_, parts_.fleet, ttl_);
  if (!maker_) maker_.emplace(ttl_, table_ == nullptr ? as_kept() : *table_, now);
  maker_->reckon_with(ttl_);
  static const std::vector<std::vector<std::string>> kNobody;
  readings_ =
      steering_readings(*atlas_, plan_ == nullptr ? kNobody : plan_->observers, parts_.fleet, parts_.fleet.led_since());
  table_ = std::make_shared<const steering::SteeringTable>(maker_->make(atlas_, readings_, now));
}

/// The redirectors that are there: who was told an atlas longest ago comes first, so that everybody's turn comes.
std::vector<std::pair<Publisher::Told*, const Node*>> Publisher::listeners() {
  std::vector<std::pair<Told*, const Node*>> all;
  for (const auto& [identity, node] : parts_.fleet.nodes()) {
    if (identity.role != tmp::Role::redirector || node.session == nullptr || node.foreign) continue;
    Told& told = told_[identity];
    if (std::exchange(told.session, node.session->id()) != node.session->id()) told.atlas.clear();
    all.emplace_back(&told, &node);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first->atlas_at < b.first->atlas_at; });
  return all;
}

void Publisher::tell() {
  ByteQueue levels;
  for (const agent::Message& message :
       agent::table_messages(agent::TableText::levels, steering::levels_text(*table_, text_->sum))) {
    agent::write_message(levels, message);
  }
  std::size_t budget = kMaxAtlasOctetsPerTurn;
  for (const auto& [told, node] : listeners()) {
    if (node->session == nullptr || node->session->unsent() > kMaxTableUnsentOctets) continue;
    if (told->atlas != text_->sum) {
      if (budget == 0) continue;
      budget -= std::min(budget, text_->messages.size());
      told->atlas = text_->sum;
      told->atlas_at = parts_.loop.now();
      node->session->send(text_->messages);
    }
    if (node->session != nullptr) node->session->send(levels);
  }
  std::erase_if(told_, [&](const auto& each) { return parts_.fleet.find(each.first) == nullptr; });
  std::erase_if(heard_, [&](const auto& each) { return parts_.fleet.find(each.first) == nullptr; });
}

// --- What is kept

void Publisher::keep(const char* name, std::string content, std::function<void(bool)> done) {
  parts_.writer.submit(
      [record = Record{kSteeringKind, name, std::move(content)}](const Ledger&) -> std::variant<Writing, Problem> {
        Writing writing;
        writing.records.push_back(record);
        return writing;
      },
      [this, epoch = epoch_, done = std::move(done)](const std::optional<Problem>& problem) {
        if (epoch == epoch_) done(!problem);
      });
}

void Publisher::keep_levels() {
  const Duration since = parts_.loop.now() - levels_kept_at_;
  if (keeping_levels_ || settling() || since < kLevelsPause) return;
  KeptLevels levels = levels_of(*table_);
  if (since < kLevelsRefresh && !worth_keeping(kept_levels_, levels)) return;
  keeping_levels_ = true;
  levels_kept_at_ = parts_.loop.now();
  std::string content = kept_levels_json(levels);
  keep(kKeptLevels, std::move(content), [this, levels = std::move(levels)](bool written) {
    keeping_levels_ = false;
    if (written) kept_levels_ = levels;
  });
}

/// Also where the atlas is the same: what is known of clients grows.
void Publisher::keep_atlas(const std::string& content) {
  const bool same = kept_atlas_ == text_->sum;
  if (same && parts_.loop.now() - atlas_kept_at_ < kLevelsRefresh) return;
  keeping_atlas_ = true;
  atlas_kept_at_ = parts_.loop.now();
  atlas_kept_octets_ = content.size();
  keep(kKeptAtlas, content, [this, sum = text_->sum](bool written) {
    keeping_atlas_ = false;
    if (written) kept_atlas_ = sum;
  });
}

}  // namespace ringway::manager

#pragma once
// What a leader tells redirectors to steer by: each second the levels, and an atlas when it has changed. The next
// leader goes on from what is kept in the store.
//
//   fleet ──facts──▶ (a thread of its own) plan ──▶ atlas ──▶ whoever has another one
//   fleet ──readings each second──▶ levels ──────────────────▶ every redirector
//                                                 └─ kept ──▶ the next leader, who repeats it until it knows better
//
//   waiting ─leads, and there is a redirector─▶ settling ─all heard, or kUnheardGrace─▶ leading
//
// While it is settling, levels are as they were kept.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/loop.h"
#include "manager/fleet/fleet.h"
#include "manager/steering/answer_rates.h"
#include "manager/steering/atlas_drawer.h"
#include "manager/steering/kept_steering.h"
#include "manager/steering/resolver_watch.h"
#include "redirector_dns/steering/table_maker.h"
#include "redirector_dns/steering/table_steering.h"

namespace ringway::manager {

/// What may wait for one redirector to take it before it is told more.
inline constexpr std::size_t kMaxTableUnsentOctets = 8U << 20;
/// Of atlases, for all redirectors, in one turn of the loop.
inline constexpr std::size_t kMaxAtlasOctetsPerTurn = 4U << 20;
/// An atlas that only orders clients otherwise, or slots other resolvers, is told at most so fast, to each.
inline constexpr std::size_t kAtlasOctetsPerS = 256U << 10;
/// Between two drawings; at least ten times what one takes.
inline constexpr Duration kDrawPause = std::chrono::seconds(5);
inline constexpr Duration kMostDrawPause = std::chrono::seconds(60);
/// After what changes who serves.
inline constexpr Duration kDrawHaste = std::chrono::seconds(1);
/// How long an atlas that takes away much is held back where nobody ordered it.
inline constexpr Duration kDoubtfulFor = std::chrono::seconds(60);

struct PublisherParts {
  Loop loop;
  Log& log;
  Fleet& fleet;
  Writer& writer;
  /// Draws, and calls back on the loop.
  std::function<void(SteeringFacts, WallTime, std::function<void(const Drawn&)>)> draw;
  SharedGeography geography = nullptr;  // null: none
};

class Publisher {
 public:
  /// What the parts refer to outlives it.
  explicit Publisher(PublisherParts parts);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Null where there is none yet, where another manager leads, and where there is no redirector.
  [[nodiscard]] const dns::steering::SharedTable& table() const { return table_; }
  /// What the table's atlas was drawn from; null as well where it is another leader's still.
  [[nodiscard]] const std::shared_ptr<const SteeringPlan>& plan() const { return plan_; }
  [[nodiscard]] const dns::steering::Readings& readings() const { return readings_; }
  [[nodiscard]] const AnswerRates& answers() const { return answers_; }
  [[nodiscard]] const ResolverWatch& resolvers() const { return resolvers_; }
  [[nodiscard]] const Fleet& fleet() const { return parts_.fleet; }
  [[nodiscard]] bool settling() const;
  /// Of the loop's CPU time, what this took in the last second, and the most that it took since it leads.
  [[nodiscard]] Duration last_turn() const { return last_turn_; }
  [[nodiscard]] Duration longest_turn() const { return longest_turn_; }
  /// Why the last drawing came to nothing; empty: it did not.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  /// What a redirector has been told.
  struct Told {
    std::uint64_t session = 0;
    std::string atlas;  // its sum
    Time atlas_at{};
  };

  void turn();
  void turn_once();
  [[nodiscard]] bool is_wanted() const;
  void begin_leading(std::uint64_t epoch);
  void stop_leading();
  void read_kept();
  void hear_redirectors();
  void ask_for_drawing();
  [[nodiscard]] bool drawing_is_due() const;
  void take(const Drawn& drawn);
  [[nodiscard]] bool begins_poor(const Drawn& drawn) const;
  [[nodiscard]] bool may_follow(const dns::steering::Atlas& next);
  void spend_order();
  [[nodiscard]] bool is_hasty(const dns::steering::Atlas& next) const;
  void publish();
  std::vector<std::pair<Told*, const Node*>> listeners();
  void tell();
  void keep_levels();
  void keep_atlas(const std::string& content);
  void keep(const char* name, std::string content, std::function<void(bool)> done);

  PublisherParts parts_;
  std::uint64_t epoch_ = 0;     // 0: another manager leads
  std::uint64_t restored_ = 0;  // the epoch in which what was kept of clients was read
  Time settle_until_{};
  KeptLevels kept_levels_;  // as they are written
  Time levels_kept_at_{};
  bool keeping_levels_ = false;

  dns::steering::SharedAtlas atlas_;
  std::shared_ptr<const AtlasText> text_;
  std::shared_ptr<const SteeringPlan> plan_;
  Time atlas_since_{};
  std::uint64_t ordered_revision_ = 0;  // whose word the atlas follows
  std::optional<Time> doubted_since_;
  std::string fault_;

  bool drawing_ = false;
  Time asked_at_{};
  Duration took_{};
  std::uint64_t drawn_routes_ = 0;
  std::uint64_t drawn_revision_ = 0;
  std::uint64_t drawn_plan_ = 0;  // the revision whose seats were drawn
  std::string kept_atlas_;        // the sum of that which is written
  Time atlas_kept_at_{};
  std::size_t atlas_kept_octets_ = 0;
  bool keeping_atlas_ = false;

  std::uint64_t number_ = 0;
  std::optional<dns::steering::TableMaker> maker_;
  Duration ttl_{};  // that the maker reckons with
  dns::steering::Readings readings_;
  dns::steering::SharedTable table_;
  ResolverWatch resolvers_;
  AnswerRates answers_;
  std::map<tmp::PeerIdentity, Told> told_;
  std::map<tmp::PeerIdentity, Time> heard_;
  Duration last_turn_{};
  Duration longest_turn_{};
  Timer turn_;
};

}  // namespace ringway::manager

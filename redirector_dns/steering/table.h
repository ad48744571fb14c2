#pragma once
// The numbered steering table: an atlas, and the levels of this second. A manager's leader publishes one each second;
// choose() is a pure function of it, so every redirector that has it answers alike.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "redirector_dns/steering/atlas.h"

namespace ringway::dns::steering {

struct PopLevel {
  double shed = 0;   // of its clients, so many are sent on; 0 to 1
  double usual = 0;  // the mean of the last minutes
  bool draining = false;
  friend bool operator==(const PopLevel&, const PopLevel&) = default;
};

struct FrontendLevel {
  double shed = 0;             // of the clients that its POP gives it, so many are given to the POP's others; 0 to 1
  std::uint32_t ill_rank = 0;  // 0: well; else the lower the longer it is ill
  bool draining = false;       // by an operator: where it is alone its clients go to other POPs
  friend bool operator==(const FrontendLevel&, const FrontendLevel&) = default;
};

/// By POP and by front-end, as in the atlas.
struct Levels {
  std::vector<PopLevel> pops;
  std::vector<FrontendLevel> frontends;
  friend bool operator==(const Levels&, const Levels&) = default;
};

/// Which addresses a class's front-ends have.
struct AddressFamilies {
  bool v4 = false;
  bool v6 = false;
  bool mixed = false;  // not all have the same
};

class SteeringTable {
 public:
  enum class Freshness : std::uint8_t { fresh, stale };
  /// Levels that are not there are 0.
  SteeringTable(std::uint64_t number, SharedAtlas atlas, Levels levels, Freshness freshness = Freshness::fresh);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const Atlas& atlas() const { return *atlas_; }
  [[nodiscard]] const SharedAtlas& shared_atlas() const { return atlas_; }
  [[nodiscard]] const Levels& levels() const { return levels_; }
  /// Stale: its levels are older than limits::kLoadHolds.
  [[nodiscard]] Freshness freshness() const { return freshness_; }
  [[nodiscard]] bool is_stale() const { return freshness_ == Freshness::stale; }
  /// Those of a class's front-ends in a POP that answer.
  [[nodiscard]] std::span<const FrontendIndex> live(std::uint32_t site_class, PopIndex pop) const {
    const std::size_t group = site_class * atlas_->pops.size() + pop;
    return std::span(live_).subspan(groups_[group], groups_[group + 1] - groups_[group]);
  }
  [[nodiscard]] const AddressFamilies& families(std::uint32_t site_class) const { return families_[site_class]; }

 private:
  void sort_out_class(const SiteClass& site_class);

  std::uint64_t number_;
  SharedAtlas atlas_;
  Levels levels_;
  Freshness freshness_;
  std::vector<FrontendIndex> live_;    // class after class, POP after POP
  std::vector<std::uint32_t> groups_;  // where each begins, and the end
  std::vector<AddressFamilies> families_;
};

using SharedTable = std::shared_ptr<const SteeringTable>;

/// What levels are worth when they are `age` old. The load's influence goes first: it holds for limits::kLoadHolds,
/// then becomes what is usual, which is gone in the end as well; then health's, as not knowing is no illness. What an
/// operator drains goes on to its end at the same pace, and stays drained.
Levels aged(const Levels& levels, Duration age);

/// For the atlas of `last`, what `next` says by its own: of a POP or front-end that `next` has not, what `last` says.
Levels carried_over(const SteeringTable& last, const SteeringTable& next);

}  // namespace ringway::dns::steering

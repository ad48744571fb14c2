#pragma once
// Which front-ends are ill, as several observers see it, and which of them are taken out of a site's answers.
//
//   well --2 rounds of "ill"--> ill --5 rounds of "well"--> well
//
// Nobody's word for limits::kHealthSilence means well: not knowing is no illness. Who falls ill again and again is held
// back: each fall counts 1 and is half forgotten after limits::kFlapHalfLife; above 3 it stays ill until it is below 1.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"

namespace ringway::dns::steering {

/// What those who looked said in one round.
struct Votes {
  unsigned well = 0;
  unsigned ill = 0;
};

class Health {
 public:
  Health() = default;
  /// Goes on from another's judgement: ill since then, and heard of just now.
  Health(Time ill_since, Time now) : ill_since_(ill_since), heard_(now) {}
  /// One round, about each second; no votes where nobody looked.
  void observe(const Votes& votes, Time now);

  [[nodiscard]] bool well() const { return !ill_since_; }
  /// When it fell ill; nothing where it is well.
  [[nodiscard]] std::optional<Time> ill_since() const { return ill_since_; }

 private:
  void fall(Time now);
  [[nodiscard]] double penalty(Time now) const;

  std::optional<Time> ill_since_;
  std::optional<Time> heard_;
  unsigned against_ = 0;  // rounds in a row that contradict what it is taken for
  bool held_back_ = false;
  double penalty_ = 0;
  Time penalty_at_{};
};

/// Of one site's front-ends. `ill_rank`: 0 is well, and of two that are ill the one with the lower rank is so for
/// longer.
struct Patient {
  std::uint32_t ill_rank = 0;
  std::uint32_t pop = 0;
};

/// Which of a site's front-ends are out of its answers: a POP whose front-ends are all ill, one at most, as places fail
/// whole; and those that are ill for longest, as long as no more than a quarter of the site's, or one, are out. What
/// judges more than that ill is more likely itself the fault. Where nobody is well everybody answers.
void take_out(std::span<const Patient> site, std::vector<bool>& out);

}  // namespace ringway::dns::steering

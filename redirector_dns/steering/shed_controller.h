#pragma once
// What share of its clients a POP sends on to the next one: the steering's only loop.
//
// A share and never "the least loaded", because answers live for a TTL: what looks empty now is asked by everybody
// until the first of them are counted. Clients follow a change evenly over a TTL, so what they feel is the share's mean
// over the last one, and how full the POP will be when all have followed is known now (one in ten keeps what it has):
//
//   ahead(use) = use · (1 - 0.9 · share) / (1 - 0.9 · felt)
//
// Above 95 %, twice in a row and ahead as well, the share becomes at once what brings the POP to 85 %. Looking ahead is
// what lets it: what is already on its way is not answered again, and a crowd that still grows is answered each second.
// Between 90 and 95 % the share grows gently, between 80 and 90 % it rests, below 80 % it goes back by 1 % a second.
//
//   serving --drained--> draining --undone--> serving      the share goes to 1 by 5 % a second, and back from 0.9
//      \------lost------> lost -----back-----> serving     others take a lost POP's clients at once (health);
//                                                          when it is back, it begins with a tenth of them

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"

namespace ringway::dns::steering {

enum class Standing : std::uint8_t { serving, draining, lost };  // the best first

/// Of a POP, or of one front-end among those of its POP.
struct Filling {
  double use = 0;  // of its capacity, the worst of its dimensions; 1: full
  Standing standing = Standing::serving;
};

class ShedController {
 public:
  /// `ttl`: how long clients keep an answer, from 1 s on. `share`, `usual` and `before` go on from another
  /// controller's.
  explicit ShedController(Duration ttl, double share = 0, double usual = 0, Standing before = Standing::serving);

  /// Clients keep answers for another time from now on; what they feel of shares before is not forgotten.
  void reckon_with(Duration ttl);

  /// Once a second. After a pause only limits::kMaxShedGap of it count.
  void step(const Filling& filling, Time now);

  /// Of all its clients, 0 to 1.
  [[nodiscard]] double share() const { return share_; }
  /// Its mean over about limits::kUsualShedTime: the best guess when the load is not known.
  [[nodiscard]] double usual() const { return usual_; }

 private:
  void remember(const Filling& filling, double seconds);
  void serve(const Filling& filling, double seconds);
  [[nodiscard]] double still_to_come() const;
  [[nodiscard]] double felt() const;

  double ttl_s_;
  double share_;
  double usual_;
  double use_ = 0;  // smoothed over limits::kUseMemory
  Filling before_;
  std::optional<Time> last_;
  std::vector<double> recent_;  // the share in each second of the last TTL, a ring
  std::size_t oldest_ = 0;
};

/// What to multiply each use with before its controller sees it: 1, or less where all that serve are together fuller
/// than limits::kShedTarget. Then nobody has room, sending clients on helps only who is fuller than the mean, and the
/// mean takes the target's place. `capacities` are theirs, in the same order and any one unit.
double crowding(std::span<const Filling> fillings, std::span<const double> capacities);

}  // namespace ringway::dns::steering

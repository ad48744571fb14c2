#pragma once
// Draws atlases: each time from the whole plan, with the last one for what clients are used to.

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "redirector_dns/steering/atlas.h"
#include "redirector_dns/steering/plan.h"
#include "redirector_dns/steering/preference.h"

namespace ringway::dns::steering {

using ProfilesByNetwork = std::unordered_map<Network, std::uint32_t>;

class AtlasMaker {
 public:
  AtlasMaker() = default;
  /// Goes on from an atlas of before, such as the last good one.
  explicit AtlasMaker(SharedAtlas last) : last_{std::move(last), {}} {}

  /// Every few seconds. 10,000 networks, 100 front-ends and 20 classes take about a second. The last atlas
  /// itself where nothing has changed; an error where the plan does not fit together, and then the last one holds.
  Result<SharedAtlas> draw(const Plan& plan, Time now);
  /// The atlas that was drawn last is not used: the next one goes on from the one before it.
  void take_back() { last_ = before_; }

 private:
  struct Drawn {
    SharedAtlas atlas;
    ProfilesByNetwork profiles;  // its cells alone do not tell networks that begin alike
  };
  Drawn last_;
  Drawn before_;
  Challenges challenges_;
};

}  // namespace ringway::dns::steering

#pragma once
// Draws atlases of facts, and writes them as redirectors are told them and as they are kept. On a thread of its own
// (atlas_thread.h): with 10,000 networks it takes about a second of one core.

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_queue.h"
#include "manager/steering/steering_facts.h"
#include "manager/steering/steering_plan.h"
#include "redirector_dns/steering/atlas_maker.h"

namespace ringway::manager {

/// An atlas as a text.
struct AtlasText {
  std::string text;
  std::string sum;
  ByteQueue messages;  // for agents, as they stand on the connection
};

struct Drawn {
  std::uint64_t epoch = 0;
  dns::steering::SharedAtlas atlas;  // null: nothing could be drawn, and the last one holds
  std::string fault;
  std::shared_ptr<const AtlasText> text;
  std::shared_ptr<const SteeringPlan> plan;
  std::string kept;  // record (kept_steering.h), where one was wanted
};

[[nodiscard]] std::shared_ptr<const AtlasText> write_atlas(const dns::steering::Atlas& atlas);

class AtlasDrawer {
 public:
  /// `wall` is the time at `facts.now`.
  [[nodiscard]] Drawn draw(const SteeringFacts& facts, WallTime wall);

 private:
  std::uint64_t epoch_ = 0;
  dns::steering::AtlasMaker maker_;
  dns::steering::SharedAtlas last_;
  std::shared_ptr<const AtlasText> text_;  // of the last
};

}  // namespace ringway::manager

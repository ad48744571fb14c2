#include "manager/steering/atlas_drawer.h"

#include <utility>

#include "manager/steering/kept_steering.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::manager {

std::shared_ptr<const AtlasText> write_atlas(const dns::steering::Atlas& atlas) {
  auto written = std::make_shared<AtlasText>();
  written->text = dns::steering::atlas_text(atlas);
  written->sum = dns::steering::sum_of(written->text);
  for (const agent::Message& message : agent::table_messages(agent::TableText::atlas, written->text)) {
    agent::write_message(written->messages, message);
  }
  return written;
}

Drawn AtlasDrawer::draw(const SteeringFacts& facts, WallTime wall) {
  if (facts.epoch != epoch_) {
    epoch_ = facts.epoch;
    maker_ = dns::steering::AtlasMaker(facts.last);
    last_.reset();
  } else if (facts.held_back) {
    maker_.take_back();
  }
  Drawn drawn;
  drawn.epoch = facts.epoch;
  auto plan = std::make_shared<SteeringPlan>(steering_plan(facts));
  auto atlas = maker_.draw(plan->plan, facts.now);
  if (!atlas) {
    drawn.fault = atlas.error().message;
    return drawn;
  }
  if (*atlas != last_) text_ = write_atlas(**atlas);
  last_ = *atlas;
  drawn.atlas = *atlas;
  drawn.text = text_;
  drawn.plan = std::move(plan);
  if (facts.keep) drawn.kept = kept_atlas_json(text_->text, facts.clients, facts.now, wall);
  return drawn;
}

}  // namespace ringway::manager

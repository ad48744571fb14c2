#include "redirector_dns/steering/table_feed.h"

#include <utility>

#include "redirector_dns/limits.h"
#include "redirector_dns/steering/table_text.h"

namespace ringway::dns::steering {

void TableFeed::resume(SteeringTable last, Duration age, Time now) {
  told_ = last.shared_atlas();
  told_sum_ = sum_of(atlas_text(*told_));
  in_use_ = std::make_shared<const SteeringTable>(std::move(last));
  aged_.reset();
  levels_at_ = now - age;
}

Status TableFeed::take_atlas(std::string_view text) {
  const std::string_view sum = sum_of(text);
  if (told_ != nullptr && sum == told_sum_) return {};
  Result<SharedAtlas> atlas = parse_atlas(text);
  if (!atlas) return atlas.error();
  told_ = std::move(*atlas);
  told_sum_ = sum;
  const Status succeeds = in_use_ == nullptr ? Status() : check_succession(in_use_->atlas(), *told_);
  doubt_ = succeeds ? "" : succeeds.error().message;
  if (succeeds) insisted_ = 0;
  return {};
}

Status TableFeed::take_levels(std::string_view text, Time now) {
  if (told_ == nullptr) return client_error("steering levels: no atlas has come before them");
  Result<SteeringTable> table = parse_levels(text, told_, told_sum_);
  if (!table) return table.error();
  if (!doubt_.empty() && ++insisted_ < limits::kInsistence) {
    table = SteeringTable(table->number(), in_use_->shared_atlas(), carried_over(*in_use_, *table));
  } else {
    doubt_.clear();
    insisted_ = 0;
  }
  in_use_ = std::make_shared<const SteeringTable>(std::move(*table));
  aged_.reset();
  levels_at_ = now;
  return {};
}

Duration TableFeed::age(Time now) const { return in_use_ == nullptr ? Duration::zero() : now - levels_at_; }

SharedTable TableFeed::table(Time now) {
  if (in_use_ == nullptr || age(now) <= limits::kLevelsLate) return in_use_;
  const auto freshness =
      age(now) > limits::kLoadHolds ? SteeringTable::Freshness::stale : SteeringTable::Freshness::fresh;
  Levels levels = aged(in_use_->levels(), age(now));
  const SharedTable& last = aged_ == nullptr ? in_use_ : aged_;
  if (last->levels() == levels && last->freshness() == freshness) return last;
  aged_ =
      std::make_shared<const SteeringTable>(in_use_->number(), in_use_->shared_atlas(), std::move(levels), freshness);
  return aged_;
}

}  // namespace ringway::dns::steering

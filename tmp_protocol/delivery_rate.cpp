#include "tmp_protocol/delivery_rate.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

DeliveryMark DeliveryRate::on_sent(Time now, bool nothing_in_flight) {
  if (nothing_in_flight) {
    first_sent_ = now;
    delivered_at_ = now;
  }
  return {delivered_, delivered_at_, first_sent_, app_limited_until_ != 0};
}

void DeliveryRate::on_acked(const DeliveryMark& mark, Time sent, std::size_t octets, Time now) {
  delivered_ += octets;
  delivered_at_ = now;
  const bool newer = !batch_open_ || mark.delivered > newest_mark_.delivered ||
                     (mark.delivered == newest_mark_.delivered && sent > newest_sent_);
  if (!newer) return;
  newest_mark_ = mark;
  newest_sent_ = sent;
  batch_open_ = true;
}

void DeliveryRate::finish(Duration least_rtt, Time now) {
  if (app_limited_until_ != 0 && delivered_ > app_limited_until_) app_limited_until_ = 0;
  if (!batch_open_) return;
  batch_open_ = false;
  if (newest_mark_.delivered >= round_ends_) {
    ++round_;
    round_ends_ = delivered_;
    last_round_ = this_round_;
    this_round_ = 0;
  }
  const Duration interval = std::max(newest_sent_ - newest_mark_.first_sent, now - newest_mark_.delivered_at);
  first_sent_ = newest_sent_;
  // Acknowledgements that came in a lump would show more than the path can do.
  if (interval < least_rtt || interval <= Duration::zero()) return;
  const auto octets = static_cast<double>(delivered_ - newest_mark_.delivered);
  take_sample(octets / to_seconds(interval), newest_mark_.app_limited);
}

void DeliveryRate::take_sample(double rate, bool app_limited) {
  latest_ = rate;
  latest_full_ = !app_limited;
  if (!app_limited) this_round_ = std::max(this_round_, rate);
  if (app_limited && rate <= best()) return;  // such rounds do not age what is known either
  if (round_ != counted_round_) {
    counted_round_ = round_;
    ++window_rounds_;
  }
  if (window_rounds_ > limits::kRateWindowRounds) {
    best_previous_ = best_current_;
    best_current_ = 0;
    window_rounds_ = 1;
  }
  best_current_ = std::max(best_current_, rate);
}

void DeliveryRate::on_app_limited(std::size_t octets_in_flight) {
  app_limited_until_ = std::max<std::uint64_t>(delivered_ + octets_in_flight, 1);
}

double DeliveryRate::best() const { return std::max(best_previous_, best_current_); }

}  // namespace ringway::tmp

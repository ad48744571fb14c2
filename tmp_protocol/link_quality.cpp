#include "tmp_protocol/link_quality.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

constexpr Duration kGrain = 5ms;  // decays in steps of at least this
constexpr double kShortSeconds = 1;
constexpr double kLongSeconds = 30;

std::uint32_t to_ppm(double share) { return static_cast<std::uint32_t>(std::lround(share * 1e6)); }

}  // namespace

void LossMeter::Average::decay(double factor) {
  arrived *= factor;
  lost *= factor;
}

double LossMeter::Average::share() const {
  // A single loss among very few packets is no rate.
  const double all = std::max(arrived + lost, 16.0);
  return std::clamp(lost / all, 0.0, 1.0);
}

void LossMeter::decay(Time now) {
  const Duration passed = now - last_;
  if (passed < kGrain) return;
  last_ = now;
  const double seconds = to_seconds(passed);
  short_.decay(std::exp(-seconds / kShortSeconds));
  const double factor = std::exp(-seconds / kLongSeconds);
  long_.decay(factor);
  burst_packets_ *= factor;
  bursts_ *= factor;
}

void LossMeter::on_acked(std::size_t packets, Time now) {
  decay(now);
  short_.arrived += static_cast<double>(packets);
  long_.arrived += static_cast<double>(packets);
}

void LossMeter::on_lost(std::uint64_t number, Time now) {
  decay(now);
  ++lost_;
  short_.lost += 1;
  long_.lost += 1;
  burst_packets_ += 1;
  if (number != last_lost_ + 1) bursts_ += 1;
  last_lost_ = number;
}

void LossMeter::on_late(Time now) {
  decay(now);
  if (lost_ > 0) --lost_;
  for (Average* average : {&short_, &long_}) {
    average->lost = std::max(average->lost - 1, 0.0);
    average->arrived += 1;
  }
  burst_packets_ = std::max(burst_packets_ - 1, 0.0);
  bursts_ = std::min(bursts_, burst_packets_);
}

double LossMeter::mean_burst() const { return bursts_ < 0.5 ? 1.0 : std::max(burst_packets_ / bursts_, 1.0); }

void LossMeter::describe(DirectionQuality& out) const {
  out.packets_sent = sent_;
  out.packets_lost = lost_;
  out.loss_1s_ppm = to_ppm(loss_1s());
  out.loss_30s_ppm = to_ppm(loss_30s());
  out.mean_burst_centi = static_cast<std::uint32_t>(std::lround(mean_burst() * 100));
}

}  // namespace ringway::tmp

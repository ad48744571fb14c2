#include "tmp_protocol/hystart.h"

#include <algorithm>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

/// N_RTT_SAMPLE is 8 there; thinned acknowledgements may come to a few less in a round trip.
constexpr std::uint32_t kRoundSamples = 6;
constexpr std::uint32_t kConservativeRounds = 5;  // CSS_ROUNDS

}  // namespace

void HyStart::restart(std::uint64_t next_number) {
  *this = HyStart{};
  round_ends_ = next_number;
}

void HyStart::on_ack(std::uint64_t largest, std::uint64_t next_number, Duration rtt) {
  if (phase_ == Phase::done) return;
  this_round_ = std::min(this_round_, rtt);
  ++samples_;
  judge();
  if (largest >= round_ends_) end_round(next_number);
}

void HyStart::judge() {
  if (samples_ < kRoundSamples || last_round_ == kUnknown) return;
  if (phase_ == Phase::conservative) {
    if (this_round_ < baseline_) phase_ = Phase::doubling;
    return;
  }
  const Duration rise = std::clamp<Duration>(last_round_ / 8, 4ms, 16ms);
  if (this_round_ < last_round_ + rise) return;
  phase_ = Phase::conservative;
  baseline_ = this_round_;
  conservative_rounds_ = 0;
}

void HyStart::end_round(std::uint64_t next_number) {
  if (phase_ == Phase::conservative && ++conservative_rounds_ >= kConservativeRounds) phase_ = Phase::done;
  // A round of few samples says too little to compare with.
  last_round_ = samples_ >= kRoundSamples ? this_round_ : kUnknown;
  this_round_ = kUnknown;
  samples_ = 0;
  round_ends_ = next_number;
}

}  // namespace ringway::tmp

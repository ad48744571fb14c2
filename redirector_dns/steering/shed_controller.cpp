#include "redirector_dns/steering/shed_controller.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "redirector_dns/limits.h"

namespace ringway::dns::steering {

namespace {

/// Of the clients of a POP; the others keep an answer many times as long as they are told.
constexpr double kFollowing = 0.9;

double part_of(double seconds, Duration memory) { return 1 - std::exp(-seconds / to_seconds(memory)); }

double whole_seconds(Duration ttl) { return std::max(1.0, std::round(to_seconds(ttl))); }

}  // namespace

ShedController::ShedController(Duration ttl, double share, double usual, Standing before)
    : ttl_s_(whole_seconds(ttl)),
      share_(share),
      usual_(usual),
      before_{0, before},
      recent_(static_cast<std::size_t>(ttl_s_), share) {}

void ShedController::reckon_with(Duration ttl) {
  if (whole_seconds(ttl) == ttl_s_) return;
  ttl_s_ = whole_seconds(ttl);
  const auto count = static_cast<std::size_t>(ttl_s_);
  std::rotate(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(oldest_), recent_.end());
  oldest_ = 0;
  const std::size_t known = std::min(count, recent_.size());
  std::vector<double> recent(count - known, recent_.front());
  recent.insert(recent.end(), recent_.end() - static_cast<std::ptrdiff_t>(known), recent_.end());
  recent_ = std::move(recent);
}

void ShedController::step(const Filling& filling, Time now) {
  const Duration gap = last_ ? std::clamp<Duration>(now - *last_, Duration{0}, limits::kMaxShedGap) : Duration{0};
  const double seconds = to_seconds(gap);
  remember(filling, seconds);
  if (filling.standing == Standing::draining) share_ = std::min(1.0, share_ + limits::kDrainPerSecond * seconds);
  if (filling.standing == Standing::serving) serve(filling, seconds);
  before_ = filling;
  last_ = now;
}

void ShedController::remember(const Filling& filling, double seconds) {
  use_ = last_ ? use_ + part_of(seconds, limits::kUseMemory) * (filling.use - use_) : filling.use;
  usual_ += part_of(seconds, limits::kUsualShedTime) * (share_ - usual_);
  for (long i = std::lround(seconds); i > 0; --i) {
    recent_[oldest_] = share_;
    oldest_ = (oldest_ + 1) % recent_.size();
  }
}

void ShedController::serve(const Filling& filling, double seconds) {
  if (before_.standing == Standing::draining) share_ = std::min(share_, limits::kSlowStartShed);
  if (before_.standing == Standing::lost) share_ = std::max(share_, limits::kSlowStartShed);
  const double ahead = still_to_come();
  const double sure = std::min(filling.use, before_.use);  // one reading is no crowd
  const double gain = limits::kShedGain / ttl_s_;
  if (sure > limits::kShedJumpUse && sure * ahead > limits::kShedJumpUse) {
    const double target = (1 - limits::kShedTarget * (1 - kFollowing * felt()) / sure) / kFollowing;
    share_ = std::min(limits::kMaxLoadShed, std::max(share_, target));
  } else if (use_ < limits::kShedReturnUse && use_ * ahead < limits::kShedReturnUse) {
    share_ -= std::min(limits::kShedReturnPerSecond, gain * (limits::kShedTarget - use_)) * seconds;
    share_ = std::max(0.0, share_);
  } else if (use_ > limits::kShedRiseUse && use_ * ahead > limits::kShedRiseUse && share_ < limits::kMaxLoadShed) {
    share_ += std::min(limits::kShedRisePerSecond, gain * (use_ * ahead - limits::kShedTarget)) * seconds;
    share_ = std::min(limits::kMaxLoadShed, share_);
  }
}

/// How many times what it is now its use will be when all who follow have followed.
double ShedController::still_to_come() const { return (1 - kFollowing * share_) / (1 - kFollowing * felt()); }

double ShedController::felt() const {
  return std::reduce(recent_.begin(), recent_.end()) / static_cast<double>(recent_.size());
}

double crowding(std::span<const Filling> fillings, std::span<const double> capacities) {
  assert(fillings.size() == capacities.size());
  double load = 0;
  double capacity = 0;
  for (std::size_t i = 0; i < fillings.size(); ++i) {
    if (fillings[i].standing != Standing::serving) continue;
    load += fillings[i].use * capacities[i];
    capacity += capacities[i];
  }
  return load > limits::kShedTarget * capacity ? limits::kShedTarget * capacity / load : 1;
}

}  // namespace ringway::dns::steering

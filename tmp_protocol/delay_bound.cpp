#include "tmp_protocol/delay_bound.h"

#include <algorithm>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLeastTarget = 500us;
constexpr double kMostGrowth = 0.25;  // of the window in a round
constexpr std::uint32_t kSuspiciousRounds = 2;
constexpr std::uint32_t kDrainRounds = 3;
/// Of the queue before, what may remain where the link was the one that built it.
constexpr double kRemains = 0.3;
constexpr Duration kLeastHold = 5s;
constexpr Duration kMostHold = 60s;
constexpr double kJump = 1.3;              // of the rate: others may have left
constexpr std::uint32_t kJumpRounds = 10;  // of an average to compare with
constexpr double kTestShare = 0.75;        // of the window
/// Of the drop of the queue that a link alone would see, what makes it look alone.
constexpr double kLooksAlone = 0.7;
/// Of what slow start had reached, what a loss leaves to a CUBIC flow.
constexpr double kKeeps = 0.7;
constexpr std::uint64_t kYoungRounds = 30;
/// Where jitter hides the queue, the rate is asked so often.
constexpr std::uint64_t kProbeRounds = 12;
/// The same where start-up may have ended too early.
constexpr std::uint64_t kYoungProbeRounds = 4;

constexpr std::uint32_t kRateRounds = 8;
constexpr std::uint64_t kOvershootRounds = 3;

double share_of_rtt(Duration time, const PathView& view) { return to_seconds(time) / to_seconds(view.base_rtt); }

/// Packets in flight that keep the path busy at `rate` without a queue; what is lost is in flight as well.
double flight(double rate, const PathView& view) {
  return rate * to_seconds(view.base_rtt) / (1 - std::min(view.loss, 0.1));
}

}  // namespace

Duration DelayBound::target(Duration unrest) { return std::max(unrest, kLeastTarget); }

void DelayBound::begin(double window, double overshot, std::uint64_t round, Time now) {
  const Duration hold = hold_;
  *this = DelayBound{};
  hold_ = hold;
  round_ = round;
  window_ = window;
  overshot_ = overshot;
  young_until_ = round + kYoungRounds;
  overshot_until_ = round + kOvershootRounds;
  entered_ = now;
}

void DelayBound::enter(State state, Time now) {
  state_ = state;
  entered_ = now;
  rounds_in_state_ = 0;
}

void DelayBound::note_rate(double rate) {
  if (++rate_rounds_ > kRateRounds) {
    rate_before_ = rate_now_;
    rate_now_ = 0;
    rate_rounds_ = 1;
  }
  rate_now_ = std::max(rate_now_, rate);
}

void DelayBound::forget_rates(double rate) {
  rate_before_ = 0;
  rate_now_ = rate;
  rate_rounds_ = 1;
}

double DelayBound::best_rate() const { return std::max(rate_before_, rate_now_); }

void DelayBound::on_ack(const PathView& view) {
  if (view.round == round_ || view.base_rtt <= Duration::zero()) return;
  round_ = view.round;
  if (view.rate > 0) step(view);
}

void DelayBound::step(const PathView& view) {
  ++rounds_in_state_;
  switch (state_) {
    case State::alone: return step_alone(view);
    case State::suspicious: return step_suspicious(view);
    case State::draining: return step_draining(view);
    case State::shared: return step_shared(view);
    case State::testing: return step_testing(view);
  }
}

void DelayBound::step_alone(const PathView& view) {
  const Duration most = target(view.unrest);
  const double unit = share_of_rtt(most, view);
  judge_growth(view.rate > best_rate() * (1 + std::min(unit * speed_, kMostGrowth) / 2), unit);
  note_rate(view.rate);
  const double model = flight(best_rate(), view);
  if (2 * view.queue > 3 * most) {
    if (view.queue > 2 * most) suspect(view, model);
    speed_ = 1;
    window_ = model;
    return;
  }
  const bool young = round_ < young_until_ && 2 * view.queue < most;
  if ((young || view.spread > view.base_rtt / 32) && round_ >= next_probe_) {
    next_probe_ = round_ + (young ? kYoungProbeRounds : kProbeRounds);
    speed_ = kMostGrowth / unit;
  }
  if (speed_ > 1) overshot_until_ = round_ + kOvershootRounds;
  // Without a queue the window never shrinks and creeps on: what acknowledgements wait and jitter add to a
  // flight, the model does not know.
  const double crept = std::min(window_ * (2 * view.queue < most ? 1 + unit / 8 : 1.0), model * (1 + 2 * unit));
  window_ = std::max(model * (1 + std::min(unit * speed_, kMostGrowth)), crept);
}

/// The rate answers a larger window after one or two rounds where the path has room.
void DelayBound::judge_growth(bool follows, double unit) {
  stalled_ = follows ? 0 : stalled_ + 1;
  if (follows) {
    speed_ = std::max(std::min(speed_ * 2, kMostGrowth / unit), 1.0);
  } else if (stalled_ >= 2) {
    speed_ = 1;
  }
}

void DelayBound::suspect(const PathView& view, double model) {
  before_ = std::max(window_, model);
  depth_ = view.queue;
  enter(State::suspicious, view.now);
}

void DelayBound::step_suspicious(const PathView& view) {
  note_rate(view.rate);
  window_ = flight(best_rate(), view);
  depth_ = std::max(depth_, view.queue);
  if (view.queue <= 2 * target(view.unrest)) {
    enter(State::alone, view.now);
  } else if (rounds_in_state_ >= kSuspiciousRounds) {
    resumes_ = false;
    drain(view);
  }
}

void DelayBound::drain(const PathView& view) {
  enter(State::draining, view.now);
  window_ = flight(view.rate, view);
}

void DelayBound::step_draining(const PathView& view) {
  if (rounds_in_state_ < kDrainRounds) return;
  const auto remains = std::chrono::duration_cast<Duration>(depth_ * kRemains);
  if (view.queue > std::max(target(view.unrest), remains)) return share(view.now);
  enter(State::alone, view.now);
  speed_ = 1;
  forget_rates(view.rate);
}

void DelayBound::share(Time now) {
  // Alone for long: what was found before holds no more.
  if (!resumes_ && now - entered_ > kMostHold) hold_ = {};
  if (!resumes_ && round_ < young_until_) before_ = std::max(before_, kKeeps * overshot_);
  enter(State::shared, now);
  shared_rate_ = 0;
  hold_ = std::clamp(2 * hold_, kLeastHold, kMostHold);
  test_at_ = now + hold_;
}

void DelayBound::step_shared(const PathView& view) {
  const bool jumps = rounds_in_state_ > kJumpRounds && view.rate > kJump * shared_rate_;
  shared_rate_ = shared_rate_ == 0 ? view.rate : shared_rate_ * 7 / 8 + view.rate / 8;
  if (!jumps && view.now < test_at_) return;
  before_ = view.window;
  depth_ = view.queue;
  resumes_ = true;
  window_ = before_ * kTestShare;
  enter(State::testing, view.now);
}

/// Alone, a window that gives way by a quarter shortens the RTT by a quarter.
void DelayBound::step_testing(const PathView& view) {
  if (rounds_in_state_ < kDrainRounds) return;
  const auto expected = std::chrono::duration_cast<Duration>((view.base_rtt + depth_) * (1 - kTestShare));
  const Duration gone = depth_ - view.queue;
  const bool alone = gone > std::min(expected, depth_) * kLooksAlone || view.queue <= target(view.unrest);
  if (!alone) return share(view.now);
  drain(view);
}

bool DelayBound::on_congestion_loss(Time now) {
  const bool tested = state_ == State::testing || (state_ == State::draining && resumes_);
  if (state_ == State::shared || tested) return true;
  if (round_ <= overshot_until_) {
    speed_ = 1;  // it may have been the link alone
    return false;
  }
  if (state_ == State::alone) {
    before_ = window_;
    resumes_ = false;
  }
  share(now);
  return true;
}

}  // namespace ringway::tmp

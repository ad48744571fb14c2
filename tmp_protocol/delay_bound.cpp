#include "tmp_protocol/delay_bound.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLeastTarget = 500us;
constexpr double kMostGrowth = 0.25;  // of the window in a round
constexpr std::uint32_t kRateRounds = 8;
constexpr std::uint64_t kOvershootRounds = 3;
constexpr std::uint32_t kSuspiciousRounds = 2;
constexpr std::uint32_t kDrainRounds = 3;
/// Of the queue before, what may remain where the link was the one that built it.
constexpr double kRemains = 0.3;
/// A rate that fell to this share of what it was, beside a queue that stayed to this share.
constexpr double kGaveWay = 0.75;
constexpr double kStays = 0.75;

/// Where jitter hides the queue, the rate is asked so often.
constexpr std::uint64_t kProbeRounds = 12;
/// The same where start-up may have ended too early, for so long.
constexpr std::uint64_t kYoungProbeRounds = 4;
constexpr std::uint64_t kYoungRounds = 30;
constexpr std::uint64_t kProbeShows = 3;       // rounds
constexpr std::uint32_t kTakenFromOthers = 2;  // probes in a row that took something from others
/// In a round trip, as long as they lose nothing.
constexpr double kOthersGrow = 1.05;
constexpr double kMostUnnoticed = 2;

constexpr Duration kLeastHold = 10s;
constexpr Duration kMostHold = 60s;
constexpr double kJump = 1.3;              // of the rate: others may have left
constexpr std::uint32_t kJumpRounds = 10;  // of an average to compare with
constexpr double kSteady = 0.01;           // of the rate: within it for so many rounds it may be the path's
constexpr std::uint32_t kSteadyRounds = 12;
constexpr int kSteadyHold = 3;  // hold / kSteadyHold, before that counts

constexpr int kMostCut = 2;  // RTT without a queue / kMostCut, of the queue by a test
constexpr std::uint32_t kRestRounds = 6;
constexpr std::uint32_t kTestRounds = 12;
/// Of the drop of the queue that a link alone would see, what makes it look alone.
constexpr double kLooksAlone = 0.85;
constexpr int kRefilled = 16;  // a share of it that others who grow put back within the test
/// After a test that found nobody: until the flows that it cut short may still go on where they were.
constexpr std::uint64_t kTrialRounds = 64;
/// Of the rate before that test: below it the others have been there all the time.
constexpr double kLosesToOthers = 0.92;

double share_of_rtt(Duration time, const PathView& view) { return to_seconds(time) / to_seconds(view.base_rtt); }

/// Packets in flight that keep the path busy at `rate` without a queue; what is lost is in flight as well.
double flight(double rate, const PathView& view) {
  return rate * to_seconds(view.base_rtt) / (1 - std::min(view.loss, 0.1));
}

}  // namespace

Duration DelayBound::target(Duration unrest) { return std::max(unrest, kLeastTarget); }

void DelayBound::begin(double window, double cubics_window, std::uint64_t round, Time now) {
  const Duration hold = hold_;
  *this = DelayBound{};
  hold_ = hold;
  round_ = round;
  window_ = window;
  cubics_window_ = cubics_window;
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
  const bool quiet = round_ > overshot_until_ && view.queue < target(view.unrest);
  const bool news = view.limited || (quiet && view.rate > best_rate());
  if (view.rate > 0 && news) step(view);
}

void DelayBound::step(const PathView& view) {
  ++rounds_in_state_;
  std::rotate(lately_.begin(), lately_.begin() + 1, lately_.end());
  lately_.back() = view.rate;
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
  if (took_from_others(view)) return find_others(view.now);
  note_rate(view.rate);
  if (round_ < trial_until_ && best_rate() < kLosesToOthers * tested_rate_) return find_others(view.now);
  const double model = flight(best_rate(), view);
  if (2 * view.queue > 3 * most) {
    if (view.queue > 2 * most) suspect(view, model);
    speed_ = 1;
    window_ = model;
    return;
  }
  probe(view, unit);
  if (speed_ > 1) overshot_until_ = round_ + kOvershootRounds;
  // Without a queue the window never shrinks and creeps on: what acknowledgements wait and jitter add to a
  // flight, the model does not know.
  const double crept = std::min(window_ * (2 * view.queue < most ? 1 + unit / 8 : 1.0), model * (1 + 2 * unit));
  window_ = std::max(model * (1 + std::min(unit * speed_, kMostGrowth)), crept);
}

/// A larger window that brings a higher rate and a longer queue at once took both from others: alone, a path that
/// has a queue gives no more.
bool DelayBound::took_from_others(const PathView& view) {
  if (probed_ == 0) return false;
  if (view.queue > probe_queue_ && view.rate > probe_rate_ * (1 + kMostGrowth / 4)) {
    ++taken_;
    probed_ = 0;
  } else if (round_ >= probed_ + kProbeShows) {
    taken_ = 0;
    probed_ = 0;
  }
  return taken_ >= kTakenFromOthers;
}

void DelayBound::probe(const PathView& view, double unit) {
  const bool early = young() && view.queue < target(view.unrest);
  const bool jitter = view.spread > view.base_rtt / 32;
  if (!(early || jitter) || round_ < next_probe_) return;
  next_probe_ = round_ + (early ? kYoungProbeRounds : kProbeRounds);
  speed_ = kMostGrowth / unit;
  probe_rate_ = *std::max_element(lately_.begin(), lately_.end());
  const bool stands = 2 * view.queue > target(view.unrest);
  probe_queue_ = stands ? view.queue : Duration::max();
  probed_ = jitter ? 0 : round_;
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
  if (gave_way_in_vain(view)) {
    resumes_ = round_ < trial_until_;
    return share(view.now);
  }
  if (view.queue <= 2 * target(view.unrest)) {
    enter(State::alone, view.now);
  } else if (rounds_in_state_ >= kSuspiciousRounds) {
    resumes_ = round_ < trial_until_;
    drain(view);
  }
}

/// Alone, the queue goes before the rate does, unless the path has become slower: not so soon after start-up.
bool DelayBound::gave_way_in_vain(const PathView& view) const {
  return young() && view.rate < kGaveWay * best_rate() && view.queue > depth_ * kStays;
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
  // Known by their queue, and not only by what growth did.
  as_young_ = !resumes_ && young() && state_ != State::alone;
  if (as_young_) before_ = std::max(before_ * grown_unnoticed(), cubics_window_);
  enter(State::shared, now);
  shared_rate_ = 0;
  shared_queue_ = depth_;
  steady_rounds_ = 0;
  hold_ = std::clamp(2 * hold_, kLeastHold, kMostHold);
  test_at_ = now + hold_;
}

/// What others may have grown by, who were there since start-up.
double DelayBound::grown_unnoticed() const {
  const auto rounds = static_cast<double>(round_ + kYoungRounds - young_until_);
  return std::min(std::pow(kOthersGrow, rounds), kMostUnnoticed);
}

/// Beside others a rate moves as they come and go; alone it is the path's.
bool DelayBound::steady(const PathView& view) {
  const bool strays = view.rate > steady_most_ || view.rate < steady_most_ * (1 - kSteady);
  steady_rounds_ = strays ? 0 : steady_rounds_ + 1;
  if (strays) steady_most_ = view.rate * (1 + kSteady / 2);
  return steady_rounds_ >= kSteadyRounds && view.now - entered_ > hold_ / kSteadyHold;
}

/// Without draining first.
void DelayBound::find_others(Time now) {
  before_ = window_;
  resumes_ = round_ < trial_until_;
  share(now);
}

void DelayBound::step_shared(const PathView& view) {
  const bool jumps = rounds_in_state_ > kJumpRounds && view.rate > kJump * shared_rate_ && view.queue < shared_queue_;
  shared_rate_ = shared_rate_ == 0 ? view.rate : shared_rate_ * 7 / 8 + view.rate / 8;
  shared_queue_ += (view.queue - shared_queue_) / 8;
  // While nobody has lost anything rates stand still as well, and who stops to test falls behind.
  const bool moved = !view.lossless && (jumps || steady(view));
  if (!moved && view.now < test_at_) return;
  before_ = view.window;
  tested_rate_ = shared_rate_;
  // As deep as this window makes it, of which the last samples do not tell yet.
  depth_ = std::max(view.queue, from_seconds(before_ * (1 - std::min(view.loss, 0.1)) / view.rate) - view.base_rtt);
  resumes_ = true;
  // Half of the queue at most: where none is left, nobody who grows shows.
  const Duration cut = std::min<Duration>(depth_ / 2, view.base_rtt / kMostCut);
  cut_ = to_seconds(cut) / to_seconds(view.base_rtt + depth_);
  window_ = before_ * (1 - cut_);
  enter(State::testing, view.now);
}

/// Alone, a window that gives way by a share shortens the RTT by as much, and it stays so.
void DelayBound::step_testing(const PathView& view) {
  if (rounds_in_state_ < kDrainRounds) return;
  // What was lost of the window before is in flight now.
  const double shrinks = 1 - (1 - cut_) / (1 - std::min(view.loss, cut_));
  const auto expected = from_seconds(to_seconds(view.base_rtt + depth_) * shrinks);
  const Duration grain = target(view.unrest);
  if (rounds_in_state_ == kDrainRounds) {
    rest_ = recent_ = view.queue;
    if (depth_ - view.queue < expected * kLooksAlone - grain / 2) share(view.now);
    return;
  }
  recent_ += (view.queue - recent_) / 3;
  if (rounds_in_state_ <= kRestRounds) rest_ = recent_;
  if (recent_ > rest_ + std::max(expected / kRefilled, grain / 2)) return share(view.now);
  if (rounds_in_state_ < kTestRounds) return;
  trial_until_ = round_ + kTrialRounds;
  drain(view);
}

bool DelayBound::on_congestion_loss(Time now) {
  const bool tested = state_ == State::testing || (state_ == State::draining && resumes_);
  if (state_ == State::shared || tested) return true;
  if (state_ != State::alone) return false;  // gives way already, and will see
  if (round_ <= overshot_until_) {
    speed_ = 1;  // it may have been the link alone
    return false;
  }
  find_others(now);
  return true;
}

}  // namespace ringway::tmp

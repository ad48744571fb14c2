#include "bbr_sender.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ringway::tmp::simulation {

using namespace std::chrono_literals;

namespace {

constexpr double kHighGain = 2.89;
constexpr double kWindowGain = 2;
constexpr std::array<double, 8> kCycle = {1.25, 0.75, 1, 1, 1, 1, 1, 1};
constexpr std::uint64_t kRateRounds = 10;
constexpr Duration kRttWindow = 10s;
constexpr Duration kProbeRtt = 200ms;
constexpr double kLeastWindow = 4;

}  // namespace

double BbrSender::bandwidth() const { return rates_.empty() ? 0 : rates_.front().second; }

double BbrSender::bdp(double gain) const { return gain * bandwidth() * to_seconds(least_rtt_); }

double BbrSender::pacing_gain() const {
  switch (state_) {
    case State::startup: return kHighGain;
    case State::drain: return 1 / kHighGain;
    case State::probe_bandwidth: return kCycle[phase_];
    case State::probe_rtt: return 1;
  }
  return 1;
}

void BbrSender::pump() {
  while (static_cast<double>(flight_.size()) < std::floor(window_)) {
    const Time now = time_.now();
    if (now < next_send_) return wake_at(next_send_);
    if (flight_.empty()) {
      first_sent_ = delivered_at_ = last_progress_ = now;
      check_timeout();
    }
    const std::uint64_t number = next_++;
    const Sent sent{now, delivered_, delivered_at_, first_sent_};
    flight_[number] = sent;
    path_.send(kPacketOctets, [this, number, sent] { receiver_.arrive(number, sent); });
    if (bandwidth() > 0) next_send_ = now + from_seconds(1 / (pacing_gain() * bandwidth()));
  }
}

void BbrSender::wake_at(Time when) {
  if (when >= wake_time_ && wake_time_ > time_.now()) return;
  wake_time_ = when;
  time_.at(when, [this] {
    wake_time_ = kNever;
    pump();
  });
}

void BbrSender::on_ack(const Arrived& packet) {
  last_progress_ = time_.now();
  flight_.erase(packet.number);
  delivered_ += 1;
  delivered_at_ = time_.now();
  take_rate(packet.sent);
  first_sent_ = packet.sent.at;
  if (recovering_ && packet.number >= recovery_end_) {
    recovering_ = false;
    window_ = std::max(window_, window_before_);
  }
  detect_losses(packet.number);
  step();
  take_rtt(time_.now() - packet.sent.at);
  step_probe_rtt();
  set_window();
}

void BbrSender::take_rate(const Sent& sent) {
  round_begins_ = sent.delivered >= round_ends_;
  if (round_begins_) {
    round_ends_ = delivered_;
    ++round_;
  }
  const Duration interval = std::max(time_.now() - sent.delivered_at, sent.at - sent.first_sent);
  if (interval <= Duration::zero()) return;
  const double rate = (delivered_ - sent.delivered) / to_seconds(interval);
  while (!rates_.empty() && rates_.back().second <= rate) rates_.pop_back();
  rates_.emplace_back(round_, rate);
  while (rates_.front().first + kRateRounds <= round_) rates_.pop_front();
}

/// An RTT that nothing was below for 10 s asks for PROBE_RTT.
void BbrSender::take_rtt(Duration rtt) {
  const bool expired = least_at_ != Time{} && time_.now() - least_at_ > kRttWindow;
  if (rtt <= least_rtt_ || expired) {
    least_rtt_ = rtt;
    least_at_ = time_.now();
  }
  if (!expired || state_ == State::probe_rtt) return;
  state_ = State::probe_rtt;
  window_before_ = std::max(window_, recovering_ ? window_before_ : 0);
  probe_rtt_ends_ = kNever;
}

void BbrSender::detect_losses(std::uint64_t acked) {
  while (!flight_.empty() && flight_.begin()->first + 3 <= acked) {
    const std::uint64_t lost = flight_.begin()->first;
    flight_.erase(flight_.begin());
    on_loss(lost);
  }
}

/// Packet conservation in the first round of a recovery.
void BbrSender::on_loss(std::uint64_t number) {
  lost_in_phase_ = true;
  if (recovering_ || number < recovery_end_) return;
  recovering_ = true;
  recovery_end_ = next_;
  if (state_ != State::probe_rtt) window_before_ = window_;
  window_ = std::max(static_cast<double>(flight_.size()) + 1, kLeastWindow);
}

void BbrSender::step() {
  if (round_begins_) check_full();
  if (state_ == State::startup && filled_) state_ = State::drain;
  if (state_ == State::drain && static_cast<double>(flight_.size()) <= bdp(1)) {
    state_ = State::probe_bandwidth;
    phase_ = 2 + path_.random().below(6);
    phase_began_ = time_.now();
  }
  if (state_ == State::probe_bandwidth) step_cycle();
}

void BbrSender::check_full() {
  if (filled_) return;
  if (bandwidth() >= full_rate_ * 1.25) {
    full_rate_ = bandwidth();
    full_rounds_ = 0;
  } else if (++full_rounds_ >= 3) {
    filled_ = true;
  }
}

void BbrSender::step_cycle() {
  const bool whole = time_.now() - phase_began_ > least_rtt_;
  const auto in_flight = static_cast<double>(flight_.size());
  const double gain = kCycle[phase_];
  const bool probed = gain <= 1 || lost_in_phase_ || in_flight >= bdp(gain);
  const bool drained = gain < 1 && in_flight <= bdp(1);
  if (!(drained || (whole && probed))) return;
  phase_ = (phase_ + 1) % kCycle.size();
  phase_began_ = time_.now();
  lost_in_phase_ = false;
}

void BbrSender::step_probe_rtt() {
  if (state_ != State::probe_rtt) return;
  if (probe_rtt_ends_ == kNever && static_cast<double>(flight_.size()) <= kLeastWindow) {
    probe_rtt_ends_ = time_.now() + std::max(kProbeRtt, least_rtt_);
  }
  if (time_.now() < probe_rtt_ends_) return;
  least_at_ = time_.now();
  window_ = std::max(window_, window_before_);
  state_ = filled_ ? State::probe_bandwidth : State::startup;
  phase_ = 2;
  phase_began_ = time_.now();
}

void BbrSender::set_window() {
  if (state_ == State::probe_rtt) {
    window_ = std::min(window_, kLeastWindow);
    return;
  }
  const double target = bdp(filled_ ? kWindowGain : kHighGain) + 3;
  if (filled_) {
    window_ = std::min(window_ + 1, target);
  } else if (window_ < target || delivered_ < 10) {
    window_ += 1;
  }
  window_ = std::max(window_, kLeastWindow);
}

void BbrSender::check_timeout() {
  const Duration wait = std::max<Duration>(200ms, 2 * (least_rtt_ < 10s ? least_rtt_ : 1s));
  time_.at(last_progress_ + wait, [this, wait] {
    if (flight_.empty()) return;
    if (time_.now() - last_progress_ < wait) return check_timeout();
    flight_.clear();
    window_before_ = std::max(window_, window_before_);
    recovering_ = true;
    recovery_end_ = next_;
    window_ = kLeastWindow;
    pump();
  });
}

}  // namespace ringway::tmp::simulation

#include "cubic_sender.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp::simulation {

using namespace std::chrono_literals;

namespace {

constexpr double kC = 0.4;
constexpr double kBeta = 0.7;
constexpr double kRenoGrowth = 3 * (1 - kBeta) / (1 + kBeta);
constexpr double kLeastSearched = 16;  // packets: no HyStart below
constexpr double kTrainGap = 0.002;
constexpr int kRoundSamples = 8;
constexpr double kMostBeforeLoss = 20;  // acknowledgements for one more, until the first loss
constexpr double kLeastForOneMore = 2;

}  // namespace

void CubicSender::pump() {
  if (stopped_) return;
  while (static_cast<double>(flight_.size()) < window_) {
    const std::uint64_t number = next_++;
    const Time sent = time_.now();
    flight_[number] = sent;
    sent_ += 1;
    if (flight_.size() == 1) {
      last_progress_ = sent;
      check_timeout();
    }
    path_.send(kPacketOctets, [this, number, sent] { receiver_.arrive(number, sent); });
  }
}

void CubicSender::on_ack(const std::vector<Arrived>& arrived) {
  double acked = 0;
  last_progress_ = time_.now();
  for (const Arrived& packet : arrived) acked += static_cast<double>(flight_.erase(packet.number));
  const Arrived& newest = arrived.back();
  take_rtt(newest.number, to_seconds(time_.now() - newest.sent));
  take_losses(newest.number);
  if (recovering_ && newest.number >= recovery_end_) {
    recovering_ = false;
    window_ = threshold_;
  }
  recovering_ ? recover(acked) : grow(acked);
}

void CubicSender::take_rtt(std::uint64_t number, double rtt) {
  smoothed_ = smoothed_ == 0 ? rtt : smoothed_ * 7 / 8 + rtt / 8;
  const double now = to_seconds(time_.now().time_since_epoch());
  if (epoch_ >= 0 && now - epoch_ < 1) return;
  least_ = std::min(least_, rtt);
  if (searching_ && window_ < threshold_) search(number, rtt);
}

/// Leaves slow start where acknowledgements come in a row for half of an RTT, or a round's RTT shows a queue.
void CubicSender::search(std::uint64_t number, double rtt) {
  const double now = to_seconds(time_.now().time_since_epoch());
  if (number >= round_ends_) {
    round_ends_ = next_;
    round_began_ = train_ = now;
    round_least_ = 1e9;
    round_samples_ = 0;
  }
  if (window_ < kLeastSearched) return;
  if (now - train_ <= kTrainGap) {
    train_ = now;
    searching_ = now - round_began_ <= least_ / 2;
  }
  round_least_ = std::min(round_least_, rtt);
  if (++round_samples_ > kRoundSamples && round_least_ > least_ + std::clamp(least_ / 8, 0.004, 0.016)) {
    searching_ = false;
  }
  if (!searching_) threshold_ = window_;
}

void CubicSender::take_losses(std::uint64_t acked) {
  while (!flight_.empty() && flight_.begin()->first + 3 <= acked) {
    const std::uint64_t lost = flight_.begin()->first;
    flight_.erase(flight_.begin());
    if (!recovering_ && lost >= recovery_end_) enter_recovery();
  }
}

void CubicSender::grow(double acked) {
  if (window_ < threshold_) {
    window_ = std::min(window_ + acked, threshold_);
    return;
  }
  reno_counted_ += acked;
  const double needed = packets_for_one_more();
  counted_ += acked;
  if (counted_ < needed) return;
  window_ += std::floor(counted_ / needed);
  counted_ = std::fmod(counted_, needed);
}

double CubicSender::packets_for_one_more() {
  const double now = to_seconds(time_.now().time_since_epoch());
  if (epoch_ < 0) begin_epoch(now);
  const double target = kC * std::pow(now - epoch_ + least_ - k_, 3) + origin_;
  double needed = target > window_ ? window_ / (target - window_) : 100 * window_;
  if (w_max_ == 0) needed = std::min(needed, kMostBeforeLoss);
  for (const double each = window_ / kRenoGrowth; reno_counted_ > each; reno_counted_ -= each) reno_ += 1;
  if (reno_ > window_) needed = std::min(needed, window_ / (reno_ - window_));
  return std::max(std::floor(needed), kLeastForOneMore);
}

void CubicSender::begin_epoch(double now) {
  epoch_ = now;
  reno_ = window_;
  reno_counted_ = 0;
  k_ = w_max_ > window_ ? std::cbrt((w_max_ - window_) / kC) : 0;
  origin_ = std::max(w_max_, window_);
}

void CubicSender::enter_recovery() {
  recovering_ = true;
  recovery_end_ = next_;
  before_ = window_;
  w_max_ = window_ < w_max_ ? window_ * (1 + kBeta) / 2 : window_;
  threshold_ = std::max(2.0, std::floor(window_ * kBeta));
  epoch_ = -1;
  delivered_ = sent_ = 0;
}

/// What may leave in proportion to what arrives.
void CubicSender::recover(double delivered) {
  delivered_ += delivered;
  const auto in_flight = static_cast<double>(flight_.size());
  const double more = in_flight > threshold_
                          ? std::ceil(delivered_ * threshold_ / before_) - sent_
                          : std::min(std::max(delivered_ - sent_, delivered) + 1, threshold_ - in_flight);
  window_ = in_flight + std::max(more, 0.0);
}

void CubicSender::check_timeout() {
  const Duration wait = from_seconds(std::max(0.2, 2 * smoothed_));
  time_.at(last_progress_ + wait, [this, wait] {
    if (flight_.empty()) return;
    if (time_.now() - last_progress_ < wait) return check_timeout();
    flight_.clear();
    if (!recovering_) enter_recovery();
    recovering_ = false;
    recovery_end_ = next_;
    w_max_ = 0;
    window_ = 1;
    pump();
  });
}

}  // namespace ringway::tmp::simulation

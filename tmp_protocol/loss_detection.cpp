#include "tmp_protocol/loss_detection.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kPacketThreshold = 3;      // RFC 9002 §6.1.1
constexpr Duration kGranularity = 1ms;             // RFC 9002 §6.1.2
constexpr std::uint32_t kMaxWindowEighths = 8;     // one RTT
constexpr std::uint32_t kRememberRecoveries = 16;  // RFC 8985 §6.2: RACK.reo_wnd_persist
constexpr std::uint32_t kTailProbes = 2;
constexpr int kPersistentThreshold = 3;  // RFC 9002 §7.6.1
constexpr int kKeepLostProbeTimeouts = 4;

}  // namespace

void LossDetection::on_sent(Time now) { last_sent_ = now; }

void LossDetection::clear() {
  acked_.clear();
  late_.clear();
  lost_.clear();
  rtt_sampled_ = false;
  new_ce_ = 0;
  silent_ptos_ = pto_count_;
}

Status LossDetection::on_ack(const AckInfo& ack, Time now) {
  clear();
  if (ack.count == 0) return {};
  if (ack.largest() >= sent_.next_number()) return link_error("peer acknowledges a packet that was not sent yet");
  for (const PacketRange& range : ack.list()) {
    if (range.first <= sent_.skipped() && sent_.skipped() <= range.last) {
      return link_error("peer acknowledges a packet number that was never used");
    }
  }
  collect_news(ack);
  if (ack.ecn.ce > ce_) new_ce_ = ack.ecn.ce - ce_;
  ce_ += new_ce_;
  if (!acked_.empty()) on_progress(ack, now);
  if (!late_.empty()) note_reordering();
  if (previous_.count == 0 || ack.largest() >= previous_.largest()) {
    previous_.count = ack.count;
    std::copy_n(ack.ranges.begin(), ack.count, previous_.ranges.begin());
  }
  detect(now);
  return {};
}

void LossDetection::collect_news(const AckInfo& ack) {
  std::size_t at = 0;
  for (const PacketRange& range : ack.list()) {
    if (range.last < sent_.begin()) break;
    collect_gaps({std::max(range.first, sent_.begin()), range.last}, at);
  }
}

/// What of `range` the previous acknowledgement did not name. `at`: its first range that may overlap.
void LossDetection::collect_gaps(PacketRange range, std::size_t& at) {
  while (at < previous_.count && previous_.ranges[at].first > range.last) ++at;
  while (at < previous_.count && previous_.ranges[at].last >= range.first) {
    const PacketRange& known = previous_.ranges[at];
    if (known.last < range.last) collect({known.last + 1, range.last});
    if (known.first <= range.first) return;  // it may overlap the next range as well
    range.last = known.first - 1;
    ++at;
  }
  collect(range);
}

void LossDetection::collect(PacketRange range) {
  for (std::uint64_t number = range.last + 1; number-- > range.first;) {
    const PacketState state = sent_.record(number).state;
    if (state == PacketState::outstanding) {
      acked_.push_back(number);
    } else if (state == PacketState::lost) {
      late_.push_back(number);
    } else {
      continue;
    }
    sent_.mark_acked(number);
  }
}

void LossDetection::on_progress(const AckInfo& ack, Time now) {
  pto_count_ = 0;
  tail_probes_sent_ = 0;
  largest_acked_ = acked_any_ ? std::max(largest_acked_, acked_.front()) : acked_.front();
  acked_any_ = true;
  // Only the newest packet's delay is what the peer reports (RFC 9002 §5.1). Where nothing is known yet, an RTT that
  // may be too long says more than none: a link that measured nothing would look slow, and be left alone for it.
  const bool newest = acked_.front() == ack.largest();
  if (!newest && rtt_.measured()) return;
  rtt_.on_sample(now - sent_.record(acked_.front()).sent, newest ? ack.delay : Duration::zero(), now);
  rtt_sampled_ = true;
}

void LossDetection::note_reordering() {
  recoveries_left_ = kRememberRecoveries;
  if (late_.front() < reordering_end_) return;
  reordering_end_ = sent_.next_number();
  window_eighths_ = std::min(window_eighths_ * 2, kMaxWindowEighths);
}

Duration LossDetection::reordering_window() const {
  return std::max(rtt_.smoothed(), rtt_.latest()) * window_eighths_ / 8;
}

void LossDetection::detect(Time now) {
  loss_time_ = kNever;
  if (!acked_any_) return;
  const Duration delay = std::max(std::max(rtt_.smoothed(), rtt_.latest()) + reordering_window(), kGranularity);
  const bool by_count = recoveries_left_ == 0;
  std::uint64_t number = sent_.oldest_outstanding();
  while (number < largest_acked_) {  // kNone is above
    const std::uint64_t next = sent_.after(number);
    const Time lost_at = sent_.record(number).sent + delay;
    if (lost_at > now && !(by_count && largest_acked_ >= number + kPacketThreshold)) {
      loss_time_ = lost_at;
      break;
    }
    sent_.mark_lost(number, now);
    lost_.push_back(number);
    number = next;
  }
  if (!lost_.empty()) note_recovery();
}

void LossDetection::note_recovery() {
  if (lost_.back() < recovery_end_) return;
  recovery_end_ = sent_.next_number();
  if (recoveries_left_ == 0) return;
  if (--recoveries_left_ == 0) window_eighths_ = 1;
}

bool LossDetection::persistent_congestion() const {
  if (lost_.size() < 2 || silent_ptos_ < 2) return false;
  const Duration span = sent_.record(lost_.back()).sent - sent_.record(lost_.front()).sent;
  return span > kPersistentThreshold * probe_timeout() && unbroken(lost_.front(), lost_.back());
}

/// Whether nothing sent between two lost packets ever arrived.
bool LossDetection::unbroken(std::uint64_t from, std::uint64_t to) const {
  for (std::uint64_t number = from; number != to; ++number) {
    if (sent_.record(number).state == PacketState::acked) return false;
  }
  return true;
}

TimerAction LossDetection::on_timer(Time now) {
  clear();
  if (now < timeout()) return TimerAction::none;
  if (loss_time_ <= now) {
    detect(now);
    return TimerAction::losses;
  }
  last_sent_ = now;
  if (tail_probe_next()) {
    ++tail_probes_sent_;
    return TimerAction::tail_probe;
  }
  ++pto_count_;
  return TimerAction::probes;
}

Time LossDetection::timeout() const {
  if (loss_time_ != kNever) return loss_time_;
  if (sent_.packets_in_flight() == 0) return kNever;
  return last_sent_ + probe_delay();
}

bool LossDetection::tail_probe_next() const {
  return tail_probes_ && pto_count_ == 0 && tail_probes_sent_ < kTailProbes;
}

/// A quarter and then a half of the PTO: within a round trip, so the peer's delay does not matter.
Duration LossDetection::probe_delay() const {
  if (tail_probe_next()) return rtt_.probe_timeout() / (tail_probes_sent_ == 0 ? 4 : 2);
  const Duration base = probe_timeout();
  const Duration most = std::max<Duration>(base, limits::kMaxProbeInterval);
  // A path that is back must be noticed within a round trip: one packet in each, for a while, is no load.
  const auto patient = static_cast<std::uint32_t>(limits::kEagerProbes / base);
  const std::uint32_t doublings = pto_count_ > patient ? std::min(pto_count_ - patient, 10U) : 0;
  return std::min(base * (1 << doublings), most);
}

Duration LossDetection::probe_timeout() const { return rtt_.probe_timeout() + limits::kMaxAckDelay; }

void LossDetection::settle(Time now) { sent_.release(now - kKeepLostProbeTimeouts * probe_timeout()); }

}  // namespace ringway::tmp

#include "tmp_protocol/recovery.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

/// A tolerated loss: not charged to a flow, but given back where it proves spurious.
constexpr FlowCharge kNoiseCharge = 253;
static_assert(kNoiseCharge > kMaxVirtualFlows);

constexpr double kWorthTailProbes = 0.001;  // loss from which early probes pay
constexpr double kHeavyLoss = 0.02;
constexpr double kTailShare = 0.05;  // of the packets may be early probes, twice that under heavy loss
constexpr double kTailBudget = 4;
constexpr std::uint32_t kProbes = 2;
/// A path that answered none of two probe time-outs gets no more than probes.
constexpr std::uint32_t kSilentProbes = 2;
/// After this the path may serve others: the window is proven anew.
constexpr Duration kIdleRestart = 10s;
/// Beside others packets leave in pairs, as theirs do: a full queue takes the first of a train and drops the rest.
constexpr Duration kSharedTrain = 250us;
constexpr double kPair = 1.5;  // packets ahead of the rate until the second has left

Duration shared_train(std::size_t packet_octets, double rate) {
  return std::max<Duration>(kSharedTrain, from_seconds(kPair * static_cast<double>(packet_octets) / rate));
}

std::uint32_t to_us(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX));
}

}  // namespace

Recovery::Recovery(const CongestionSettings& settings, std::size_t max_packet_octets, Random& random)
    : settings_(settings),
      random_(random),
      loss_(sent_, rtt_),
      noise_(settings.tolerated_noise),
      ensemble_(settings.max_flows, 1, random),
      mtu_(max_packet_octets),
      next_skip_(64 + random.below(64)) {
  limit_window();
}

void Recovery::update(const CongestionSettings& settings) {
  // The number of flows stays as the link was made with; it changes nothing that an operator sees.
  settings_ = settings;
  noise_.set_bound(settings.tolerated_noise);
  limit_window();
}

void Recovery::limit_window() {
  const auto octets = static_cast<double>(settings_.max_window_octets);
  const double packets = octets / static_cast<double>(mtu_.packet_octets());
  ensemble_.set_max_window(std::clamp(packets, 2.0, static_cast<double>(limits::kMaxTrackedPackets) / 2));
}

SendGate Recovery::gate(Time now) const {
  if (probes_owed_ != 0) return SendGate::probe;
  if (carried()) {
    const bool room = sent_.octets_in_flight() < window_octets();
    return room && sent_.tracked() < limits::kMaxTrackedPackets ? SendGate::open : SendGate::window;
  }
  if (sent_.packets_in_flight() >= ensemble_.window()) return SendGate::window;
  if (sent_.tracked() >= limits::kMaxTrackedPackets) return SendGate::window;
  if (loss_.pto_count() >= kSilentProbes) return SendGate::window;
  return pacer_.open(now) ? SendGate::open : SendGate::paced;
}

std::size_t Recovery::mtu_probe(Time now) const {
  return !carried() && sent_.packets_in_flight() != 0 && rtt_.measured() ? mtu_.probe(now) : 0;
}

void Recovery::on_sent(std::size_t octets, PacketClass cls, Time now) {
  const bool nothing_in_flight = sent_.packets_in_flight() == 0;
  if (cls == PacketClass::data && nothing_in_flight && last_sent_ != Time{} && now - last_sent_ > kIdleRestart) {
    ensemble_.on_restart(sent_.next_number());
    refresh();
  }
  if (marks()) ecn_.on_sent(sent_.next_number());
  sent_.commit(now, octets, cls, delivery_.on_sent(now, nothing_in_flight));
  meter_.on_sent();
  if (cls == PacketClass::data) on_data_sent(octets, now);
  if (cls == PacketClass::mtu_probe) mtu_.on_probe_sent(octets);
  if (sent_.next_number() >= next_skip_) skip_number();
}

void Recovery::on_data_sent(std::size_t octets, Time now) {
  last_sent_ = now;
  pacer_.on_sent(octets, now);
  loss_.on_sent(now);
  loss_.set_tail_probes(false);
  const double share = meter_.loss_30s() > kHeavyLoss ? 2 * kTailShare : kTailShare;
  tail_budget_ = std::min(tail_budget_ + share, kTailBudget);
  if (probes_owed_ != 0) --probes_owed_;
}

/// A peer that acknowledges what it did not receive, to be sent more, will name this number too.
void Recovery::skip_number() {
  sent_.skip();
  next_skip_ = sent_.next_number() * 2 + random_.below(sent_.next_number());
}

void Recovery::on_nothing_to_send() {
  if (sent_.packets_in_flight() < ensemble_.window()) delivery_.on_app_limited(sent_.octets_in_flight());
  pacer_.on_idle();
  loss_.set_tail_probes(!carried() && tail_budget_ >= 1 && meter_.loss_30s() > kWorthTailProbes);
}

Status Recovery::on_ack(const AckInfo& ack, Time now, SentContentHandler& handler) {
  const std::size_t in_flight = sent_.packets_in_flight();
  if (Status status = loss_.on_ack(ack, now); !status) return status;
  take_acked(handler, now);
  take_late(handler, now);
  delivery_.finish(rtt_.least(), now);
  if (loss_.rtt_sampled()) queue_.on_sample(rtt_, now);
  noise_.on_acked(acked_packets_, ensemble_.window(), delivery_);
  grow(ack, in_flight, now);
  take_lost(handler, now);
  limit_crowd();
  validate_marks(ack);
  if (loss_.new_ce() != 0 && ecn_.capable() && !carried()) take_marks(ack.largest(), now);
  loss_.settle(now);
  refresh();
  return {};
}

void Recovery::set_hosted(std::uint32_t hosted) {
  crowd_.set_hosted(hosted);
  ensemble_.set_hosted(crowd_.counted(), queue_.stands());
}

/// Packets that the path delivers in one RTT without a queue, as far as it was tried.
double Recovery::path_window() const {
  return delivery_.best() * to_seconds(rtt_.least()) / static_cast<double>(mtu_.packet_octets());
}

void Recovery::limit_crowd() {
  crowd_.on_acked(acked_packets_);
  CrowdView view;
  view.round = delivery_.round();
  view.window = ensemble_.window();
  view.delivered = static_cast<std::size_t>(path_window());
  view.base_rtt = rtt_.least();
  view.queue = queue_.standing();
  view.unrest = queue_.unrest();
  crowd_.on_ack(view);
  ensemble_.set_hosted(crowd_.counted(), queue_.stands());
}

/// Only the highest number tells of counts that are complete (RFC 9000 §13.4.2.1).
void Recovery::validate_marks(const AckInfo& ack) {
  if (ack.count == 0 || ack.largest() <= validated_up_to_) return;
  validated_up_to_ = ack.largest();
  std::uint64_t newly = 0;
  for (const std::uint64_t number : loss_.acked()) newly += number >= ecn_.first_marked() ? 1 : 0;
  ecn_.on_ack(ack.ecn, newly);
}

void Recovery::take_marks(std::uint64_t number, Time now) {
  if (ensemble_.held()) {
    if (!bound_.on_congestion_loss(now)) return;
    follow_bound();
  }
  const bool starting = ensemble_.starting();
  ensemble_.on_congestion_marks(loss_.new_ce(), number, sent_.next_number());
  if (starting) begin_bound(now);
}

void Recovery::take_acked(SentContentHandler& handler, Time now) {
  acked_packets_ = 0;
  for (const std::uint64_t number : loss_.acked()) {
    const SentPacket& packet = sent_.record(number);
    delivery_.on_acked(packet.mark, packet.sent, packet.octets, now);
    if (packet.cls == PacketClass::data) {
      ++acked_packets_;
      mtu_.on_acked(packet.octets);
    } else {
      mtu_.on_probe_acked(packet.octets, now);
      limit_window();
    }
    if (packet.items != 0) handler.on_content_acked(sent_.content(packet));
  }
  if (!loss_.acked().empty()) meter_.on_acked(loss_.acked().size(), now);
}

void Recovery::take_late(SentContentHandler& handler, Time now) {
  for (const std::uint64_t number : loss_.late()) {
    const SentPacket& packet = sent_.record(number);
    delivery_.on_acked(packet.mark, packet.sent, packet.octets, now);
    meter_.on_late(now);
    crowd_.on_late();
    if (packet.cls == PacketClass::mtu_probe) {
      mtu_.on_probe_acked(packet.octets, now);
    } else if (packet.charge == kNoiseCharge) {
      noise_.give_back();
    } else {
      ensemble_.on_spurious(number, packet.charge);
    }
    if (packet.items != 0) handler.on_content_acked(sent_.content(packet));
  }
}

void Recovery::grow(const AckInfo& ack, std::size_t in_flight, Time now) {
  if (acked_packets_ == 0 || carried()) return;
  AckedBatch batch;
  batch.now = now;
  batch.packets = acked_packets_;
  batch.in_flight = in_flight;
  batch.largest = ack.largest();
  batch.next_number = sent_.next_number();
  batch.smoothed_rtt = rtt_.smoothed();
  batch.latest_rtt = rtt_.latest();
  batch.path_window = path_window();
  batch.queued = queue_.surely() > std::max<Duration>(10ms, rtt_.least() / 8);
  const bool starting = ensemble_.starting();
  ensemble_.on_ack(batch);
  if (starting) begin_bound(now);
  if (!ensemble_.starting()) bound_delay(now);
}

/// Start-up may have ended just now.
void Recovery::begin_bound(Time now) {
  if (ensemble_.starting()) return;
  bound_.begin(static_cast<double>(ensemble_.window()), ensemble_.cubics_window(), delivery_.round(), now);
}

void Recovery::bound_delay(Time now) {
  PathView view;
  view.now = now;
  view.round = delivery_.round();
  view.rate = delivery_.last_round() / static_cast<double>(mtu_.packet_octets());
  view.limited = ensemble_.used();
  view.base_rtt = rtt_.least() + queue_.spread();
  view.queue = queue_.standing();
  view.spread = queue_.spread();
  view.unrest = queue_.unrest();
  view.loss = meter_.loss_30s();
  view.window = static_cast<double>(ensemble_.window());
  view.lossless = ensemble_.lossless();
  bound_.on_ack(view);
  follow_bound();
}

/// While the link is alone the bound's window holds; where others are there, the flows go on from what was in
/// use before.
void Recovery::follow_bound() {
  if (!bound_.shared()) return ensemble_.hold(bound_.window());
  if (!ensemble_.held()) return;
  if (bound_.resumes()) return ensemble_.release();
  bound_.as_young() ? ensemble_.release_lossless(bound_.window_before()) : ensemble_.release(bound_.window_before());
}

/// Nothing came through and no queue has built up: the path was away, not full.
bool Recovery::path_was_away() const {
  return loss_.rtt_sampled() && rtt_.latest() < rtt_.least() + std::max<Duration>(10ms, rtt_.least() / 8);
}

void Recovery::begin_again() {
  if (path_was_away()) return ensemble_.on_outage(sent_.next_number());
  ensemble_.on_persistent_congestion(sent_.next_number());
}

void Recovery::take_lost(SentContentHandler& handler, Time now) {
  if (loss_.persistent_congestion() && !carried()) begin_again();
  for (const std::uint64_t number : loss_.lost()) {
    SentPacket& packet = sent_.record(number);
    on_loss(number, packet, now);
    if (packet.items != 0) handler.on_content_lost(sent_.content(packet));
  }
}

void Recovery::on_loss(std::uint64_t number, SentPacket& packet, Time now) {
  packet.charge = kNotCharged;
  if (packet.cls == PacketClass::mtu_probe) return mtu_.on_probe_lost(packet.octets, now);
  meter_.on_lost(number, now);
  if (carried()) return;  // it left before, by UDP
  crowd_.on_lost();
  mtu_.on_lost(number, packet.octets, now);
  packet.charge = charge(number, now);
}

FlowCharge Recovery::charge(std::uint64_t number, Time now) {
  const Duration own = ensemble_.held() ? DelayBound::target(queue_.unrest()) : Duration::zero();
  if (noise_.tolerates(queue_, delivery_, own)) return kNoiseCharge;
  noise_.on_cut(delivery_);
  if (ensemble_.held()) {
    if (!bound_.on_congestion_loss(now)) return kNotCharged;
    follow_bound();
  }
  const bool starting = ensemble_.starting();
  const FlowCharge charged = ensemble_.on_loss(number, sent_.next_number());
  if (starting) begin_bound(now);
  return charged;
}

void Recovery::on_timer(Time now, SentContentHandler& handler) {
  switch (loss_.on_timer(now)) {
    case TimerAction::none: return;
    case TimerAction::losses: take_lost(handler, now); break;
    case TimerAction::tail_probe:
      tail_budget_ -= 1;
      owe_probes(1, sent_.newest_outstanding(), handler);
      break;
    case TimerAction::probes:
      if (!carried()) on_silence(now);
      owe_probes(loss_.pto_count() > kSilentProbes ? 1 : kProbes, sent_.oldest_outstanding(), handler);
      break;
  }
  loss_.settle(now);
  refresh();
}

void Recovery::on_silence(Time now) {
  ensemble_.on_pto();
  mtu_.on_pto(loss_.pto_count(), now);
  ecn_.on_pto(loss_.pto_count());
}

/// The content of the outstanding packets from number `from` on goes out again in the probes.
void Recovery::owe_probes(std::uint32_t packets, std::uint64_t from, SentContentHandler& handler) {
  probes_owed_ = packets;
  for (; packets != 0 && from != SentPackets::kNone; --packets, from = sent_.after(from)) {
    const SentPacket& packet = sent_.record(from);
    if (packet.items != 0) handler.on_content_lost(sent_.content(packet));
  }
}

void Recovery::on_route_changed(Travel travel, Time now) {
  set_travel(travel);
  probes_owed_ = 0;
  rtt_ = RttEstimator{};
  queue_ = PathQueue{};
  crowd_.on_route_changed();
  ecn_.restart();
  ensemble_.on_restart(sent_.next_number());
  mtu_.restart(mtu_.max_octets(), now);
  refresh();
}

void Recovery::refresh() {
  limit_window();
  if (!rtt_.measured()) return;
  const double rate = ensemble_.pacing_rate(mtu_.packet_octets(), rtt_.smoothed());
  pacer_.set_rate(rate);
  pacer_.set_train(path_is_shared() ? shared_train(mtu_.packet_octets(), rate) : kLongTrain);
}

DirectionQuality Recovery::quality() const {
  DirectionQuality out;
  meter_.describe(out);
  out.smoothed_rtt_us = to_us(rtt_.smoothed());
  out.min_rtt_us = to_us(rtt_.least());
  out.queue_us = to_us(queue_.standing());
  out.window_packets = static_cast<std::uint32_t>(ensemble_.window());
  out.hosted = hosted();
  out.delivery_octets_per_s = static_cast<std::uint64_t>(delivery_.best());
  return out;
}

}  // namespace ringway::tmp

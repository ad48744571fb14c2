#include "bottleneck_simulation.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp::simulation {

using namespace std::chrono_literals;

void Timeline::at(Time when, std::function<void()> action) {
  events_.push({std::max(when, now_), order_++, std::move(action)});
}

void Timeline::run_until(Time end) {
  while (!events_.empty() && events_.top().when <= end) {
    Event event = events_.top();
    events_.pop();
    now_ = event.when;
    event.action();
  }
  now_ = end;
}

Bottleneck::Bottleneck(Timeline& time, const PathShape& shape, std::uint64_t seed)
    : time_(time), shape_(shape), random_(seed), octets_per_s_(shape.megabits * 1e6 / 8) {
  queue_octets_ = std::max(4.0 * kPacketOctets, shape.queue_bdp * octets_per_s_ * to_seconds(shape.rtt));
}

bool Bottleneck::noisy() {
  if (shape_.noise <= 0) return false;
  // A burst goes on with chance 1 - 1/burst and begins so often that the share comes out.
  const double goes_on = 1 - 1 / shape_.burst;
  const double begins = shape_.noise * (1 - goes_on) / (1 - shape_.noise);
  in_burst_ = random_.unit() < (in_burst_ ? goes_on : begins);
  return in_burst_;
}

Duration Bottleneck::delay() {
  Duration delay = shape_.rtt / 2;
  if (shape_.jitter > Duration::zero()) delay += from_seconds(to_seconds(shape_.jitter) * random_.unit());
  return delay;
}

Duration Bottleneck::queued() const { return std::max(free_ - time_.now(), Duration::zero()); }

void Bottleneck::send(std::size_t octets, std::function<void()> arrive) {
  const Time now = time_.now();
  if (octets > shape_.max_octets || now < dark_until_ || noisy()) return;
  const auto size = static_cast<double>(octets + 28);
  if (to_seconds(queued()) * octets_per_s_ + size > queue_octets_) {
    ++overflowed_;
    return;
  }
  free_ = std::max(free_, now) + from_seconds(size / octets_per_s_);
  most_queued_ = std::max(most_queued_, queued());
  time_.at(free_ + delay(), std::move(arrive));
}

void Bottleneck::send_back(Time& lane, std::function<void()> arrive) {
  if (time_.now() < dark_until_) return;
  if (shape_.ack_noise > 0 && random_.unit() < shape_.ack_noise) return;
  lane = std::max(lane, time_.now() + delay() + from_seconds(to_seconds(shape_.unrest) * random_.unit()));
  time_.at(lane, std::move(arrive));
}

void Arrivals::add(Time now, std::size_t octets) {
  const auto step = static_cast<std::size_t>(now.time_since_epoch() / kStep);
  if (steps_.size() <= step) steps_.resize(step + 1);
  steps_[step] += static_cast<double>(octets);
}

double Arrivals::rate(Time from, Time to) const {
  double octets = 0;
  const auto first = static_cast<std::size_t>(from.time_since_epoch() / kStep);
  const auto last = static_cast<std::size_t>(to.time_since_epoch() / kStep);
  for (std::size_t step = first; step < std::min(last, steps_.size()); ++step) octets += steps_[step];
  return octets * 8 / 1e6 / to_seconds(static_cast<std::int64_t>(last - first) * kStep);
}

LinkSender::LinkSender(Timeline& time, Bottleneck& path, const CongestionSettings& settings, std::uint32_t hosted)
    : time_(time), path_(path), recovery_(settings, kPacketOctets, path.random()) {
  recovery_.set_hosted(hosted);
}

void LinkSender::set_hosted(std::uint32_t hosted) {
  recovery_.set_hosted(hosted);
  pump();
}

void LinkSender::offer(std::size_t octets) {
  unsent_ = octets;
  pump();
}

void LinkSender::pump() {
  const Time now = time_.now();
  for (;;) {
    const SendGate gate = recovery_.gate(now);
    if (gate == SendGate::window) break;
    if (gate == SendGate::paced) {
      wake_at(recovery_.release_time());
      break;
    }
    if (again_.empty() && unsent_ == 0 && gate != SendGate::probe) {
      recovery_.on_nothing_to_send();
      break;
    }
    if (const std::size_t probe = recovery_.mtu_probe(now); probe != 0) send_probe(probe, now);
    send_one(now);
  }
  wake_at(recovery_.timeout());
}

void LinkSender::send_one(Time now) {
  std::uint64_t chunk = UINT64_MAX;
  std::size_t octets = 64;
  while (!again_.empty() && !outstanding_.contains(again_.front())) again_.pop_front();
  if (!again_.empty()) {
    chunk = again_.front();
    again_.pop_front();
    octets = std::min(outstanding_[chunk], recovery_.packet_octets());
  } else if (unsent_ != 0) {
    octets = std::min(unsent_, recovery_.packet_octets());
    if (unsent_ != SIZE_MAX) unsent_ -= octets;
    chunk = next_chunk_++;
    outstanding_[chunk] = octets;
  }
  SentItem item;
  item.offset = chunk;
  item.kind = chunk == UINT64_MAX ? SentKind::ping : SentKind::stream;
  recovery_.stage(item);
  const std::uint64_t number = recovery_.next_number();
  recovery_.on_sent(octets, PacketClass::data, now);
  transmit(number, chunk, octets);
}

void LinkSender::send_probe(std::size_t octets, Time now) {
  SentItem item;
  item.kind = SentKind::mtu_probe;
  recovery_.stage(item);
  const std::uint64_t number = recovery_.next_number();
  recovery_.on_sent(octets, PacketClass::mtu_probe, now);
  transmit(number, UINT64_MAX, octets);
}

void LinkSender::transmit(std::uint64_t number, std::uint64_t chunk, std::size_t octets) {
  ++packets_;
  path_.send(octets, [this, number, chunk, octets] { arrive(number, chunk, octets); });
}

void LinkSender::arrive(std::uint64_t number, std::uint64_t chunk, std::size_t octets) {
  const Time now = time_.now();
  if (chunk != UINT64_MAX) {
    if (arrived_.size() <= chunk) arrived_.resize(chunk + 1024);
    if (!arrived_[chunk]) arrivals_.add(now, octets);
    arrived_[chunk] = true;
  }
  tracker_.set_pace(static_cast<double>(recovery_.ensemble().window()), recovery_.rtt().smoothed());
  tracker_.on_received(number, Elicits::ack, 0, now);
  if (tracker_.due(now)) return acknowledge();
  if (tracker_.timeout() < ack_time_) {
    ack_time_ = tracker_.timeout();
    time_.at(ack_time_, [this] {
      ack_time_ = kNever;
      if (tracker_.due(time_.now())) acknowledge();
    });
  }
}

void LinkSender::acknowledge() {
  ++acks_;
  auto ack = std::make_shared<AckInfo>();
  tracker_.fill(*ack, time_.now());
  tracker_.on_sent();
  if (tracker_.wants_ping(time_.now())) {
    // The answer to the PING is taken as given: only the forward direction is simulated.
    tracker_.on_ping(time_.now());
    tracker_.on_ack_acked(ack->largest() > 2000 ? ack->largest() - 2000 : 0);
  }
  path_.send_back(lane_, [this, ack] {
    static_cast<void>(recovery_.on_ack(*ack, time_.now(), *this));
    pump();
  });
}

void LinkSender::on_content_acked(SentContent content) {
  for (const SentItem& item : content) outstanding_.erase(item.offset);
  if (unsent_ == 0 && outstanding_.empty()) done_at_ = time_.now();
}

void LinkSender::on_content_lost(SentContent content) {
  for (const SentItem& item : content) {
    if (outstanding_.contains(item.offset)) again_.push_back(item.offset);
  }
}

void LinkSender::wake_at(Time when) {
  if (when == kNever || when >= wake_time_) return;
  wake_time_ = when;
  time_.at(when, [this, when] {
    if (wake_time_ != when) return;
    wake_time_ = kNever;
    wake();
  });
}

void LinkSender::wake() {
  recovery_.on_timer(time_.now(), *this);
  pump();
}

}  // namespace ringway::tmp::simulation

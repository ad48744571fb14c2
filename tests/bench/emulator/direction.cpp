#include "tests/bench/emulator/direction.h"

#include <algorithm>
#include <map>

namespace ringway::wan {

namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;
constexpr std::size_t kIpHead = 20;
/// UDP payloads of at most so much are acknowledgements and the like.
constexpr std::size_t kSmallPayload = 64;

std::uint8_t octet(Bytes packet, std::size_t at) {
  return at < packet.size() ? static_cast<std::uint8_t>(packet[at]) : 0;
}

/// Only IPv4 is given to the path.
std::uint8_t protocol(Bytes packet) { return octet(packet, 9); }

std::size_t payload_octets(Bytes packet) {
  const std::size_t ip_head = (octet(packet, 0) & 0x0FU) * std::size_t{4};
  const std::size_t head =
      ip_head + (protocol(packet) == kTcp ? (octet(packet, ip_head + 12) >> 4U) * std::size_t{4} : 8);
  return packet.size() > head ? packet.size() - head : 0;
}

bool carries_little(Bytes packet) { return payload_octets(packet) <= (protocol(packet) == kUdp ? kSmallPayload : 0); }

}  // namespace

bool Direction::set(std::string_view name, double value) {
  static const std::map<std::string_view, double Quality::*> kSettings = {{"rate_mbit", &Quality::rate_mbit},
                                                                          {"queue_octets", &Quality::queue_octets},
                                                                          {"delay_ms", &Quality::delay_ms},
                                                                          {"jitter_ms", &Quality::jitter_ms},
                                                                          {"keep_order", &Quality::keep_order},
                                                                          {"loss_percent", &Quality::loss_percent},
                                                                          {"loss_burst", &Quality::loss_burst},
                                                                          {"mtu_octets", &Quality::mtu_octets},
                                                                          {"cut", &Quality::cut},
                                                                          {"block_udp", &Quality::block_udp}};
  const auto found = kSettings.find(name);
  if (found == kSettings.end()) return false;
  quality_.*found->second = value;
  return true;
}

Duration Direction::send_time(std::size_t octets) const {
  return quality_.rate_mbit <= 0 ? Duration::zero()
                                 : from_seconds(static_cast<double>(octets) * 8e-6 / quality_.rate_mbit);
}

bool Direction::refused(Bytes packet) {
  const bool oversize = static_cast<double>(packet.size()) > quality_.mtu_octets;
  if (oversize) ++counters_.oversize_packets;
  return oversize || quality_.cut > 0 || (quality_.block_udp > 0 && protocol(packet) == kUdp) ||
         packet.size() < kIpHead;
}

void Direction::take(Bytes packet, Time now) {
  serve(now);
  ++counters_.offered_packets;
  counters_.offered_octets += packet.size();
  if (carries_little(packet)) ++counters_.small_packets;
  if (refused(packet)) {
    ++counters_.refused_packets;
    return;
  }
  const bool fits =
      static_cast<double>(queued_octets_ + packet.size()) <= quality_.queue_octets || quality_.rate_mbit <= 0;
  if (!fits || queue_.size() + line_.size() >= kMaxPacketsHeld) {
    ++counters_.queue_drops;
    return;
  }
  if (queue_.empty()) busy_until_ = now + send_time(packet.size());
  queued_octets_ += packet.size();
  queue_.push_back({now, next_number_++, std::string(reinterpret_cast<const char*>(packet.data()), packet.size())});
  serve(now);
}

/// Moves what was sent by `now` onto the line, each at its exact time.
void Direction::serve(Time now) {
  while (!queue_.empty() && busy_until_ <= now) {
    Packet packet = std::move(queue_.front());
    queue_.pop_front();
    queued_octets_ -= packet.octets.size();
    const Duration waited = busy_until_ - send_time(packet.octets.size()) - packet.time;
    const auto bucket = static_cast<std::size_t>(std::max(0.0, to_milliseconds(waited)));
    ++counters_.waits[std::min(bucket, Counters::kWaitBuckets - 1)];
    enter_line(std::move(packet), busy_until_);
    if (!queue_.empty()) busy_until_ += send_time(queue_.front().octets.size());
  }
}

void Direction::enter_line(Packet packet, Time now) {
  if (lose(now)) {
    ++counters_.lost_packets;
    return;
  }
  packet.time = now + from_seconds((quality_.delay_ms + quality_.jitter_ms * random_.unit()) * 1e-3);
  if (quality_.jitter_ms <= 0 || quality_.keep_order > 0) packet.time = std::max(packet.time, latest_out_);
  latest_out_ = std::max(packet.time, latest_out_);
  line_.push_back(std::move(packet));
  std::push_heap(line_.begin(), line_.end());
}

/// Gilbert: inside a burst everything is lost, and it ends with chance 1/mean; their number makes up the loss.
bool Direction::lose(Time now) {
  const bool forgotten = now - last_on_line_ > kBurstMemory;
  last_on_line_ = now;
  const double loss = quality_.loss_percent / 100;
  const double burst = std::max(1.0, quality_.loss_burst);
  if (loss <= 0) return false;
  double chance = loss;
  if (burst > 1 && loss < 1 && !forgotten) chance = in_burst_ ? 1 - 1 / burst : loss / (burst * (1 - loss));
  in_burst_ = random_.unit() < chance;
  return in_burst_;
}

Bytes Direction::next_out(Time now) {
  serve(now);
  if (line_.empty() || line_.front().time > now) return {};
  std::pop_heap(line_.begin(), line_.end());
  out_ = std::move(line_.back().octets);
  line_.pop_back();
  ++counters_.delivered_packets;
  counters_.delivered_octets += out_.size();
  return as_bytes(out_);
}

/// What is still in the queue comes out later than its end by at least the delay.
Time Direction::next_due() const {
  const Time served = queue_.empty() ? kNever : busy_until_ + from_seconds(quality_.delay_ms * 1e-3);
  return line_.empty() ? served : std::min(served, line_.front().time);
}

}  // namespace ringway::wan

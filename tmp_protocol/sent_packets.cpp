#include "tmp_protocol/sent_packets.h"

#include <cassert>

namespace ringway::tmp {

void SentPackets::ItemRing::push(const SentItem& item) {
  const std::size_t size = ring_.size();
  const std::uint64_t pending = end - staged;
  // One packet's items must not wrap: at the ring's edge what is staged moves behind it.
  const bool edge = (end & (size - 1)) == 0 && pending != 0;
  if (end - begin + 1 + (edge ? pending : 0) > size) {
    grow();
    return push(item);
  }
  if (edge) {
    for (std::uint64_t i = 0; i < pending; ++i) at(end + i) = at(staged + i);
    staged = end;
    end += pending;
  }
  at(end++) = item;
}

void SentPackets::ItemRing::grow() {
  std::vector<SentItem> larger(ring_.size() * 2);
  for (std::uint64_t i = begin; i != end; ++i) larger[i & (larger.size() - 1)] = at(i);
  ring_.swap(larger);
}

SentContent SentPackets::ItemRing::view(std::uint64_t first, std::size_t count) const {
  return {ring_.data() + (first & (ring_.size() - 1)), count};
}

void SentPackets::grow() {
  std::vector<SentPacket> larger(ring_.size() * 2);
  for (std::uint64_t i = begin_; i != end_; ++i) larger[i & (larger.size() - 1)] = record(i);
  ring_.swap(larger);
}

SentPacket& SentPackets::append(Time now) {
  if (tracked() == ring_.size()) grow();
  SentPacket& packet = record(end_++);
  packet = SentPacket{};
  packet.sent = now;
  packet.first_item = static_cast<std::uint32_t>(items_.staged);
  return packet;
}

void SentPackets::skip() {
  skipped_ = end_;
  static_cast<void>(append(Time{}));
}

std::uint64_t SentPackets::commit(Time now, std::size_t octets, PacketClass cls, const DeliveryMark& mark) {
  const std::uint64_t number = end_;
  SentPacket& packet = append(now);
  packet.octets = static_cast<std::uint16_t>(octets);
  packet.cls = cls;
  if (cls == PacketClass::ack_only) {
    unstage();
    return number;
  }
  packet.mark = mark;
  packet.items = static_cast<std::uint16_t>(items_.end - items_.staged);
  items_.staged = items_.end;
  packet.state = PacketState::outstanding;
  link(number, packet);
  if (cls == PacketClass::data) {
    ++packets_in_flight_;
    octets_in_flight_ += octets;
  }
  return number;
}

SentContent SentPackets::content(const SentPacket& packet) const {
  const std::uint64_t first =
      items_.begin + static_cast<std::uint32_t>(packet.first_item - static_cast<std::uint32_t>(items_.begin));
  return items_.view(first, packet.items);
}

void SentPackets::link(std::uint64_t number, SentPacket& packet) {
  if (newest_ == kNone) {
    oldest_ = number;
  } else {
    packet.previous = static_cast<std::uint32_t>(newest_);
    record(newest_).next = static_cast<std::uint32_t>(number);
  }
  newest_ = number;
}

void SentPackets::unlink(std::uint64_t number, const SentPacket& packet) {
  const std::uint64_t before = number == oldest_ ? kNone : whole(packet.previous);
  const std::uint64_t behind = after(number);
  if (before == kNone) {
    oldest_ = behind;
  } else {
    record(before).next = packet.next;
  }
  if (behind == kNone) {
    newest_ = before;
  } else {
    record(behind).previous = packet.previous;
  }
}

std::uint64_t SentPackets::after(std::uint64_t number) const {
  return number == newest_ ? kNone : whole(record(number).next);
}

void SentPackets::leave_flight(const SentPacket& packet) {
  if (packet.cls != PacketClass::data) return;
  --packets_in_flight_;
  octets_in_flight_ -= packet.octets;
}

void SentPackets::mark_acked(std::uint64_t number) {
  SentPacket& packet = record(number);
  if (packet.state == PacketState::outstanding) {
    unlink(number, packet);
    leave_flight(packet);
  }
  packet.state = PacketState::acked;
}

void SentPackets::mark_lost(std::uint64_t number, Time now) {
  SentPacket& packet = record(number);
  assert(packet.state == PacketState::outstanding);
  unlink(number, packet);
  leave_flight(packet);
  packet.state = PacketState::lost;
  packet.settled = now;
}

void SentPackets::release(Time lost_before) {
  while (begin_ != end_) {
    const SentPacket& packet = record(begin_);
    if (packet.state == PacketState::outstanding) break;
    if (packet.state == PacketState::lost && packet.settled >= lost_before) break;
    ++begin_;
  }
  items_.begin = items_.staged;
  if (begin_ != end_) {
    const auto low = static_cast<std::uint32_t>(items_.staged);
    items_.begin -= static_cast<std::uint32_t>(low - record(begin_).first_item);
  }
}

}  // namespace ringway::tmp

#include "tmp_protocol/frame_writer.h"

#include <algorithm>
#include <cassert>

namespace ringway::tmp {

namespace {

constexpr std::uint8_t kStreamOffset = 4;
constexpr std::uint8_t kStreamLength = 2;
constexpr std::uint8_t kStreamFin = 1;

std::uint8_t octet(FrameType type) { return static_cast<std::uint8_t>(type); }

std::uint64_t microseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

std::uint64_t limited(std::uint64_t value) { return std::min(value, kMaxVarint); }

}  // namespace

bool FrameWriter::bare(FrameType type) {
  if (room() == 0) return false;
  *at_++ = octet(type);
  return true;
}

// A frame of varints and, behind them, octets as they are.
bool FrameWriter::fields(FrameType type, std::initializer_list<std::uint64_t> values, Bytes tail) {
  std::size_t octets = 1 + tail.size();
  for (const std::uint64_t value : values) octets += varint_octets(value);
  if (room() < octets) return false;
  *at_++ = octet(type);
  for (const std::uint64_t value : values) at_ = write_varint(at_, value);
  add(tail);
  return true;
}

void FrameWriter::padding(std::size_t octets) {
  octets = std::min(octets, room());
  std::fill_n(at_, octets, octet(FrameType::padding));
  at_ += octets;
}

bool FrameWriter::ack(std::uint64_t path, const AckInfo& ack) {
  assert(ack.count > 0);
  const std::span<const PacketRange> ranges = ack.list();
  const std::uint64_t delay = microseconds(ack.delay);
  const PacketRange& top = ranges[0];
  const bool ecn = ack.ecn.any();
  const std::size_t ecn_octets =
      ecn ? varint_octets(ack.ecn.ect0) + varint_octets(ack.ecn.ect1) + varint_octets(ack.ecn.ce) : 0;
  static_assert(limits::kMaxAckRanges <= 64);  // one octet counts them
  std::size_t octets = 1 + varint_octets(path) + varint_octets(top.last) + varint_octets(delay) + 1 +
                       varint_octets(top.last - top.first) + ecn_octets;
  if (room() < octets) return false;
  std::size_t count = 1;
  for (; count < ranges.size(); ++count) {
    const PacketRange& range = ranges[count];
    octets += varint_octets(ranges[count - 1].first - range.last - 2) + varint_octets(range.last - range.first);
    if (room() < octets) break;
  }
  *at_++ = static_cast<std::uint8_t>(octet(FrameType::ack) | (ecn ? 1 : 0));
  for (const std::uint64_t value : {path, top.last, delay, std::uint64_t{count - 1}, top.last - top.first}) {
    at_ = write_varint(at_, value);
  }
  for (std::size_t index = 1; index < count; ++index) {
    at_ = write_varint(at_, ranges[index - 1].first - ranges[index].last - 2);
    at_ = write_varint(at_, ranges[index].last - ranges[index].first);
  }
  if (!ecn) return true;
  for (const std::uint64_t value : {ack.ecn.ect0, ack.ecn.ect1, ack.ecn.ce}) at_ = write_varint(at_, value);
  return true;
}

bool FrameWriter::crypto(const CryptoFrame& frame) {
  return fields(FrameType::crypto, {frame.epoch, frame.offset, frame.data.size()}, frame.data);
}

bool FrameWriter::close(const CloseFrame& frame) {
  const Bytes reason = as_bytes(frame.reason.substr(0, kMaxCloseReasonOctets));
  return fields(FrameType::close, {static_cast<std::uint64_t>(frame.code), reason.size()}, reason);
}

bool FrameWriter::goaway(const GoawayFrame& frame) { return fields(FrameType::goaway, {frame.last}); }

bool FrameWriter::new_cookie(const NewCookieFrame& frame) {
  return fields(FrameType::new_cookie, {frame.cookie.size()}, frame.cookie);
}

bool FrameWriter::stream_open(StreamId id, const StreamOpening& opening) {
  assert(opening.site.size() <= limits::kMaxSiteNameOctets && opening.ring < kRings);
  // Kind and ring are single octets, and as varints too.
  return fields(FrameType::stream_open,
                {id, static_cast<std::uint64_t>(opening.kind), opening.ring, opening.connection, opening.site.size()},
                as_bytes(opening.site));
}

bool FrameWriter::reset_stream(const ResetStreamFrame& frame) {
  return fields(FrameType::reset_stream, {frame.id, frame.code, frame.final_size});
}

bool FrameWriter::stop_sending(const StopSendingFrame& frame) {
  return fields(FrameType::stop_sending, {frame.id, frame.code});
}

bool FrameWriter::priority_update(const PriorityUpdateFrame& frame) {
  assert(frame.ring < kRings);
  return fields(FrameType::priority_update, {frame.id, frame.ring});
}

bool FrameWriter::link_limit(FrameType type, std::uint64_t limit) { return fields(type, {limit}); }

bool FrameWriter::stream_limit(FrameType type, const StreamLimitFrame& frame) {
  return fields(type, {frame.id, frame.limit});
}

bool FrameWriter::path_proof(FrameType type, const PathChallengeData& data) { return fields(type, {}, data); }

bool FrameWriter::new_cid(const NewCidFrame& frame) {
  std::array<std::uint8_t, kConnectionIdOctets + sizeof(ResetToken)> tail;
  frame.id.write(tail.data());
  copy_bytes(frame.token, tail.data() + kConnectionIdOctets);
  return fields(FrameType::new_cid, {frame.path, frame.sequence}, tail);
}

bool FrameWriter::retire_cid(const RetireCidFrame& frame) {
  return fields(FrameType::retire_cid, {frame.path, frame.sequence});
}

bool FrameWriter::path_status(const PathStatusFrame& frame) {
  return fields(FrameType::path_status, {frame.path, frame.sequence, static_cast<std::uint64_t>(frame.state)});
}

bool FrameWriter::link_quality(const DirectionQuality& quality) {
  return fields(FrameType::link_quality,
                {limited(quality.packets_sent), limited(quality.packets_lost), quality.loss_1s_ppm,
                 quality.loss_30s_ppm, quality.mean_burst_centi, quality.smoothed_rtt_us, quality.min_rtt_us,
                 quality.queue_us, quality.window_packets, quality.hosted, limited(quality.delivery_octets_per_s)});
}

bool FrameWriter::ack_frequency(const AckFrequencyFrame& frame) {
  return fields(FrameType::ack_frequency, {frame.sequence, frame.packets, frame.max_delay_us});
}

bool FrameWriter::repair(const RepairFrame& frame) {
  std::array<std::uint8_t, 1 + kMaxRepairOthersOctets + 1 + 2> tail;
  std::uint8_t* at = write_varint(tail.data(), frame.others.size());
  copy_bytes(frame.others, at);
  at += frame.others.size();
  *at++ = frame.index;
  at = write_varint(at, frame.data.size());
  const std::size_t before = size();
  const bool begun = fields(FrameType::repair, {frame.path, frame.first},
                            Bytes(tail).first(static_cast<std::size_t>(at - tail.data())));
  if (!begun || room() < frame.data.size()) {
    truncate(before);
    return false;
  }
  add(frame.data);
  return true;
}

bool FrameWriter::recovered(const RecoveredFrame& frame) {
  return fields(FrameType::recovered, {frame.path, frame.packets.first, frame.packets.last - frame.packets.first});
}

bool FrameWriter::begin_stream(StreamId id, std::uint64_t offset, std::size_t least_octets) {
  if (room() < stream_overhead(id, offset) + least_octets) return false;
  stream_type_ = at_;
  *at_++ = static_cast<std::uint8_t>(octet(FrameType::stream) | kStreamLength | (offset == 0 ? 0 : kStreamOffset));
  at_ = write_varint(at_, id);
  if (offset != 0) at_ = write_varint(at_, offset);
  stream_length_ = at_;
  at_ += 2;
  return true;
}

void FrameWriter::end_stream(Fin fin) {
  const auto length = static_cast<std::size_t>(at_ - stream_length_ - 2);
  assert(length < 0x4000);  // two octets were left for it; a packet is smaller
  store_u16(stream_length_, static_cast<std::uint16_t>(0x4000 | length));
  if (fin == Fin::present) *stream_type_ |= kStreamFin;
}

bool FrameWriter::stream(const StreamFrame& frame) {
  if (!begin_stream(frame.id, frame.offset, frame.data.size())) return false;
  add(frame.data);
  end_stream(frame.fin);
  return true;
}

}  // namespace ringway::tmp

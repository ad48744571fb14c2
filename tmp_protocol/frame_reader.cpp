#include "tmp_protocol/frame_reader.h"

#include <algorithm>
#include <memory>

#include "tmp_protocol/packet.h"
#include "tmp_protocol/repair_code.h"

namespace ringway::tmp {

namespace {

constexpr std::uint64_t kStreamOffset = 4;
constexpr std::uint64_t kStreamLength = 2;
constexpr std::uint64_t kStreamFin = 1;

// Makes `member` the one that a union holds.
template <class Frame>
Frame& begin(Frame& member) {
  return *std::construct_at(&member);
}

bool narrow(FieldReader& reader, std::uint32_t& out) {
  std::uint64_t value = 0;
  if (!reader.varint(value) || value > UINT32_MAX) return false;
  out = static_cast<std::uint32_t>(value);
  return true;
}

bool ring(FieldReader& reader, std::uint8_t& out) { return reader.u8(out) && out < kRings; }

bool two(FieldReader& reader, std::uint64_t& first, std::uint64_t& second) {
  return reader.varint(first) && reader.varint(second);
}

// The next lower range of an ACK, as (gap, length) below `range`.
bool next_range(FieldReader& reader, PacketRange& range) {
  std::uint64_t gap = 0;
  std::uint64_t length = 0;
  if (!two(reader, gap, length) || range.first < 2 || gap > range.first - 2) return false;
  range.last = range.first - 2 - gap;
  if (length > range.last) return false;
  range.first = range.last - length;
  return true;
}

bool first_range(FieldReader& reader, std::uint64_t largest, PacketRange& range) {
  std::uint64_t length = 0;
  if (!reader.varint(length) || length > largest) return false;
  range = {largest - length, largest};
  return true;
}

}  // namespace

bool FrameReader::fail(const char* fault) {
  fault_ = fault;
  return false;
}

bool FrameReader::next() {
  if (rest_.empty() || fault_ != nullptr) return false;
  std::uint64_t type = 0;
  if (!rest_.varint(type)) return fail("frame type cut short");
  return read(type);
}

bool FrameReader::read(std::uint64_t type) {
  if ((type & ~7ULL) == static_cast<std::uint64_t>(FrameType::stream)) {
    type_ = FrameType::stream;
    return read_stream(type) || fail("malformed STREAM");
  }
  if ((type & ~1ULL) == static_cast<std::uint64_t>(FrameType::ack)) {
    type_ = FrameType::ack;
    return read_ack(type) || fail("malformed ACK");
  }
  if (type > static_cast<std::uint64_t>(FrameType::guarded)) return fail("unknown frame type");
  type_ = static_cast<FrameType>(type);
  switch (type_) {
    case FrameType::padding: rest_.skip_zeros(); return true;
    case FrameType::ping:
    case FrameType::guarded:
    case FrameType::immediate_ack: return true;
    case FrameType::stream_open: return read_stream_open() || fail("malformed STREAM_OPEN");
    case FrameType::reset_stream: return read_reset_stream() || fail("malformed RESET_STREAM");
    case FrameType::stop_sending: return read_stop_sending() || fail("malformed STOP_SENDING");
    case FrameType::priority_update: return read_priority_update() || fail("malformed PRIORITY_UPDATE");
    case FrameType::max_stream_data:
    case FrameType::stream_data_blocked: return read_stream_limit() || fail("malformed stream limit");
    case FrameType::max_data:
    case FrameType::max_streams:
    case FrameType::data_blocked:
    case FrameType::streams_blocked:
      return rest_.varint(begin(content_.link_limit).limit) || fail("malformed link limit");
    default: return read_link_frame();
  }
}

bool FrameReader::read_link_frame() {
  switch (type_) {
    case FrameType::crypto: return read_crypto() || fail("malformed CRYPTO");
    case FrameType::close: return read_close() || fail("malformed CLOSE");
    case FrameType::goaway: return rest_.varint(begin(content_.goaway).last) || fail("malformed GOAWAY");
    case FrameType::new_cookie: return read_new_cookie() || fail("malformed NEW_COOKIE");
    case FrameType::path_challenge:
    case FrameType::path_response: return read_path_proof() || fail("malformed path proof");
    case FrameType::new_cid: return read_new_cid() || fail("malformed NEW_CID");
    case FrameType::retire_cid: return read_retire_cid() || fail("malformed RETIRE_CID");
    case FrameType::path_status: return read_path_status() || fail("malformed PATH_STATUS");
    case FrameType::link_quality: return read_link_quality() || fail("malformed LINK_QUALITY");
    case FrameType::ack_frequency: return read_ack_frequency() || fail("malformed ACK_FREQUENCY");
    case FrameType::repair: return read_repair() || fail("malformed REPAIR");
    case FrameType::recovered: return read_recovered() || fail("malformed RECOVERED");
    default: return fail("unknown frame type");
  }
}

bool FrameReader::read_ack(std::uint64_t type) {
  AckHeader& ack = begin(content_.ack);
  PacketRange range;
  if (!two(rest_, ack.path, ack.largest) || !two(rest_, ack_delay_us_, ack_ranges_)) return false;
  ack_fields_ = rest_.rest();
  if (!first_range(rest_, ack.largest, range)) return false;
  for (std::uint64_t count = 0; count < ack_ranges_; ++count) {
    if (!next_range(rest_, range)) return false;
  }
  ack_ecn_ = EcnCounts();
  if ((type & 1) == 0) return true;
  return two(rest_, ack_ecn_.ect0, ack_ecn_.ect1) && rest_.varint(ack_ecn_.ce);
}

void FrameReader::ack_info(AckInfo& out) const {
  assert(type_ == FrameType::ack);
  constexpr std::uint64_t kLongestDelayUs = 60'000'000;  // beyond any use; keeps nanoseconds in their type
  out.delay = std::chrono::microseconds(std::min(ack_delay_us_, kLongestDelayUs));
  out.ecn = ack_ecn_;
  FieldReader fields(ack_fields_);
  PacketRange range;
  first_range(fields, content_.ack.largest, range);
  out.ranges[0] = range;
  out.count = 1;
  while (out.count <= ack_ranges_ && out.count < out.ranges.size()) {
    next_range(fields, range);
    out.ranges[out.count++] = range;
  }
}

bool FrameReader::read_crypto() {
  CryptoFrame& frame = begin(content_.crypto);
  return two(rest_, frame.epoch, frame.offset) && rest_.prefixed(frame.data) &&
         frame.data.size() <= kMaxVarint - frame.offset;
}

bool FrameReader::read_close() {
  begin(content_.close);
  std::uint32_t code = 0;
  Bytes reason;
  if (!narrow(rest_, code) || !rest_.prefixed(reason) || reason.size() > kMaxCloseReasonOctets) return false;
  content_.close.code = static_cast<CloseCode>(code);
  content_.close.reason = as_text(reason);
  return true;
}

bool FrameReader::read_new_cookie() {
  Bytes& cookie = begin(content_.new_cookie).cookie;
  return rest_.prefixed(cookie) && !cookie.empty() && cookie.size() <= kMaxCookieOctets;
}

bool FrameReader::read_stream(std::uint64_t type) {
  StreamFrame& frame = begin(content_.stream);
  if (!rest_.varint(frame.id)) return false;
  if ((type & kStreamOffset) != 0 && !rest_.varint(frame.offset)) return false;
  const bool whole =
      (type & kStreamLength) != 0 ? rest_.prefixed(frame.data) : rest_.bytes(rest_.remaining(), frame.data);
  frame.fin = (type & kStreamFin) != 0 ? Fin::present : Fin::absent;
  return whole && frame.data.size() <= kMaxVarint - frame.offset;
}

bool FrameReader::read_stream_open() {
  StreamOpenFrame& frame = begin(content_.stream_open);
  std::uint8_t kind = 0;
  Bytes site;
  if (!rest_.varint(frame.id) || !rest_.u8(kind) || kind > static_cast<std::uint8_t>(StreamKind::tcp)) return false;
  if (!ring(rest_, frame.ring) || !narrow(rest_, frame.connection) || !rest_.prefixed(site)) return false;
  frame.kind = static_cast<StreamKind>(kind);
  frame.site = as_text(site);
  return site.size() <= limits::kMaxSiteNameOctets;
}

bool FrameReader::read_reset_stream() {
  ResetStreamFrame& frame = begin(content_.reset_stream);
  return rest_.varint(frame.id) && narrow(rest_, frame.code) && rest_.varint(frame.final_size);
}

bool FrameReader::read_stop_sending() {
  begin(content_.stop_sending);
  return rest_.varint(content_.stop_sending.id) && narrow(rest_, content_.stop_sending.code);
}

bool FrameReader::read_priority_update() {
  begin(content_.priority_update);
  return rest_.varint(content_.priority_update.id) && ring(rest_, content_.priority_update.ring);
}

bool FrameReader::read_stream_limit() {
  begin(content_.stream_limit);
  return two(rest_, content_.stream_limit.id, content_.stream_limit.limit);
}

bool FrameReader::read_path_proof() {
  PathChallengeData& data = begin(content_.path_proof).data;
  Bytes octets;
  if (!rest_.bytes(data.size(), octets)) return false;
  copy_bytes(octets, data.data());
  return true;
}

bool FrameReader::read_new_cid() {
  NewCidFrame& frame = begin(content_.new_cid);
  Bytes id;
  Bytes token;
  if (!two(rest_, frame.path, frame.sequence)) return false;
  if (!rest_.bytes(kConnectionIdOctets, id) || !rest_.bytes(frame.token.size(), token)) return false;
  frame.id = ConnectionId::read(id.data());
  copy_bytes(token, frame.token.data());
  return true;
}

bool FrameReader::read_retire_cid() {
  begin(content_.retire_cid);
  return two(rest_, content_.retire_cid.path, content_.retire_cid.sequence);
}

bool FrameReader::read_path_status() {
  PathStatusFrame& frame = begin(content_.path_status);
  std::uint8_t state = 0;
  if (!two(rest_, frame.path, frame.sequence) || !rest_.u8(state)) return false;
  frame.state = static_cast<PathState>(state);
  return state <= static_cast<std::uint8_t>(PathState::closed);
}

bool FrameReader::read_link_quality() {
  DirectionQuality& quality = begin(content_.link_quality);
  if (!two(rest_, quality.packets_sent, quality.packets_lost)) return false;
  for (std::uint32_t* const value :
       {&quality.loss_1s_ppm, &quality.loss_30s_ppm, &quality.mean_burst_centi, &quality.smoothed_rtt_us,
        &quality.min_rtt_us, &quality.queue_us, &quality.window_packets, &quality.hosted}) {
    if (!narrow(rest_, *value)) return false;
  }
  return rest_.varint(quality.delivery_octets_per_s);
}

bool FrameReader::read_ack_frequency() {
  AckFrequencyFrame& frame = begin(content_.ack_frequency);
  return two(rest_, frame.sequence, frame.packets) && rest_.varint(frame.max_delay_us);
}

bool FrameReader::read_repair() {
  RepairFrame& frame = begin(content_.repair);
  if (!two(rest_, frame.path, frame.first) || !rest_.prefixed(frame.others)) return false;
  if (!rest_.u8(frame.index) || !rest_.prefixed(frame.data)) return false;
  return frame.others.size() <= kMaxRepairOthersOctets && frame.index < kRepairRows &&
         frame.first <= kMaxVarint - 8 * kMaxRepairOthersOctets;
}

bool FrameReader::read_recovered() {
  RecoveredFrame& frame = begin(content_.recovered);
  std::uint64_t more = 0;
  if (!two(rest_, frame.path, frame.packets.first) || !rest_.varint(more)) return false;
  if (more > kMaxVarint - frame.packets.first) return false;
  frame.packets.last = frame.packets.first + more;
  return true;
}

}  // namespace ringway::tmp

// The frames of a StreamSet: the peer's, ours, and what became of ours.
#include <algorithm>
#include <cassert>

#include "tmp_protocol/stream_handle.h"
#include "tmp_protocol/stream_set.h"

namespace ringway::tmp {

namespace {

/// A segment that had room for fewer octets waits for the next packet, unless its stream has no more.
constexpr std::size_t kLeastOctets = 24;

}  // namespace

// ---- The peer's frames

/// A frame about a fresh id of the peer makes its stream, in whatever order the frames come (RFC 9000 §3.2). Null, and
/// `fault` says whether that is wrong, where there is no stream.
Stream* StreamSet::stream_of_frame(std::uint64_t id, StreamFault& fault) {
  fault = StreamFault::none;
  if (Stream* stream = table_.find(id)) return stream;
  switch (table_.standing(id)) {
    case StreamTable::Standing::fresh: return &table_.accept(id, first_windows_, clock_.now());
    case StreamTable::Standing::closed: return nullptr;
    case StreamTable::Standing::beyond_limit: fault = StreamFault::stream_limit; return nullptr;
    case StreamTable::Standing::never_opened: fault = StreamFault::stream_state; return nullptr;
  }
  return nullptr;
}

StreamFault StreamSet::on_stream_open(std::uint64_t id, const StreamOpening& opening) {
  if (initiator_of(id) == table_.self()) return StreamFault::stream_state;
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr || stream->opening_state() != Opening::awaited) return fault;
  stream->on_opening(opening);
  blender_.add(*stream, stream->opening().ring, opening.site, opening.connection);
  settle(*stream);
  return StreamFault::none;
}

/// A frame may raise the highest offset to `end`: counts that against the link's window.
StreamFault StreamSet::count_received(Stream& stream, std::uint64_t end) {
  const std::uint64_t before = stream.highest_received();
  if (end <= before) return StreamFault::none;
  if (!receive_window_.allows(received_octets_ + (end - before))) return StreamFault::flow_control;
  received_octets_ += end - before;
  return StreamFault::none;
}

StreamFault StreamSet::on_stream(std::uint64_t id, std::uint64_t offset, Bytes data, Fin fin) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr) return fault;
  fault = count_received(*stream, offset + data.size());
  if (fault == StreamFault::none) fault = stream->on_data(offset, data, fin);
  settle(*stream);
  return fault;
}

StreamFault StreamSet::on_reset_stream(std::uint64_t id, StreamCode code, std::uint64_t final_size) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr) return fault;
  fault = count_received(*stream, final_size);
  if (fault == StreamFault::none) fault = stream->on_reset(code, final_size);
  settle(*stream);
  return fault;
}

StreamFault StreamSet::on_stop_sending(std::uint64_t id, StreamCode code) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr) return fault;
  stream->on_stop(code);
  settle(*stream);
  return StreamFault::none;
}

StreamFault StreamSet::on_max_stream_data(std::uint64_t id, std::uint64_t limit) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr) return fault;
  stream->on_max_data(limit);
  settle(*stream);
  return StreamFault::none;
}

/// Credit is given where it is due whether it is asked for or not; what was lost of it is sent again by the loss alone.
StreamFault StreamSet::on_stream_data_blocked(std::uint64_t id, std::uint64_t /*limit*/) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream != nullptr) settle(*stream);
  return fault;
}

StreamFault StreamSet::on_priority_update(std::uint64_t id, std::uint8_t ring, std::uint64_t packet) {
  StreamFault fault;
  Stream* stream = stream_of_frame(id, fault);
  if (stream == nullptr) return fault;
  stream->on_priority_update(ring, packet);
  if (stream->added()) blender_.move(*stream, stream->opening().ring);
  settle(*stream);
  return StreamFault::none;
}

StreamFault StreamSet::on_max_data(std::uint64_t limit) {
  if (send_window_.raise(limit)) link_frames_.remove(LinkFrame::data_blocked);
  return StreamFault::none;
}

StreamFault StreamSet::on_data_blocked(std::uint64_t /*limit*/) { return StreamFault::none; }

StreamFault StreamSet::on_max_streams(std::uint64_t limit) {
  if (table_.raise_peer_limit(limit)) link_frames_.remove(LinkFrame::streams_blocked);
  return StreamFault::none;
}

StreamFault StreamSet::on_streams_blocked(std::uint64_t limit) {
  table_.on_peer_blocked(limit);
  give_stream_credit();
  return StreamFault::none;
}

// ---- Control frames

bool StreamSet::has_control() const { return !link_frames_.empty() || !frames_.empty(); }

std::optional<ControlFrame> StreamSet::next_control() const {
  if (!link_frames_.empty()) return link_frame(link_frames_.first());
  if (!frames_.empty()) return stream_frame(*frames_.front(), frames_.front()->frames.first());
  return std::nullopt;
}

void StreamSet::pop_control() {
  if (!link_frames_.empty()) {
    link_frames_.remove(link_frames_.first());
    return;
  }
  Stream& stream = *frames_.front();
  stream.frames.remove(stream.frames.first());
  if (stream.frames.empty()) {
    frames_.remove(stream);
  } else {
    frames_.turn();
  }
}

ControlFrame StreamSet::link_frame(LinkFrame frame) const {
  using Kind = ControlFrame::Kind;
  switch (frame) {
    case LinkFrame::max_data: return {.kind = Kind::max_data, .value = receive_window_.limit()};
    case LinkFrame::max_streams: return {.kind = Kind::max_streams, .value = table_.limit()};
    case LinkFrame::data_blocked: return {.kind = Kind::data_blocked, .value = send_window_.limit()};
    case LinkFrame::streams_blocked: return {.kind = Kind::streams_blocked, .value = table_.peer_limit()};
  }
  return {};
}

ControlFrame StreamSet::stream_frame(const Stream& stream, DueFrame frame) {
  using Kind = ControlFrame::Kind;
  ControlFrame result{.id = stream.id()};
  switch (frame) {
    case DueFrame::reset:
      result.kind = Kind::reset_stream;
      result.code = stream.reset_code();
      result.value = stream.sent_octets();
      break;
    case DueFrame::stop:
      result.kind = Kind::stop_sending;
      result.code = stream.stop_code();
      break;
    case DueFrame::max_data:
      result.kind = Kind::max_stream_data;
      result.value = stream.receive_limit();
      break;
    case DueFrame::blocked:
      result.kind = Kind::stream_data_blocked;
      result.value = stream.send_limit();
      break;
    case DueFrame::priority:
      result.kind = Kind::priority_update;
      result.ring = stream.opening().ring;
      break;
  }
  return result;
}

void StreamSet::on_control_acked(const ControlFrame& frame) {
  if (frame.kind != ControlFrame::Kind::reset_stream) return;
  Stream* stream = table_.find(frame.id);
  if (stream == nullptr) return;
  stream->on_reset_acked();
  settle(*stream);
}

void StreamSet::on_control_lost(const ControlFrame& frame) {
  using Kind = ControlFrame::Kind;
  switch (frame.kind) {
    case Kind::max_data:
      if (receive_window_.lost(frame.value)) link_frames_.add(LinkFrame::max_data);
      return;
    case Kind::max_streams:
      if (frame.value == table_.limit()) link_frames_.add(LinkFrame::max_streams);
      return;
    case Kind::data_blocked:
      if (send_window_.blocked_lost(frame.value, sent_octets_)) link_frames_.add(LinkFrame::data_blocked);
      return;
    case Kind::streams_blocked:
      if (frame.value == table_.peer_limit() && table_.exhausted()) link_frames_.add(LinkFrame::streams_blocked);
      return;
    default: break;
  }
  Stream* stream = table_.find(frame.id);
  if (stream == nullptr) return;
  if (frame.kind == Kind::reset_stream) stream->on_reset_lost();
  if (frame.kind == Kind::stop_sending) stream->on_stop_lost();
  if (frame.kind == Kind::max_stream_data) stream->on_max_data_lost(frame.value);
  if (frame.kind == Kind::stream_data_blocked) stream->on_blocked_lost(frame.value);
  if (frame.kind == Kind::priority_update) stream->frames.add(DueFrame::priority);
  settle(*stream);
}

// ---- Segments

bool StreamSet::has_segments() const {
  return blender_.ready_buffers() > 0 && (link_credit() > 0 || blender_.any_lost());
}

std::uint64_t StreamSet::queued_octets() const {
  std::uint64_t octets = 0;
  for (std::size_t i = 0; i < kRings; ++i) octets += blender_.ring(i).nBytes;
  return octets;
}

bool StreamSet::next_segment(std::size_t room, Segment& segment) {
  segment = {};
  RingBlender::Grant grant = next_grant(room);
  if (!grant) return false;
  Stream& stream = static_cast<Stream&>(*grant.buffer);
  segment.stream = &stream;
  segment.opens = stream.opening_state() == Opening::due;
  segment.range = {stream.next_offset(), static_cast<std::uint32_t>(room), Fin::absent};
  const std::size_t overhead = overhead_(stream, segment);
  const auto least = static_cast<std::size_t>(std::min<std::uint64_t>(kLeastOctets, stream.waiting().octets));
  if (room < overhead + least) return false;
  room -= overhead;
  segment.range.octets = 0;
  while (grant) {
    const SendRange range = take(stream, std::min(grant.octets, room));
    segment.range.octets += range.octets;
    segment.range.fin = range.fin;
    room -= range.octets;
    if (range.fin == Fin::present || room == 0) break;
    // The turn may come to the same stream again, with what follows: one header does for both.
    grant = next_grant(room);
    if (grant.buffer != &stream || stream.next_offset() != segment.range.end()) break;
  }
  list(stream);
  return true;
}

RingBlender::Grant StreamSet::next_grant(std::size_t room) {
  const NewOctets new_octets = link_credit() > 0 ? NewOctets::allowed : NewOctets::blocked;
  if (new_octets == NewOctets::blocked && blender_.ready_buffers() > 0 && send_window_.must_tell_blocked()) {
    link_frames_.add(LinkFrame::data_blocked);
  }
  return blender_.next(room, new_octets);
}

/// One sub-packet of at most `max` octets leaves.
SendRange StreamSet::take(Stream& stream, std::size_t max) {
  const std::uint64_t sent_before = stream.sent_octets();
  const SendRange range = stream.take(max, link_credit());
  const std::uint64_t fresh = stream.sent_octets() - sent_before;
  sent_octets_ += fresh;
  resent_octets_ += range.octets - fresh;
  ring_octets_sent_[stream.ring()] += range.octets;
  hosted_.touch(stream.opening().connection, clock_.now());
  blender_.wrote(std::max<std::size_t>(range.octets, 1), stream.waiting_to_send());
  return range;
}

void StreamSet::on_segment_acked(const SentSegment& segment) {
  Stream* stream = table_.find(segment.id);
  if (stream == nullptr) return;
  if (segment.opens) stream->on_opening_acked();
  stream->on_range_acked(segment.range);
  stream->progress = clock_.now();
  hosted_.touch(stream->opening().connection, clock_.now());
  settle(*stream);
}

void StreamSet::on_segment_lost(const SentSegment& segment) {
  Stream* stream = table_.find(segment.id);
  if (stream == nullptr) return;
  if (segment.opens) stream->on_opening_lost();
  stream->on_range_lost(segment.range);
  settle(*stream);
}

}  // namespace ringway::tmp

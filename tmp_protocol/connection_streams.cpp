// Between the streams and the packets that carry them.

#include <cassert>

#include "tmp_protocol/connection.h"
#include "tmp_protocol/stream.h"

namespace ringway::tmp {

namespace {

using Kind = ControlFrame::Kind;

// A sent packet keeps a control frame as an item: the ring or the code stands in its length.

SentItem to_item(const ControlFrame& frame) {
  SentItem item{frame.id, frame.value, 0, SentKind::ping, false};
  switch (frame.kind) {
    case Kind::reset_stream: item.kind = SentKind::reset_stream; break;
    case Kind::stop_sending: item.kind = SentKind::stop_sending; break;
    case Kind::max_stream_data: item.kind = SentKind::max_stream_data; break;
    case Kind::stream_data_blocked: item.kind = SentKind::stream_blocked; break;
    case Kind::priority_update: item.kind = SentKind::priority_update; break;
    case Kind::max_data: item.kind = SentKind::max_data; break;
    case Kind::data_blocked: item.kind = SentKind::data_blocked; break;
    case Kind::max_streams: item.kind = SentKind::max_streams; break;
    case Kind::streams_blocked: item.kind = SentKind::streams_blocked; break;
  }
  item.length = frame.kind == Kind::priority_update ? frame.ring : static_cast<std::uint32_t>(frame.code);
  return item;
}

/// Nothing where the item is no control frame of the streams.
std::optional<ControlFrame> to_control(const SentItem& item) {
  ControlFrame frame;
  switch (item.kind) {
    case SentKind::reset_stream: frame.kind = Kind::reset_stream; break;
    case SentKind::stop_sending: frame.kind = Kind::stop_sending; break;
    case SentKind::max_stream_data: frame.kind = Kind::max_stream_data; break;
    case SentKind::stream_blocked: frame.kind = Kind::stream_data_blocked; break;
    case SentKind::priority_update: frame.kind = Kind::priority_update; break;
    case SentKind::max_data: frame.kind = Kind::max_data; break;
    case SentKind::data_blocked: frame.kind = Kind::data_blocked; break;
    case SentKind::max_streams: frame.kind = Kind::max_streams; break;
    case SentKind::streams_blocked: frame.kind = Kind::streams_blocked; break;
    default: return std::nullopt;
  }
  frame.id = item.stream;
  frame.value = item.offset;
  if (frame.kind == Kind::priority_update) {
    frame.ring = static_cast<std::uint8_t>(item.length);
  } else {
    frame.code = static_cast<StreamCode>(item.length);
  }
  return frame;
}

bool write_control(FrameWriter& writer, const ControlFrame& frame) {
  switch (frame.kind) {
    case Kind::reset_stream:
      return writer.reset_stream({frame.id, static_cast<std::uint32_t>(frame.code), frame.value});
    case Kind::stop_sending: return writer.stop_sending({frame.id, static_cast<std::uint32_t>(frame.code)});
    case Kind::max_stream_data: return writer.stream_limit(FrameType::max_stream_data, {frame.id, frame.value});
    case Kind::stream_data_blocked: return writer.stream_limit(FrameType::stream_data_blocked, {frame.id, frame.value});
    case Kind::priority_update: return writer.priority_update({frame.id, frame.ring});
    case Kind::max_data: return writer.link_limit(FrameType::max_data, frame.value);
    case Kind::data_blocked: return writer.link_limit(FrameType::data_blocked, frame.value);
    case Kind::max_streams: return writer.link_limit(FrameType::max_streams, frame.value);
    case Kind::streams_blocked: return writer.link_limit(FrameType::streams_blocked, frame.value);
  }
  return false;
}

SentSegment to_segment(const SentItem& item) {
  const Fin fin = item.flag ? Fin::present : Fin::absent;
  return {item.stream, {item.offset, item.length, fin}, item.kind == SentKind::stream_open};
}

bool is_segment(SentKind kind) { return kind == SentKind::stream || kind == SentKind::stream_open; }

/// Whether a STREAM frame goes with it, or the opening says all.
bool has_stream_frame(const SendRange& range) { return range.octets != 0 || range.fin == Fin::present; }

}  // namespace

std::size_t Connection::segment_overhead(const Stream& stream, const Segment& segment) {
  std::size_t octets = 0;
  if (segment.opens) {
    constexpr std::size_t kFixedOctets = 1 + 1 + 1 + 8 + 2;  // type, kind, ring, connection, length of the name
    octets += kFixedOctets + varint_octets(stream.id()) + stream.opening().site.size();
  }
  return octets + FrameWriter::stream_overhead(stream.id(), segment.range.offset);
}

void Connection::on_streams_wake() { host_.on_connection_wakes(*this); }

void Connection::on_stream_accepted(std::unique_ptr<LinkStream> stream, const StreamOpening& opening) {
  host_.on_connection_stream(*this, std::move(stream), opening);
}

void Connection::on_content_acked(SentContent content) {
  for (const SentItem& item : content) on_item_acked(item);
}

void Connection::on_content_lost(SentContent content) {
  for (const SentItem& item : content) on_item_lost(item);
}

void Connection::on_item_acked(const SentItem& item) {
  if (is_segment(item.kind)) return streams_->on_segment_acked(to_segment(item));
  if (item.kind == SentKind::ack) return acks_.on_ack_acked(item.offset);
  if (item.kind == SentKind::crypto) {
    Handshake* const handshake = keys_->rehandshake();
    if (handshake != nullptr && handshake->epoch() == item.stream) handshake->on_acked(item);
    return;
  }
  if (const std::optional<ControlFrame> frame = to_control(item)) streams_->on_control_acked(*frame);
}

void Connection::on_item_lost(const SentItem& item) {
  if (is_segment(item.kind)) return streams_->on_segment_lost(to_segment(item));
  if (item.kind == SentKind::goaway) {
    due_.goaway = true;
  } else if (item.kind == SentKind::crypto) {
    Handshake* const handshake = keys_->rehandshake();
    if (handshake != nullptr && handshake->epoch() == item.stream) handshake->on_lost(item);
  } else if (const std::optional<ControlFrame> frame = to_control(item)) {
    streams_->on_control_lost(*frame);
  }
}

void Connection::write_controls(FrameWriter& writer) {
  while (streams_->has_control()) {
    const std::optional<ControlFrame> frame = streams_->next_control();
    if (!frame || !write_control(writer, *frame)) return;
    recovery_.stage(to_item(*frame));
    streams_->pop_control();
  }
}

void Connection::write_segments(FrameWriter& writer) {
  Segment segment;
  while (streams_->has_segments() && streams_->next_segment(writer.room(), segment)) {
    const SendRange& range = segment.range;
    const StreamId id = segment.stream->id();
    if (segment.opens) {
      const bool opened = writer.stream_open(id, segment.stream->opening());
      assert(opened);  // segment_overhead() left room for it
    }
    if (has_stream_frame(range)) {
      const bool begun = writer.begin_stream(id, range.offset, range.octets);
      assert(begun);
      segment.stream->copy_out(range.offset, {writer.place(), range.octets});
      writer.advance(range.octets);
      writer.end_stream(range.fin);
    }
    recovery_.stage({id, range.offset, range.octets, segment.opens ? SentKind::stream_open : SentKind::stream,
                     range.fin == Fin::present});
    note_activity();
  }
}

}  // namespace ringway::tmp

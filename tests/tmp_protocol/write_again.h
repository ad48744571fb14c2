#pragma once
// The inverse of FrameReader, for tests and fuzzing.

#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/frame_writer.h"

namespace ringway::tmp {

namespace detail {

inline bool write_link_frame(const FrameReader& reader, FrameWriter& writer) {
  switch (reader.type()) {
    case FrameType::crypto: return writer.crypto(reader.crypto());
    case FrameType::close: return writer.close(reader.close());
    case FrameType::goaway: return writer.goaway(reader.goaway());
    case FrameType::new_cookie: return writer.new_cookie(reader.new_cookie());
    case FrameType::path_challenge:
    case FrameType::path_response: return writer.path_proof(reader.type(), reader.path_proof().data);
    case FrameType::new_cid: return writer.new_cid(reader.new_cid());
    case FrameType::retire_cid: return writer.retire_cid(reader.retire_cid());
    case FrameType::path_status: return writer.path_status(reader.path_status());
    case FrameType::link_quality: return writer.link_quality(reader.link_quality());
    case FrameType::ack_frequency: return writer.ack_frequency(reader.ack_frequency());
    case FrameType::repair: return writer.repair(reader.repair());
    case FrameType::recovered: return writer.recovered(reader.recovered());
    default: return false;
  }
}

inline bool write_open(const StreamOpenFrame& frame, FrameWriter& writer) {
  StreamOpening opening;
  opening.kind = frame.kind;
  opening.ring = frame.ring;
  opening.connection = frame.connection;
  opening.site = std::string(frame.site);
  return writer.stream_open(frame.id, opening);
}

inline bool write_ack(const FrameReader& reader, FrameWriter& writer) {
  AckInfo info;
  reader.ack_info(info);
  return writer.ack(reader.ack().path, info);
}

}  // namespace detail

/// Writes the reader's present frame again from what was read of it. Runs of padding become one octet.
inline bool write_again(const FrameReader& reader, FrameWriter& writer) {
  switch (reader.type()) {
    case FrameType::padding: writer.padding(1); return true;
    case FrameType::ping: return writer.ping();
    case FrameType::immediate_ack: return writer.immediate_ack();
    case FrameType::guarded: return writer.guarded();
    case FrameType::ack: return detail::write_ack(reader, writer);
    case FrameType::stream: return writer.stream(reader.stream());
    case FrameType::stream_open: return detail::write_open(reader.stream_open(), writer);
    case FrameType::reset_stream: return writer.reset_stream(reader.reset_stream());
    case FrameType::stop_sending: return writer.stop_sending(reader.stop_sending());
    case FrameType::priority_update: return writer.priority_update(reader.priority_update());
    case FrameType::max_data:
    case FrameType::max_streams:
    case FrameType::data_blocked:
    case FrameType::streams_blocked: return writer.link_limit(reader.type(), reader.link_limit().limit);
    case FrameType::max_stream_data:
    case FrameType::stream_data_blocked: return writer.stream_limit(reader.type(), reader.stream_limit());
    default: return detail::write_link_frame(reader, writer);
  }
}

}  // namespace ringway::tmp

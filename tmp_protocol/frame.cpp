#include "tmp_protocol/frame.h"

namespace ringway::tmp {

std::string_view frame_name(FrameType type) {
  switch (type) {
    case FrameType::padding: return "PADDING";
    case FrameType::ping: return "PING";
    case FrameType::ack: return "ACK";
    case FrameType::crypto: return "CRYPTO";
    case FrameType::close: return "CLOSE";
    case FrameType::goaway: return "GOAWAY";
    case FrameType::new_cookie: return "NEW_COOKIE";
    case FrameType::stream: return "STREAM";
    case FrameType::stream_open: return "STREAM_OPEN";
    case FrameType::reset_stream: return "RESET_STREAM";
    case FrameType::stop_sending: return "STOP_SENDING";
    case FrameType::priority_update: return "PRIORITY_UPDATE";
    case FrameType::max_data: return "MAX_DATA";
    case FrameType::max_stream_data: return "MAX_STREAM_DATA";
    case FrameType::max_streams: return "MAX_STREAMS";
    case FrameType::data_blocked: return "DATA_BLOCKED";
    case FrameType::stream_data_blocked: return "STREAM_DATA_BLOCKED";
    case FrameType::streams_blocked: return "STREAMS_BLOCKED";
    case FrameType::path_challenge: return "PATH_CHALLENGE";
    case FrameType::path_response: return "PATH_RESPONSE";
    case FrameType::new_cid: return "NEW_CID";
    case FrameType::retire_cid: return "RETIRE_CID";
    case FrameType::path_status: return "PATH_STATUS";
    case FrameType::link_quality: return "LINK_QUALITY";
    case FrameType::ack_frequency: return "ACK_FREQUENCY";
    case FrameType::immediate_ack: return "IMMEDIATE_ACK";
    case FrameType::repair: return "REPAIR";
    case FrameType::recovered: return "RECOVERED";
    case FrameType::guarded: return "GUARDED";
  }
  return "unknown";
}

bool elicits_ack(FrameType type) {
  return type != FrameType::padding && type != FrameType::ack && type != FrameType::close && type != FrameType::guarded;
}

bool allowed_in_handshake(FrameType type) {
  return type == FrameType::padding || type == FrameType::ping || type == FrameType::ack || type == FrameType::crypto ||
         type == FrameType::close;
}

std::string_view close_code_name(CloseCode code) {
  switch (code) {
    case CloseCode::none: return "none";
    case CloseCode::internal: return "internal";
    case CloseCode::frame: return "frame";
    case CloseCode::protocol: return "protocol";
    case CloseCode::flow_control: return "flow_control";
    case CloseCode::stream_limit: return "stream_limit";
    case CloseCode::stream_state: return "stream_state";
    case CloseCode::final_size: return "final_size";
    case CloseCode::handshake: return "handshake";
    case CloseCode::version: return "version";
    case CloseCode::idle: return "idle";
    case CloseCode::replaced: return "replaced";
    case CloseCode::restart: return "restart";
    case CloseCode::crypto_overflow: return "crypto_overflow";
  }
  return "unknown";
}

}  // namespace ringway::tmp

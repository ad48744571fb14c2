#include "base/byte_stream.h"

namespace ringway {

std::string_view stream_code_name(StreamCode code) {
  switch (code) {
    case StreamCode::none: return "none";
    case StreamCode::cancelled: return "cancelled";
    case StreamCode::refused: return "refused";
    case StreamCode::internal: return "internal";
    case StreamCode::timed_out: return "timed_out";
    case StreamCode::too_large: return "too_large";
    case StreamCode::origin_failed: return "origin_failed";
    case StreamCode::malformed: return "malformed";
    case StreamCode::unwanted: return "unwanted";
    case StreamCode::link_lost: return "link_lost";
    case StreamCode::connection_failed: return "connection_failed";
  }
  return "unknown";
}

}  // namespace ringway

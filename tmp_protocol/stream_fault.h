#pragma once
// What a peer can do wrong with streams (RFC 9000 §20.1); each ends the link.

#include <cstdint>
#include <string_view>

namespace ringway::tmp {

enum class StreamFault : std::uint8_t {
  none,
  flow_control,  // more octets than it was allowed
  stream_limit,  // more streams than it was allowed
  stream_state,  // a frame that this stream cannot have
  final_size,    // octets beyond the end, or two different ends
};

std::string_view stream_fault_name(StreamFault fault);

}  // namespace ringway::tmp

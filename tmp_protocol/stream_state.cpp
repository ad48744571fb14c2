#include "tmp_protocol/stream_state.h"

#include "tmp_protocol/stream_fault.h"

namespace ringway::tmp {

std::string_view state_name(SendState state) {
  switch (state) {
    case SendState::ready: return "Ready";
    case SendState::send: return "Send";
    case SendState::data_sent: return "Data Sent";
    case SendState::data_recvd: return "Data Recvd";
    case SendState::reset_sent: return "Reset Sent";
    case SendState::reset_recvd: return "Reset Recvd";
  }
  return "unknown";
}

std::string_view state_name(ReceiveState state) {
  switch (state) {
    case ReceiveState::recv: return "Recv";
    case ReceiveState::size_known: return "Size Known";
    case ReceiveState::data_recvd: return "Data Recvd";
    case ReceiveState::data_read: return "Data Read";
    case ReceiveState::reset_received: return "Reset Received";
    case ReceiveState::reset_read: return "Reset Read";
  }
  return "unknown";
}

std::string_view stream_fault_name(StreamFault fault) {
  switch (fault) {
    case StreamFault::none: return "none";
    case StreamFault::flow_control: return "flow control exceeded";
    case StreamFault::stream_limit: return "more streams than allowed";
    case StreamFault::stream_state: return "a frame that the stream cannot have";
    case StreamFault::final_size: return "octets beyond the end of the stream";
  }
  return "unknown";
}

}  // namespace ringway::tmp

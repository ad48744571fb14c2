#pragma once
// The two halves of a stream, as RFC 9000 §3 names their states. Both ends may send on every stream.
//
//   sending half (§3.1)                                 receiving half (§3.2)
//
//       o  opened                                           o  opened
//       |                                                   |
//   +-------+                                           +------+
//   | Ready |------------------.                        | Recv |---------------------.
//   +-------+                  |                        +------+                     |
//       | first frame          | RESET_STREAM               | STREAM with FIN         | RESET_STREAM
//   +-------+                  | is due                 +------------+               |
//   | Send  |----------------->|                        | Size Known |-------------->|
//   +-------+                  |                        +------------+               |
//       | frame with FIN       |                            | every octet is here     |
//   +-----------+         +------------+                +------------+        +----------------+
//   | Data Sent |-------->| Reset Sent |                | Data Recvd |        | Reset Received |
//   +-----------+         +------------+                +------------+        +----------------+
//       | all acked            | acked                      | all read             | reader told
//   +-----------+         +-------------+               +-----------+          +------------+
//   | Data Recvd|         | Reset Recvd |               | Data Read |          | Reset Read |
//   +-----------+         +-------------+               +-----------+          +------------+
//
// The last row is terminal. A stream is over when both halves are; then its id is never used again (§3.4).

#include <cstdint>
#include <string_view>

namespace ringway::tmp {

enum class SendState : std::uint8_t { ready, send, data_sent, data_recvd, reset_sent, reset_recvd };
enum class ReceiveState : std::uint8_t { recv, size_known, data_recvd, data_read, reset_received, reset_read };

inline bool terminal(SendState state) { return state == SendState::data_recvd || state == SendState::reset_recvd; }
inline bool terminal(ReceiveState state) {
  return state == ReceiveState::data_read || state == ReceiveState::reset_read;
}
/// RESET_STREAM has taken the place of data.
inline bool is_reset(SendState state) { return state == SendState::reset_sent || state == SendState::reset_recvd; }

std::string_view state_name(SendState state);
std::string_view state_name(ReceiveState state);

/// Which end of the link opens streams with which parity: id & 1 (RFC 9000 §2.1; every stream is two-way).
enum class Initiator : std::uint8_t { connecting = 0, accepting = 1 };

inline Initiator initiator_of(std::uint64_t id) { return static_cast<Initiator>(id & 1); }
inline Initiator other(Initiator end) {
  return end == Initiator::connecting ? Initiator::accepting : Initiator::connecting;
}
/// The id of the nth stream, n from 0, that `end` opens; and back.
inline std::uint64_t stream_id(Initiator end, std::uint64_t n) { return n * 2 + static_cast<std::uint64_t>(end); }
inline std::uint64_t stream_number(std::uint64_t id) { return id / 2; }

}  // namespace ringway::tmp

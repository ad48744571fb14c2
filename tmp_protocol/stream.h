#pragma once
// One stream of a link: both halves' states, what is sent, what is received, its flow control, and which frames are due.
// Knows neither packets nor handlers: StreamSet moves its octets, StreamHandle is its face towards the gateways.

#include <cstdint>
#include <optional>

#include "base/byte_queue.h"
#include "base/byte_stream.h"
#include "base/time.h"
#include "tmp_protocol/flow_control.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/reassembly.h"
#include "tmp_protocol/ring_blender.h"
#include "tmp_protocol/send_buffer.h"
#include "tmp_protocol/stream_fault.h"
#include "tmp_protocol/stream_state.h"
#include "tmp_protocol/turn_list.h"

namespace ringway::tmp {

class StreamHandle;

/// Frames other than STREAM that one stream may have to send; bits of a set.
enum class DueFrame : std::uint8_t { reset = 1, stop = 2, max_data = 4, blocked = 8, priority = 16 };

/// What the handler must hear; bits of a set, told in this order.
enum class StreamEvent : std::uint8_t { accepted = 1, data = 2, end = 4, writable = 8, stop = 16, abort = 32 };

/// A set of the bits of one of the enumerations above.
template <class Bit>
class Bits {
 public:
  void add(Bit bit) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(bit)); }
  void remove(Bit bit) { bits_ = static_cast<std::uint8_t>(bits_ & ~static_cast<std::uint8_t>(bit)); }
  void clear() { bits_ = 0; }
  [[nodiscard]] bool has(Bit bit) const { return (bits_ & static_cast<std::uint8_t>(bit)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }

 private:
  std::uint8_t bits_ = 0;
};

/// First windows of a new stream.
struct StreamWindows {
  std::uint64_t send_limit = 0;          // what the peer's handshake allows
  std::uint64_t receive_window = 0;      // what ours told the peer
  std::uint64_t max_receive_window = 0;  // what it may grow to
  MemoryBudget* budget = nullptr;
};

class Stream final : public RingBlender::Buffer {
 public:
  Stream(std::uint64_t id, const StreamWindows& windows);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] SendState send_state() const { return send_state_; }
  [[nodiscard]] ReceiveState receive_state() const { return receive_state_; }
  /// Both halves are terminal.
  [[nodiscard]] bool over() const { return terminal(send_state_) && terminal(receive_state_); }

  // Sending half.
  /// Drops `data` once the half is finished or reset.
  void write(Slice data);
  void finish();
  /// RESET_STREAM takes the place of what is not acknowledged; nothing where the half is terminal or reset already.
  void reset(StreamCode code);
  /// What the blender should know: sendable octets, or one for a lone FIN or opening.
  [[nodiscard]] Waiting waiting_to_send() const;
  /// Takes at most `max` octets as in flight; new ones at most `link_credit`.
  SendRange take(std::size_t max, std::uint64_t link_credit);
  void copy_out(std::uint64_t offset, MutableBytes out) const { out_.copy_out(offset, out); }
  void on_range_acked(const SendRange& range);
  void on_range_lost(const SendRange& range);
  void on_reset_acked();
  void on_max_data(std::uint64_t limit);
  /// STOP_SENDING: the half is reset, where it still can be, and the writer told.
  void on_stop(StreamCode code);

  // Receiving half. The octets by which the highest offset rose are the link's flow control's to count.
  [[nodiscard]] StreamFault on_data(std::uint64_t offset, Bytes data, Fin fin);
  [[nodiscard]] StreamFault on_reset(StreamCode code, std::uint64_t final_size);
  /// The reader wants no more: STOP_SENDING is due unless all came in.
  void stop(StreamCode code);

 private:
  std::uint64_t id_;
  SendState send_state_ = SendState::ready;
  ReceiveState receive_state_ = ReceiveState::recv;
  SendBuffer out_;
  SendWindow send_window_;
  Reassembly in_;
  ReceiveWindow receive_window_;
};

}  // namespace ringway::tmp

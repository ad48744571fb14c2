#pragma once
// One stream of a link: both halves' states, what is sent, what is received, its flow control, which frames are due and
// what its handler must hear. Knows neither packets nor handlers: StreamSet moves its octets and owns it, StreamHandle
// is its face towards the gateways.

#include <cstdint>

#include "base/byte_queue.h"
#include "base/byte_stream.h"
#include "base/time.h"
#include "tmp_protocol/flow_control.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/reassembly.h"
#include "tmp_protocol/ring_turns.h"
#include "tmp_protocol/send_buffer.h"
#include "tmp_protocol/stream_fault.h"
#include "tmp_protocol/stream_state.h"
#include "tmp_protocol/turn_list.h"

namespace ringway::tmp {

class StreamHandle;

/// Frames other than STREAM that one stream may have to send.
enum class DueFrame : std::uint8_t { reset = 1, stop = 2, max_data = 4, blocked = 8, priority = 16 };

/// What the handler must hear, told in this order.
enum class StreamEvent : std::uint8_t { accepted = 1, data = 2, end = 4, writable = 8, stop = 16, abort = 32 };

/// A set of enumerators that are bits.
template <class Bit>
class Bits {
 public:
  void add(Bit bit) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(bit)); }
  void remove(Bit bit) { bits_ = static_cast<std::uint8_t>(bits_ & ~static_cast<std::uint8_t>(bit)); }
  void clear() { bits_ = 0; }
  [[nodiscard]] bool has(Bit bit) const { return (bits_ & static_cast<std::uint8_t>(bit)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  /// The lowest; the set is not empty.
  [[nodiscard]] Bit first() const { return static_cast<Bit>(bits_ & -bits_); }

 private:
  std::uint8_t bits_ = 0;
};

/// The windows that a new stream begins with, octets.
struct StreamWindows {
  std::uint64_t send_limit = 0;          // as the peer's handshake allows
  std::uint64_t receive_window = 0;      // as our handshake told the peer
  std::uint64_t max_receive_window = 0;  // what that may grow to
};

/// Where the stream's STREAM_OPEN frame is: at this end to be sent or under way, or known here (to the peer as well,
/// where it opened the stream or acknowledged the frame), or yet to come from the peer.
enum class Opening : std::uint8_t { due, in_flight, known, awaited };

class Stream final : public BlendBuffer {
 public:
  Stream(std::uint64_t id, Opening state, const StreamWindows& windows, Time now);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] SendState send_state() const { return send_state_; }
  [[nodiscard]] ReceiveState receive_state() const { return receive_state_; }
  /// Both halves are terminal.
  [[nodiscard]] bool over() const { return terminal(send_state_) && terminal(receive_state_); }
  [[nodiscard]] Opening opening_state() const { return opening_state_; }
  /// As the opener told; the connection's number, the site and the ring in it. Not while it is awaited.
  [[nodiscard]] const StreamOpening& opening() const { return opening_; }
  void set_opening(const StreamOpening& opening) { opening_ = opening; }
  /// The awaited STREAM_OPEN came.
  void on_opening(const StreamOpening& opening);
  void on_opening_acked();
  void on_opening_lost();
  /// The ring changes; the peer must hear of it unless a STREAM_OPEN will still say so.
  void set_ring(std::uint8_t ring);
  /// PRIORITY_UPDATE in the packet of this number; it may come before STREAM_OPEN, and after a later one, which holds.
  void on_priority_update(std::uint8_t ring, std::uint64_t packet);
  /// Something of it left in a packet.
  [[nodiscard]] bool left() const { return left_; }

  // Sending half.
  /// Drops `data` once the half is finished or reset.
  void write(Slice data);
  void finish();
  /// RESET_STREAM takes the place of all that is not acknowledged. Nothing where the half is terminal or reset already.
  void reset(StreamCode code);
  /// How many octets the writer may have unsent beyond what it has.
  [[nodiscard]] std::size_t writable() const;
  /// No more can be written.
  [[nodiscard]] bool closed_to_writer() const { return is_reset(send_state_) || out_.finished(); }
  [[nodiscard]] std::uint64_t unsent_octets() const { return is_reset(send_state_) ? 0 : out_.unsent_octets(); }
  /// Its writer had much to write, knows no end of it, and has kept up with what left since: more is to be expected.
  [[nodiscard]] bool promises_more() const { return busy_writer_ && !closed_to_writer(); }
  [[nodiscard]] std::uint64_t sent_octets() const { return out_.sent(); }
  /// What the blender should know: sendable octets, or one for a lone FIN or opening.
  [[nodiscard]] Waiting waiting_to_send() const;
  /// What take() gives begins here.
  [[nodiscard]] std::uint64_t next_offset() const { return out_.next_offset(); }
  /// Takes what is next as in flight, lost octets before new ones, at most `max`, of them new at most `link_credit`.
  /// The opening, where it is due, goes with it.
  SendRange take(std::size_t max, std::uint64_t link_credit);
  void copy_out(std::uint64_t offset, MutableBytes out) const { out_.copy_out(offset, out); }
  void on_range_acked(const SendRange& range);
  void on_range_lost(const SendRange& range);
  void on_reset_acked();
  void on_max_data(std::uint64_t limit);
  void on_max_data_lost(std::uint64_t limit);
  void on_blocked_lost(std::uint64_t limit);
  void on_reset_lost();
  void on_stop_lost();
  /// STOP_SENDING: the half is reset where it still can be, and the writer told.
  void on_stop(StreamCode code);
  /// What RESET_STREAM, STOP_SENDING, MAX_STREAM_DATA and STREAM_DATA_BLOCKED frames say now.
  [[nodiscard]] StreamCode reset_code() const { return reset_code_; }
  [[nodiscard]] StreamCode stop_code() const { return stop_code_; }
  [[nodiscard]] std::uint64_t send_limit() const { return send_window_.limit(); }
  [[nodiscard]] std::uint64_t receive_limit() const { return receive_window_.limit(); }
  [[nodiscard]] const ReceiveWindow& receive_window() const { return receive_window_; }

  // Receiving half. What of highest_received() is new counts against the link's flow control.
  [[nodiscard]] StreamFault on_data(std::uint64_t offset, Bytes data, Fin fin);
  [[nodiscard]] StreamFault on_reset(StreamCode code, std::uint64_t final_size);
  /// The reader wants no more: STOP_SENDING is due unless all came in.
  void stop(StreamCode code);
  [[nodiscard]] std::uint64_t highest_received() const { return in_.highest(); }
  /// What the reader is given next; incoming is not empty.
  Slice give(Time now);
  /// The reader is done with at most `octets` of what it was given; with how many, for the link's flow control.
  std::uint64_t consume(std::uint64_t octets, Time now, Duration round_trip, WindowGrowth growth);
  /// The same for what nobody will read: nothing unless the half discards.
  std::uint64_t consume_discarded();
  /// The handler was told of the end, and the half is terminal once all is consumed; or it was told of the reset.
  void on_end_told();
  void on_abort_told();
  /// Both halves end here, and the handler hears of it.
  void give_up(StreamCode code, const char* reason);
  /// What the reader was given and is not done with.
  [[nodiscard]] std::uint64_t unread_octets() const {
    return discarding_ ? 0 : in_.delivered() - incoming.size() - receive_window_.consumed();
  }
  /// Since when the reader has been done with nothing of that.
  [[nodiscard]] Time unread_since() const { return unread_since_; }
  /// Why the peer stopped or reset, or the stream was given up; for the handler.
  [[nodiscard]] StreamCode end_code() const { return end_code_; }
  [[nodiscard]] const char* abort_reason() const { return abort_reason_; }
  [[nodiscard]] const Reassembly& reassembly() const { return in_; }

  // What StreamSet does next for this stream.
  Bits<DueFrame> frames;
  Bits<StreamEvent> events;
  ByteQueue incoming;              // in order, not yet told to the handler
  StreamHandle* handle = nullptr;  // null while awaiting it, and once it is gone
  TurnLink<Stream> frames_turn;
  TurnLink<Stream> events_turn;
  TurnLink<Stream> forgotten_turn;  // among those without a handle that still send
  TurnLink<Stream> promising_turn;  // among those that promise more
  Time progress{};                  // of a forgotten one: when the peer took something last

 private:
  void tell_blocked();
  void discard();
  void settle_received();

  std::uint64_t id_;
  SendState send_state_ = SendState::ready;
  ReceiveState receive_state_ = ReceiveState::recv;
  Opening opening_state_;
  bool left_ = false;
  bool writer_waits_ = false;  // writable() was brought to zero
  bool busy_writer_ = false;   // so much was unsent that it had to wait, and it has not run dry since
  bool discarding_ = false;    // nobody reads
  bool end_told_ = false;
  StreamCode reset_code_ = StreamCode::none;
  StreamCode stop_code_ = StreamCode::none;
  StreamCode end_code_ = StreamCode::none;
  const char* abort_reason_ = "";
  Time unread_since_{};
  SendBuffer out_;
  SendWindow send_window_;
  Reassembly in_;
  ReceiveWindow receive_window_;
  StreamOpening opening_;
  std::uint64_t ring_packet_ = 0;     // the highest that carried a PRIORITY_UPDATE
  std::uint8_t early_ring_ = kRings;  // told before STREAM_OPEN; kRings: none
};

}  // namespace ringway::tmp

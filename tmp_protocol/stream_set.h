#pragma once
// All streams of one link, for its connection: takes the peer's frames about streams, gives what the next packet should
// carry, and takes back what became of it. Gateways see its streams through StreamHandle.
//
// The connection's way through it, for every batch of datagrams:   on_…() for each frame, then dispatch()
// for every packet built:   next_control() until it is null, then next_segment() until it is empty
// for every packet acknowledged or lost:   on_control_acked/lost(), on_segment_acked/lost() for what the packet carried
// and where needs_dispatch() after that, dispatch() again.
// Handlers are called from dispatch() and lose() alone; they may do all that ByteStream allows, and must not destroy
// the StreamSet inside of it. Any call may make control frames or segments due: has_output() tells.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/byte_stream.h"
#include "base/time.h"
#include "tmp_protocol/flow_control.h"
#include "tmp_protocol/hosted_counter.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/ring_blender.h"
#include "tmp_protocol/settings.h"
#include "tmp_protocol/stream.h"
#include "tmp_protocol/stream_fault.h"
#include "tmp_protocol/stream_table.h"

namespace ringway::tmp {

/// What each end tells the other in the handshake about streams.
struct StreamLimits {
  std::uint64_t max_data = 0;         // octets of all streams together, at first
  std::uint64_t max_stream_data = 0;  // octets of each stream, at first
  std::uint64_t max_streams = 0;      // opened by the peer, at first
};

/// A frame about streams other than STREAM and STREAM_OPEN. Small: sent packets keep copies.
struct ControlFrame {
  enum class Kind : std::uint8_t {
    reset_stream,         // id, code, value: final size
    stop_sending,         // id, code
    max_stream_data,      // id, value: limit
    stream_data_blocked,  // id, value: limit
    priority_update,      // id, ring
    max_data,             // value: limit
    data_blocked,         // value: limit
    max_streams,          // value: limit
    streams_blocked,      // value: limit
  };
  Kind kind = Kind::max_data;
  std::uint8_t ring = 0;
  StreamCode code = StreamCode::none;
  std::uint64_t id = 0;
  std::uint64_t value = 0;
};

/// Part of one stream for one STREAM frame. Where `opens`, a STREAM_OPEN frame with the stream's opening goes before
/// it, and where the range is empty without FIN, in its place.
struct Segment {
  Stream* stream = nullptr;
  SendRange range;
  bool opens = false;
};

/// What of a segment a sent packet keeps.
struct SentSegment {
  std::uint64_t id = 0;
  SendRange range;
  bool opens = false;
};

/// Octets that the frame headers of a segment take, its STREAM_OPEN frame included, were it to grow to
/// `segment.range.octets`; may be too many, not too few.
using SegmentOverhead = std::size_t (*)(const Stream& stream, const Segment& segment);

/// The connection's side of it.
class StreamSetHost {
 public:
  virtual ~StreamSetHost() = default;
  /// Called out of a handle's function: has_output() or needs_dispatch() became true, and the caller is not the
  /// connection. Only takes note: dispatch() must not be called inside.
  virtual void on_streams_wake() = 0;
  /// Out of dispatch(): the peer opened a stream. Destroying it refuses it.
  virtual void on_stream_accepted(std::unique_ptr<LinkStream> stream, const StreamOpening& opening) = 0;
};

class StreamSet {
 public:
  /// What `settings` let the peer do at first: goes into the handshake.
  static StreamLimits first_limits(const EndpointSettings& settings);

  /// `process_budget` may be null. All arguments by reference outlive it, but `settings` and `peer`.
  StreamSet(Initiator self, const EndpointSettings& settings, const StreamLimits& peer, MemoryBudget* process_budget,
            const Clock& clock, SegmentOverhead overhead, StreamSetHost& host);
  ~StreamSet();
  StreamSet(const StreamSet&) = delete;
  StreamSet& operator=(const StreamSet&) = delete;

  /// Null where the peer allows no more streams now.
  std::unique_ptr<LinkStream> open(const StreamOpening& opening, ByteStreamHandler& handler);
  void update(const EndpointSettings& settings);
  /// Kept up to date by the connection: octets a packet can carry, and the smoothed round trip.
  void set_packet_octets(std::size_t octets);
  void set_round_trip(Duration round_trip) { round_trip_ = round_trip; }

  // The peer's frames. Anything but none ends the link.
  [[nodiscard]] StreamFault on_stream_open(std::uint64_t id, const StreamOpening& opening);
  [[nodiscard]] StreamFault on_stream(std::uint64_t id, std::uint64_t offset, Bytes data, Fin fin);
  [[nodiscard]] StreamFault on_reset_stream(std::uint64_t id, StreamCode code, std::uint64_t final_size);
  [[nodiscard]] StreamFault on_stop_sending(std::uint64_t id, StreamCode code);
  [[nodiscard]] StreamFault on_max_stream_data(std::uint64_t id, std::uint64_t limit);
  [[nodiscard]] StreamFault on_stream_data_blocked(std::uint64_t id, std::uint64_t limit);
  [[nodiscard]] StreamFault on_priority_update(std::uint64_t id, std::uint8_t ring, std::uint64_t packet);
  [[nodiscard]] StreamFault on_max_data(std::uint64_t limit);
  [[nodiscard]] StreamFault on_data_blocked(std::uint64_t limit);
  [[nodiscard]] StreamFault on_max_streams(std::uint64_t limit);
  [[nodiscard]] StreamFault on_streams_blocked(std::uint64_t limit);

  // What a packet carries. Control frames go first.
  [[nodiscard]] bool has_output() const { return has_control() || has_segments(); }
  [[nodiscard]] bool has_control() const;
  [[nodiscard]] bool has_segments() const;
  /// The next control frame; empty where none is due. It stays due until pop_control().
  [[nodiscard]] std::optional<ControlFrame> next_control() const;
  void pop_control();
  /// The next segment that fits into `room` octets with its headers: adjacent sub-packets of one stream in one. Taken
  /// as sent; its octets are read with stream->copy_out() before anything else is called. False: nothing (more) fits.
  bool next_segment(std::size_t room, Segment& segment);

  void on_control_acked(const ControlFrame& frame);
  void on_control_lost(const ControlFrame& frame);
  void on_segment_acked(const SentSegment& segment);
  void on_segment_lost(const SentSegment& segment);

  /// Tells the handlers what happened.
  [[nodiscard]] bool needs_dispatch() const;
  void dispatch();
  /// The link is gone: every handler hears on_abort() with `end`, and no stream is left. Inside of dispatch(), at its
  /// end.
  void lose(const StreamEnd& end);
  /// Ends forgotten streams whose peer takes nothing and, where memory is short, streams whose reader takes nothing;
  /// about once a second.
  void expire();

  [[nodiscard]] std::size_t streams() const { return table_.size(); }
  /// N of the congestion control (see HostedCounter).
  [[nodiscard]] std::uint32_t hosted();
  /// Octets that wait and may leave as far as the streams' flow control goes: the link's queue.
  [[nodiscard]] std::uint64_t queued_octets() const;
  /// Whether what waits is all there is, as far as one can tell: no stream has so much that its writer is held up.
  [[nodiscard]] bool ends_soon() const { return promising_.empty(); }
  [[nodiscard]] std::uint64_t resent_octets() const { return resent_octets_; }
  [[nodiscard]] const std::array<std::uint64_t, kRings>& ring_octets_sent() const { return ring_octets_sent_; }
  /// The octets that the peer may have under way here, those that readers hold, and the streams' turns; for metrics and
  /// tests.
  [[nodiscard]] const ReceiveWindow& receive_window() const { return receive_window_; }
  [[nodiscard]] const ReaderLoan& reader_loan() const { return loan_; }
  [[nodiscard]] const RingBlender& blender() const { return blender_; }

 private:
  friend class StreamHandle;
  enum class LinkFrame : std::uint8_t { max_data = 1, max_streams = 2, data_blocked = 4, streams_blocked = 8 };

  // What handles do.
  void write(Stream& stream, Slice data);
  void finish(Stream& stream);
  void stop(Stream& stream, StreamCode code);
  void abort(Stream& stream, StreamCode code);
  void consumed(Stream& stream, std::uint64_t octets);
  void set_ring(Stream& stream, std::uint8_t ring);
  void handler_changed(Stream& stream);
  void forget(Stream& stream, StreamCode code);

  /// A peer's frame about `id` may make a stream of it; null, with `fault`, where there is none.
  Stream* stream_of_frame(std::uint64_t id, StreamFault& fault);
  [[nodiscard]] StreamFault count_received(Stream& stream, std::uint64_t end);
  void settle(Stream& stream);
  void list(Stream& stream);
  void settle_and_wake(Stream& stream);
  void wake();
  void close(Stream& stream);
  void close_retired();
  void give_stream_credit();
  void credit_link(std::uint64_t octets);
  [[nodiscard]] WindowGrowth link_growth() const;
  [[nodiscard]] WindowGrowth stream_growth(const Stream& stream) const;
  void end_forgotten();
  void end_stalled_readers();
  [[nodiscard]] bool may_tell(const Stream& stream) const;
  void tell(Stream& stream);
  void accept(Stream& stream);
  void tell_data(Stream& stream);
  [[nodiscard]] RingBlender::Grant next_grant(std::size_t room);
  SendRange take(Stream& stream, std::size_t max);
  [[nodiscard]] ControlFrame link_frame(LinkFrame frame) const;
  [[nodiscard]] static ControlFrame stream_frame(const Stream& stream, DueFrame frame);
  [[nodiscard]] std::uint64_t link_credit() const { return send_window_.available(sent_octets_); }

  const Clock& clock_;
  const SegmentOverhead overhead_;
  StreamSetHost& host_;
  MemoryBudget* process_budget_;
  StreamWindows first_windows_;
  RingBlender blender_;
  StreamTable table_;
  ReceiveWindow receive_window_;
  ReaderLoan loan_;
  SendWindow send_window_;
  HostedCounter hosted_;
  Duration round_trip_{};

  Bits<LinkFrame> link_frames_;
  TurnList<Stream, &Stream::frames_turn> frames_;        // with frames due
  TurnList<Stream, &Stream::events_turn> events_;        // with something to tell
  TurnList<Stream, &Stream::forgotten_turn> forgotten_;  // without a handle, still sending
  TurnList<Stream, &Stream::promising_turn> promising_;  // with so much to send that more will come
  std::vector<std::uint64_t> retired_;                   // over inside dispatch(), closed at its end
  bool dispatching_ = false;
  std::optional<StreamEnd> lost_;

  std::uint64_t received_octets_ = 0;  // the sum of the streams' highest offsets
  std::uint64_t sent_octets_ = 0;      // for the first time
  std::uint64_t resent_octets_ = 0;
  std::array<std::uint64_t, kRings> ring_octets_sent_{};
};

}  // namespace ringway::tmp

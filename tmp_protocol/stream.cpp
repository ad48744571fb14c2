#include "tmp_protocol/stream.h"

#include <algorithm>

#include "base/limits.h"

namespace ringway::tmp {

namespace {

/// A writer that waits is called when so much may be written, not for every few octets.
constexpr std::size_t kWorthWriting = limits::kStreamUnsentOctets / 2;

}  // namespace

Stream::Stream(std::uint64_t id, Opening state, const StreamWindows& windows, Time now)
    : id_(id),
      opening_state_(state),
      send_window_(windows.send_limit),
      receive_window_(windows.receive_window, windows.max_receive_window, now) {}

// ---- Opening and ring

void Stream::on_opening(const StreamOpening& opening) {
  if (opening_state_ != Opening::awaited) return;  // a duplicate
  opening_ = opening;
  opening_.ring = std::min(early_ring_ < kRings ? early_ring_ : opening.ring, static_cast<std::uint8_t>(kRings - 1));
  opening_state_ = Opening::known;
  if (!terminal(receive_state_)) events.add(StreamEvent::accepted);
}

void Stream::on_opening_acked() { opening_state_ = Opening::known; }

void Stream::on_opening_lost() {
  if (opening_state_ == Opening::in_flight) opening_state_ = Opening::due;
}

void Stream::set_ring(std::uint8_t ring) {
  opening_.ring = ring;
  // An opening that is due once more may have arrived already, with the ring before.
  if (opening_state_ != Opening::due || left_) frames.add(DueFrame::priority);
}

void Stream::on_priority_update(std::uint8_t ring, std::uint64_t packet) {
  if (packet < ring_packet_) return;
  ring_packet_ = packet;
  ring = std::min(ring, static_cast<std::uint8_t>(kRings - 1));
  if (opening_state_ == Opening::awaited) early_ring_ = ring;
  opening_.ring = ring;
}

// ---- Sending half

void Stream::write(Slice data) {
  if (closed_to_writer()) return;
  out_.write(std::move(data));
  if (out_.unsent_octets() >= limits::kStreamUnsentOctets - kWorthWriting) busy_writer_ = true;
  if (writable() == 0) writer_waits_ = true;
  tell_blocked();
}

void Stream::finish() {
  if (!closed_to_writer()) out_.finish();
  writer_waits_ = false;
}

void Stream::reset(StreamCode code) {
  if (terminal(send_state_) || is_reset(send_state_)) return;
  reset_code_ = code;
  out_.reset();
  send_state_ = SendState::reset_sent;
  writer_waits_ = false;
  events.remove(StreamEvent::writable);
  frames.remove(DueFrame::blocked);
  frames.add(DueFrame::reset);
}

std::size_t Stream::writable() const {
  if (closed_to_writer()) return 0;
  const std::uint64_t unsent = out_.unsent_octets();
  return unsent >= limits::kStreamUnsentOctets ? 0 : limits::kStreamUnsentOctets - static_cast<std::size_t>(unsent);
}

Waiting Stream::waiting_to_send() const {
  if (is_reset(send_state_)) return {};
  const std::uint64_t limit = send_window_.limit();
  const bool opens = opening_state_ == Opening::due;
  // A lost opening or FIN goes again even where the link allows no new octets: the peer cannot read, and so gives no
  // credit, before it knows the stream.
  const bool frame_lost = (opens && left_) || out_.fin_lost();
  const std::uint64_t lost = std::max<std::uint64_t>(out_.lost_octets(), frame_lost ? 1 : 0);
  const std::uint64_t octets = out_.sendable_octets(limit);
  if (octets > 0) return {octets, lost};
  if (!out_.has_range(limit) && !opens) return {};
  return {1, lost};
}

SendRange Stream::take(std::size_t max, std::uint64_t link_credit) {
  left_ = true;
  if (opening_state_ == Opening::due) opening_state_ = Opening::in_flight;
  const SendRange range = out_.take(max, std::min(send_window_.limit(), out_.sent() + link_credit));
  if (send_state_ == SendState::ready) send_state_ = SendState::send;
  if (range.fin == Fin::present) send_state_ = SendState::data_sent;
  if (out_.unsent_octets() == 0) busy_writer_ = false;
  if (writer_waits_ && writable() >= kWorthWriting) {
    writer_waits_ = false;
    events.add(StreamEvent::writable);
  }
  tell_blocked();
  return range;
}

void Stream::tell_blocked() {
  if (out_.unsent_octets() > 0 && send_window_.available(out_.sent()) == 0 && send_window_.must_tell_blocked()) {
    frames.add(DueFrame::blocked);
  }
}

void Stream::on_range_acked(const SendRange& range) {
  if (is_reset(send_state_)) return;
  out_.on_acked(range);
  if (out_.all_acked()) send_state_ = SendState::data_recvd;
}

void Stream::on_range_lost(const SendRange& range) {
  if (!is_reset(send_state_)) out_.on_lost(range);
}

void Stream::on_reset_acked() {
  if (send_state_ == SendState::reset_sent) send_state_ = SendState::reset_recvd;
}

void Stream::on_reset_lost() {
  if (send_state_ == SendState::reset_sent) frames.add(DueFrame::reset);
}

void Stream::on_max_data(std::uint64_t limit) {
  if (send_window_.raise(limit)) frames.remove(DueFrame::blocked);
  if (!is_reset(send_state_)) tell_blocked();
}

void Stream::on_blocked_lost(std::uint64_t limit) {
  if (!is_reset(send_state_) && out_.unsent_octets() > 0 && send_window_.blocked_lost(limit, out_.sent())) {
    frames.add(DueFrame::blocked);
  }
}

void Stream::on_stop(StreamCode code) {
  if (terminal(send_state_) || is_reset(send_state_)) return;
  reset(code);
  end_code_ = code;
  events.add(StreamEvent::stop);
}

// ---- Receiving half

StreamFault Stream::on_data(std::uint64_t offset, Bytes data, Fin fin) {
  if (!receive_window_.allows(offset + data.size())) return StreamFault::flow_control;
  const std::size_t before = incoming.size();
  const StreamFault fault = in_.insert(offset, data, fin, incoming);
  if (fault != StreamFault::none) return fault;
  if (incoming.size() > before) events.add(StreamEvent::data);
  settle_received();
  return StreamFault::none;
}

/// RFC 9000 §3.2, as far as the octets and the reader have come.
void Stream::settle_received() {
  if (receive_state_ == ReceiveState::recv && in_.final_size()) {
    receive_state_ = ReceiveState::size_known;
    frames.remove(DueFrame::max_data);
  }
  if (receive_state_ == ReceiveState::size_known && in_.complete()) {
    receive_state_ = ReceiveState::data_recvd;
    frames.remove(DueFrame::stop);
    if (!discarding_) events.add(StreamEvent::end);
  }
  if (receive_state_ != ReceiveState::data_recvd) return;
  const bool read = end_told_ && receive_window_.consumed() == in_.delivered();
  if (read || discarding_) receive_state_ = ReceiveState::data_read;
}

StreamFault Stream::on_reset(StreamCode code, std::uint64_t final_size) {
  if (!receive_window_.allows(final_size)) return StreamFault::flow_control;
  const StreamFault fault = in_.set_final_size(final_size);
  if (fault != StreamFault::none) return fault;
  if (receive_state_ != ReceiveState::recv && receive_state_ != ReceiveState::size_known) return StreamFault::none;
  const bool wanted = !discarding_;
  discard();
  frames.remove(DueFrame::stop);
  receive_state_ = ReceiveState::reset_read;
  if (!wanted) return StreamFault::none;  // the answer to our own STOP_SENDING
  // To the gateways a stream that one end resets is dead both ways.
  reset(StreamCode::cancelled);
  events.clear();
  if (handle == nullptr) return StreamFault::none;
  receive_state_ = ReceiveState::reset_received;
  end_code_ = code;
  abort_reason_ = "the other gateway reset the stream";
  events.add(StreamEvent::abort);
  return StreamFault::none;
}

void Stream::give_up(StreamCode code, const char* reason) {
  reset(code);
  stop(code);
  events.clear();
  end_code_ = code;
  abort_reason_ = reason;
  events.add(StreamEvent::abort);
}

void Stream::stop(StreamCode code) {
  if (discarding_ || terminal(receive_state_)) return;
  discard();
  if (receive_state_ == ReceiveState::recv) {
    stop_code_ = code;
    frames.add(DueFrame::stop);
  }
  settle_received();
}

void Stream::on_stop_lost() {
  if (receive_state_ == ReceiveState::recv) frames.add(DueFrame::stop);
}

/// Nobody reads any more.
void Stream::discard() {
  discarding_ = true;
  in_.discard();
  incoming.clear();
  events.remove(StreamEvent::data);
  events.remove(StreamEvent::end);
  frames.remove(DueFrame::max_data);
}

Slice Stream::give(Time now) {
  if (unread_octets() == 0) unread_since_ = now;
  Slice slice = incoming.pop_front();
  if (incoming.empty()) events.remove(StreamEvent::data);
  return slice;
}

std::uint64_t Stream::consume(std::uint64_t octets, Time now, Duration round_trip, WindowGrowth growth) {
  if (discarding_) return 0;
  octets = std::min(octets, unread_octets());
  unread_since_ = now;
  if (receive_window_.consume(octets) && receive_state_ == ReceiveState::recv) {
    receive_window_.renew(now, round_trip, growth);
    frames.add(DueFrame::max_data);
  }
  settle_received();
  return octets;
}

std::uint64_t Stream::consume_discarded() {
  if (!discarding_) return 0;
  const std::uint64_t octets = in_.highest() - receive_window_.consumed();
  receive_window_.consume(octets);
  return octets;
}

void Stream::on_max_data_lost(std::uint64_t limit) {
  if (receive_state_ == ReceiveState::recv && !discarding_ && receive_window_.lost(limit)) {
    frames.add(DueFrame::max_data);
  }
}

void Stream::on_end_told() {
  end_told_ = true;
  settle_received();
}

void Stream::on_abort_told() {
  if (receive_state_ == ReceiveState::reset_received) receive_state_ = ReceiveState::reset_read;
}

}  // namespace ringway::tmp

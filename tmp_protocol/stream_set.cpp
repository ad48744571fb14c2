#include "tmp_protocol/stream_set.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/limits.h"
#include "tmp_protocol/stream_handle.h"

namespace ringway::tmp {

namespace {

/// Client connections that are told apart when they are counted; more do not change a window any further.
constexpr std::size_t kHostedCounted = 4096;

}  // namespace

StreamLimits StreamSet::first_limits(const EndpointSettings& settings) {
  return {std::min(limits::kFirstLinkWindowOctets, settings.max_link_receive_octets),
          std::min(limits::kFirstStreamWindowOctets, settings.max_stream_receive_octets), settings.max_streams};
}

StreamSet::StreamSet(Initiator self, const EndpointSettings& settings, const StreamLimits& peer,
                     MemoryBudget* process_budget, const Clock& clock, SegmentOverhead overhead, StreamSetHost& host)
    : clock_(clock),
      overhead_(overhead),
      host_(host),
      process_budget_(process_budget),
      first_windows_{peer.max_stream_data, first_limits(settings).max_stream_data, settings.max_stream_receive_octets},
      blender_(settings.rings, settings.site_weights),
      table_(self, settings.max_streams, peer.max_streams),
      receive_window_(first_limits(settings).max_data, settings.max_link_receive_octets, clock.now()),
      loan_(process_budget),
      send_window_(peer.max_data),
      hosted_(kHostedCounted) {
  if (process_budget_ != nullptr) process_budget_->take(receive_window_.window());
}

StreamSet::~StreamSet() {
  if (process_budget_ != nullptr) process_budget_->give_back(receive_window_.window());
  table_.for_each([this](Stream& stream) { close(stream); });
}

void StreamSet::update(const EndpointSettings& settings) { blender_.update(settings.rings, settings.site_weights); }

std::uint32_t StreamSet::hosted() {
  hosted_.expire(clock_.now(), round_trip_);
  return hosted_.count();
}

void StreamSet::set_packet_octets(std::size_t octets) { blender_.set_packet_octets(octets); }

// ---- What the gateways do

std::unique_ptr<LinkStream> StreamSet::open(const StreamOpening& opening, ByteStreamHandler& handler) {
  if (lost_) return nullptr;
  Stream* stream = table_.open(first_windows_, clock_.now());
  if (stream == nullptr) {
    if (table_.must_tell_blocked()) link_frames_.add(LinkFrame::streams_blocked);
    wake();
    return nullptr;
  }
  stream->set_opening(opening);
  blender_.add(*stream, opening.ring, opening.site, opening.connection);
  auto handle = std::make_unique<StreamHandle>(*this, *stream, &handler);
  settle_and_wake(*stream);
  return handle;
}

void StreamSet::write(Stream& stream, Slice data) {
  stream.write(std::move(data));
  hosted_.touch(stream.opening().connection, clock_.now());
  settle_and_wake(stream);
}

void StreamSet::finish(Stream& stream) {
  stream.finish();
  settle_and_wake(stream);
}

void StreamSet::stop(Stream& stream, StreamCode code) {
  stream.stop(code);
  settle_and_wake(stream);
}

void StreamSet::abort(Stream& stream, StreamCode code) {
  stream.reset(code);
  stream.stop(code);
  stream.events.clear();
  settle_and_wake(stream);
}

void StreamSet::forget(Stream& stream, StreamCode code) {
  if (!stream.closed_to_writer()) {
    abort(stream, code);
    return;
  }
  stream.stop(code);
  stream.events.clear();
  stream.progress = clock_.now();
  if (!terminal(stream.send_state())) forgotten_.push_back(stream);
  settle_and_wake(stream);
}

void StreamSet::consumed(Stream& stream, std::uint64_t octets) {
  credit_link(loan_.repay(stream.consume(octets, clock_.now(), round_trip_, stream_growth(stream))));
  settle_and_wake(stream);
}

void StreamSet::set_ring(Stream& stream, std::uint8_t ring) {
  ring = std::min(ring, static_cast<std::uint8_t>(kRings - 1));
  if (ring == stream.opening().ring) return;
  stream.set_ring(ring);
  blender_.move(stream, ring);
  settle_and_wake(stream);
}

void StreamSet::handler_changed(Stream& stream) { settle_and_wake(stream); }

// ---- After everything that happens to a stream

void StreamSet::settle(Stream& stream) {
  credit_link(loan_.repay(stream.consume_discarded()));
  if (stream.added()) blender_.set_waiting(stream, stream.waiting_to_send());
  list(stream);
  if (!stream.over() || stream.events.has(StreamEvent::accepted)) return;
  if (stream.handle != nullptr && !stream.events.empty()) return;
  if (dispatching_) {
    retired_.push_back(stream.id());
  } else {
    close(stream);
  }
}

/// Puts the stream into the lists that it belongs to now.
void StreamSet::list(Stream& stream) {
  if (frames_.linked(stream) == stream.frames.empty()) {
    stream.frames.empty() ? frames_.remove(stream) : frames_.push_back(stream);
  }
  if (events_.linked(stream) != may_tell(stream)) {
    may_tell(stream) ? events_.push_back(stream) : events_.remove(stream);
  }
  if (forgotten_.linked(stream) && terminal(stream.send_state())) forgotten_.remove(stream);
  const bool promises = stream.promises_more();
  if (promises && !promising_.linked(stream)) promising_.push_back(stream);
  if (!promises && promising_.linked(stream)) promising_.remove(stream);
}

void StreamSet::settle_and_wake(Stream& stream) {
  settle(stream);
  wake();
}

void StreamSet::wake() {
  if (!dispatching_ && (has_output() || needs_dispatch())) host_.on_streams_wake();
}

/// Takes the stream out of everything; its handle, where it has one still, is left without.
void StreamSet::close(Stream& stream) {
  if (stream.handle != nullptr) stream.handle->release();
  if (frames_.linked(stream)) frames_.remove(stream);
  if (events_.linked(stream)) events_.remove(stream);
  if (forgotten_.linked(stream)) forgotten_.remove(stream);
  if (promising_.linked(stream)) promising_.remove(stream);
  if (stream.added()) blender_.remove(stream);
  table_.close(stream);
  give_stream_credit();
}

void StreamSet::give_stream_credit() {
  if (!table_.credit_due()) return;
  table_.renew_credit();
  link_frames_.add(LinkFrame::max_streams);
}

void StreamSet::close_retired() {
  for (const std::uint64_t id : std::exchange(retired_, {})) {
    if (Stream* stream = table_.find(id)) close(*stream);
  }
}

WindowGrowth StreamSet::link_growth() const {
  return process_budget_ == nullptr ? WindowGrowth::allow : process_budget_->advice(receive_window_.window());
}

WindowGrowth StreamSet::stream_growth(const Stream& stream) const {
  return process_budget_ == nullptr
             ? WindowGrowth::allow
             : process_budget_->stream_advice(stream.receive_window().window(), stream.receive_window().grown());
}

/// Memory is accounted by the link's window, which bounds what is under way to all its readers, and by the loan.
void StreamSet::credit_link(std::uint64_t octets) {
  if (octets == 0 || !receive_window_.consume(octets)) return;
  const std::uint64_t before = receive_window_.window();
  receive_window_.renew(clock_.now(), round_trip_, link_growth());
  if (process_budget_ != nullptr) {
    process_budget_->take(receive_window_.window());
    process_budget_->give_back(before);
  }
  link_frames_.add(LinkFrame::max_data);
}

// ---- What the handlers hear

bool StreamSet::may_tell(const Stream& stream) const {
  if (stream.events.has(StreamEvent::accepted)) return true;
  return !stream.events.empty() && stream.handle != nullptr && stream.handle->handler_ != nullptr;
}

bool StreamSet::needs_dispatch() const { return !events_.empty(); }

void StreamSet::dispatch() {
  if (dispatching_) return;
  dispatching_ = true;
  while (!events_.empty()) {
    Stream& stream = *events_.front();
    events_.remove(stream);
    tell(stream);
    settle(stream);
  }
  dispatching_ = false;
  close_retired();
  if (lost_) lose(*std::exchange(lost_, std::nullopt));
}

/// No stream is destroyed meanwhile, but any call may take the handle or its handler away.
void StreamSet::tell(Stream& stream) {
  if (stream.events.has(StreamEvent::accepted)) accept(stream);
  tell_data(stream);
  const auto next = [&stream](StreamEvent event) -> ByteStreamHandler* {
    ByteStreamHandler* handler = stream.handle == nullptr ? nullptr : stream.handle->handler_;
    if (handler == nullptr || !stream.events.has(event)) return nullptr;
    stream.events.remove(event);
    return handler;
  };
  if (ByteStreamHandler* handler = next(StreamEvent::end)) {
    stream.on_end_told();
    handler->on_end();
  }
  if (ByteStreamHandler* handler = next(StreamEvent::writable)) handler->on_writable();
  if (ByteStreamHandler* handler = next(StreamEvent::stop)) handler->on_stop(stream.end_code());
  if (ByteStreamHandler* handler = next(StreamEvent::abort)) {
    stream.on_abort_told();
    stream.handle->release();
    handler->on_abort({stream.end_code(), stream.abort_reason()});
  }
}

void StreamSet::accept(Stream& stream) {
  stream.events.remove(StreamEvent::accepted);
  host_.on_stream_accepted(std::make_unique<StreamHandle>(*this, stream, nullptr), stream.opening());
}

void StreamSet::tell_data(Stream& stream) {
  while (stream.events.has(StreamEvent::data) && may_tell(stream)) {
    Slice slice = stream.give(clock_.now());
    credit_link(loan_.lend(slice.size()));
    stream.handle->handler_->on_data(std::move(slice));
  }
}

void StreamSet::lose(const StreamEnd& end) {
  lost_ = end;
  if (dispatching_) return;
  dispatching_ = true;
  table_.for_each([&end](Stream& stream) {
    if (stream.handle == nullptr) return;
    ByteStreamHandler* handler = stream.handle->handler_;
    stream.handle->release();
    if (handler != nullptr) handler->on_abort(end);
  });
  dispatching_ = false;
  retired_.clear();
  table_.for_each([this](Stream& stream) { close(stream); });
}

void StreamSet::expire() {
  end_forgotten();
  if (loan_.take_refused()) end_stalled_readers();
}

void StreamSet::end_forgotten() {
  Stream* stream = forgotten_.front();
  if (stream == nullptr) return;
  const Time before = clock_.now() - limits::kStreamLingerLimit;
  do {
    Stream& each = *std::exchange(stream, forgotten_.next(*stream));
    if (each.progress >= before || is_reset(each.send_state())) continue;
    each.reset(StreamCode::timed_out);
    settle(each);
  } while (stream != forgotten_.front());
}

/// Those that hold most go first, until a window's worth is free.
void StreamSet::end_stalled_readers() {
  const Time before = clock_.now() - limits::kStalledReaderLimit;
  std::vector<Stream*> stalled;
  table_.for_each([&stalled, before](Stream& stream) {
    if (stream.handle != nullptr && stream.unread_octets() > 0 && stream.unread_since() < before)
      stalled.push_back(&stream);
  });
  std::ranges::sort(stalled, std::greater<>(), &Stream::unread_octets);
  std::uint64_t freed = 0;
  for (Stream* stream : stalled) {
    if (freed >= receive_window_.window()) return;
    freed += stream->unread_octets();
    stream->give_up(StreamCode::timed_out, "memory is short, and the reader took nothing for seconds");
    settle(*stream);
  }
}

}  // namespace ringway::tmp

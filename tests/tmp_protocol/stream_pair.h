#pragma once
// Two StreamSets with a network between them that loses, doubles and reorders what a seed says. Packets are plain
// structures: nothing of the wire is in these tests.

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tmp_protocol/stream_handle.h"
#include "tmp_protocol/stream_set.h"

namespace ringway::tmp::testing {

class TestClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  void advance(Duration by) { now_ += by; }

 private:
  Time now_{std::chrono::seconds(1000)};
};

struct SentStreamFrame {
  SentSegment sent;
  StreamOpening opening;
  std::string octets;
};

struct TestPacket {
  std::uint64_t number = 0;
  std::vector<ControlFrame> controls;
  std::vector<SentStreamFrame> segments;
  [[nodiscard]] bool empty() const { return controls.empty() && segments.empty(); }
};

inline constexpr std::size_t kTestPacketOctets = 1400;

inline std::size_t test_overhead(const Stream& stream, const Segment& segment) {
  return 8 + (segment.opens ? 8 + stream.opening().site.size() : 0);
}

/// One end: a StreamSet, what it was told, and its packets.
class StreamEndpoint final : public StreamSetHost {
 public:
  StreamEndpoint(Initiator self, const EndpointSettings& settings, const EndpointSettings& peer, const Clock& clock)
      : set_(std::make_unique<StreamSet>(self, settings, StreamSet::first_limits(peer), nullptr, clock, test_overhead,
                                         *this)) {
    set_->set_packet_octets(kTestPacketOctets);
    set_->set_round_trip(std::chrono::milliseconds(10));
  }

  StreamSet& set() { return *set_; }
  void destroy_set() { set_.reset(); }

  void on_streams_wake() override { ++wakes; }
  void on_stream_accepted(std::unique_ptr<LinkStream> stream, const StreamOpening& opening) override {
    if (on_accept) on_accept(std::move(stream), opening);
  }

  /// The next packet; empty where nothing is due.
  TestPacket build() {
    TestPacket packet;
    packet.number = next_number_++;
    std::size_t room = kTestPacketOctets;
    while (const std::optional<ControlFrame> frame = set_->next_control()) {
      if (room < 24) return packet;
      room -= 24;
      packet.controls.push_back(*frame);
      set_->pop_control();
    }
    Segment segment;
    while (set_->next_segment(room, segment)) {
      std::string octets(segment.range.octets, '\0');
      segment.stream->copy_out(segment.range.offset, {reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
      room -= test_overhead(*segment.stream, segment) + octets.size();
      packet.segments.push_back(
          {{segment.stream->id(), segment.range, segment.opens}, segment.stream->opening(), std::move(octets)});
    }
    return packet;
  }

  /// Takes a packet of the other end; the first fault in it.
  StreamFault receive(const TestPacket& packet) {
    for (const ControlFrame& frame : packet.controls) {
      if (const StreamFault fault = receive(frame, packet); fault != StreamFault::none) return fault;
    }
    for (const SentStreamFrame& frame : packet.segments) {
      const SentSegment& sent = frame.sent;
      StreamFault fault = StreamFault::none;
      if (sent.opens) fault = set_->on_stream_open(sent.id, frame.opening);
      if (fault != StreamFault::none) return fault;
      fault = set_->on_stream(sent.id, sent.range.offset, as_bytes(frame.octets), sent.range.fin);
      if (fault != StreamFault::none) return fault;
    }
    return StreamFault::none;
  }

  void acked(const TestPacket& packet) {
    for (const ControlFrame& frame : packet.controls) set_->on_control_acked(frame);
    for (const SentStreamFrame& frame : packet.segments) set_->on_segment_acked(frame.sent);
  }

  void lost(const TestPacket& packet) {
    for (const ControlFrame& frame : packet.controls) set_->on_control_lost(frame);
    for (const SentStreamFrame& frame : packet.segments) set_->on_segment_lost(frame.sent);
  }

  std::function<void(std::unique_ptr<LinkStream>, const StreamOpening&)> on_accept;
  int wakes = 0;

 private:
  StreamFault receive(const ControlFrame& frame, const TestPacket& packet) {
    using Kind = ControlFrame::Kind;
    switch (frame.kind) {
      case Kind::reset_stream: return set_->on_reset_stream(frame.id, frame.code, frame.value);
      case Kind::stop_sending: return set_->on_stop_sending(frame.id, frame.code);
      case Kind::max_stream_data: return set_->on_max_stream_data(frame.id, frame.value);
      case Kind::stream_data_blocked: return set_->on_stream_data_blocked(frame.id, frame.value);
      case Kind::priority_update: return set_->on_priority_update(frame.id, frame.ring, packet.number);
      case Kind::max_data: return set_->on_max_data(frame.value);
      case Kind::data_blocked: return set_->on_data_blocked(frame.value);
      case Kind::max_streams: return set_->on_max_streams(frame.value);
      case Kind::streams_blocked: return set_->on_streams_blocked(frame.value);
    }
    return StreamFault::none;
  }

  std::unique_ptr<StreamSet> set_;
  std::uint64_t next_number_ = 0;
};

/// What a gateway would do with a stream: keeps all it hears, and gives octets back at once unless told not to.
class RecordingHandler : public ByteStreamHandler {
 public:
  void on_data(Slice data) override {
    text += as_text(data.bytes());
    if (consume && stream != nullptr) stream->consumed(data.size());
    if (then_data) then_data();
  }
  void on_end() override {
    ++ends;
    if (then_end) then_end();
  }
  void on_writable() override {
    ++writables;
    if (then_writable) then_writable();
  }
  void on_stop(StreamCode code) override { stops.push_back(code); }
  void on_abort(const StreamEnd& end) override {
    aborts.push_back(end.code);
    if (then_abort) then_abort();
  }

  std::unique_ptr<LinkStream> stream;
  bool consume = true;
  std::string text;
  int ends = 0;
  int writables = 0;
  std::vector<StreamCode> stops;
  std::vector<StreamCode> aborts;
  std::function<void()> then_data, then_end, then_writable, then_abort;
};

inline Slice slice_of(std::string_view text) {
  ByteQueue queue;
  queue.append(text);
  return queue.pop_front();
}

/// `size` octets that tell their stream and place.
inline std::string pattern(std::size_t size, std::uint64_t seed = 0) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>((i * 131 + (i >> 8) * 7 + seed * 29) & 0xff);
  }
  return text;
}

class StreamPair {
 public:
  explicit StreamPair(const EndpointSettings& settings = {}, std::uint64_t seed = 1)
      : StreamPair(settings, settings, seed) {}
  StreamPair(const EndpointSettings& connecting, const EndpointSettings& accepting, std::uint64_t seed)
      : random(seed),
        a(Initiator::connecting, connecting, accepting, clock),
        b(Initiator::accepting, accepting, connecting, clock) {
    b.on_accept = [this](std::unique_ptr<LinkStream> stream, const StreamOpening& opening) {
      openings.push_back(opening);
      accepted.push_back(std::make_unique<RecordingHandler>());
      accepted.back()->stream = std::move(stream);
      accepted.back()->stream->set_handler(accepted.back().get());
      if (then_accept) then_accept(*accepted.back());
    };
  }

  std::unique_ptr<RecordingHandler> open(std::uint8_t ring = 2, std::uint32_t connection = 1,
                                         const std::string& site = "site") {
    auto handler = std::make_unique<RecordingHandler>();
    StreamOpening opening;
    opening.ring = ring;
    opening.connection = connection;
    opening.site = site;
    handler->stream = a.set().open(opening, *handler);
    return handler;
  }

  /// Carries packets both ways until neither end has any; false where that takes too long.
  bool settle(int rounds = 100000) {
    while (rounds-- > 0) {
      clock.advance(std::chrono::milliseconds(1));
      const bool a_sent = step(a, b, to_b_);
      const bool b_sent = step(b, a, to_a_);
      a.set().dispatch();
      b.set().dispatch();
      if (!a_sent && !b_sent && !a.set().has_output() && !b.set().has_output() && to_a_.empty() && to_b_.empty())
        return true;
    }
    return false;
  }

  TestClock clock;
  SeededRandom random;
  double loss = 0;                        // of packets
  double doubling = 0;                    // of packets
  double reordering = 0;                  // of packets that wait for a later step
  StreamFault fault = StreamFault::none;  // the first of either end
  std::vector<StreamOpening> openings;
  std::vector<std::unique_ptr<RecordingHandler>> accepted;
  std::function<void(RecordingHandler&)> then_accept;
  StreamEndpoint a;
  StreamEndpoint b;

 private:
  bool step(StreamEndpoint& from, StreamEndpoint& to, std::deque<TestPacket>& way) {
    for (int i = 0; i < 8; ++i) {
      TestPacket packet = from.build();
      if (packet.empty()) break;
      way.push_back(std::move(packet));
    }
    const bool busy = !way.empty();
    std::deque<TestPacket> later;
    for (TestPacket& packet : std::exchange(way, {})) {
      if (random.unit() < loss) {
        from.lost(packet);
      } else if (random.unit() < reordering) {
        later.push_back(std::move(packet));
      } else {
        deliver(from, to, packet);
      }
    }
    way = std::move(later);
    return busy;
  }

  void deliver(StreamEndpoint& from, StreamEndpoint& to, const TestPacket& packet) {
    note(to.receive(packet));
    if (random.unit() < doubling) note(to.receive(packet));
    if (loss > 0 && random.unit() < loss) {
      from.lost(packet);  // a spurious loss: the packet came, its acknowledgement comes late
      if (random.unit() < 0.5) from.acked(packet);
    } else {
      from.acked(packet);
    }
  }

  void note(StreamFault each) {
    if (fault == StreamFault::none) fault = each;
  }

  std::deque<TestPacket> to_a_;
  std::deque<TestPacket> to_b_;
};

}  // namespace ringway::tmp::testing

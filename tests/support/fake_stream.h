#pragma once
// A byte stream whose other end is the test.

#include <memory>
#include <string>

#include "base/byte_stream.h"
#include "tmp_protocol/link.h"

namespace ringway::testing {

/// What the test sees and does at the far end. Lives as long as anybody holds it.
struct FarEnd {
  ByteStreamHandler* handler = nullptr;  // null once the near end is gone or dead
  ByteQueue received;                    // written at the near end
  std::size_t window = 1 << 20;          // what writable() starts from
  std::size_t credit = 0;                // octets given back by consumed()
  bool finished = false;
  bool stopped = false;
  bool aborted = false;
  bool left = true;                    // LinkStream::left()
  int ring = -1;                       // last set_ring()
  StreamCode code = StreamCode::none;  // of the stop or the abort

  void send(std::string_view text) {
    ByteQueue octets;
    octets.append(text);
    while (!octets.empty() && handler != nullptr) handler->on_data(octets.pop_front());
  }
  void end() {
    if (handler != nullptr) handler->on_end();
  }
  void abort(StreamCode why) {
    if (ByteStreamHandler* heard = std::exchange(handler, nullptr)) heard->on_abort({why, "by the test"});
  }
  void writable() {
    if (handler != nullptr) handler->on_writable();
  }
  /// Everything received so far, taken out.
  std::string take() {
    std::string text = received.text();
    received.clear();
    return text;
  }
};

class FakeStream final : public tmp::LinkStream {
 public:
  explicit FakeStream(std::shared_ptr<FarEnd> far) : far_(std::move(far)) {}
  ~FakeStream() override {
    far_->handler = nullptr;
    if (!far_->finished && !far_->aborted) {
      far_->aborted = true;
      far_->code = StreamCode::cancelled;
    }
  }
  FakeStream(const FakeStream&) = delete;
  FakeStream& operator=(const FakeStream&) = delete;

  void set_handler(ByteStreamHandler* handler) override { far_->handler = handler; }
  void write(Slice data) override { far_->received.append(std::move(data)); }
  void write(ByteQueue& data) override { far_->received.append(data); }
  [[nodiscard]] std::size_t writable() const override {
    return far_->window > far_->received.size() ? far_->window - far_->received.size() : 0;
  }
  void finish() override { far_->finished = true; }
  void stop(StreamCode code) override {
    far_->stopped = true;
    far_->code = code;
  }
  void abort(StreamCode code) override {
    far_->aborted = true;
    far_->code = code;
    far_->handler = nullptr;
  }
  void consumed(std::size_t count) override { far_->credit += count; }
  void set_ring(std::uint8_t ring) override { far_->ring = ring; }
  [[nodiscard]] bool left() const override { return far_->left; }

 private:
  std::shared_ptr<FarEnd> far_;
};

/// A link that is up, and remembers every stream that was opened.
class FakeLink final : public tmp::Link {
 public:
  explicit FakeLink(std::string peer) : peer_(std::move(peer)) {
    quality_.smoothed_rtt = std::chrono::milliseconds(10);
  }

  [[nodiscard]] bool up() const override { return up_; }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  std::unique_ptr<tmp::LinkStream> open(const tmp::StreamOpening& opening, ByteStreamHandler& handler) override {
    if (!up_) return nullptr;
    auto far = std::make_shared<FarEnd>();
    far->handler = &handler;
    opened.push_back(far);
    openings.push_back(opening);
    return std::make_unique<FakeStream>(std::move(far));
  }
  [[nodiscard]] std::size_t streams() const override { return opened.size(); }
  [[nodiscard]] tmp::LinkQuality quality() const override { return quality_; }
  [[nodiscard]] const tmp::LinkCounters& counters() const override { return counters_; }
  void drain() override {}
  void close(const std::string& /*reason*/) override { up_ = false; }

  void set_up(bool up) { up_ = up; }
  void set_silence(Duration silence) { quality_.silence = silence; }
  void hear() { ++counters_.packets_received; }
  void set_round_trip(Duration round_trip) { quality_.smoothed_rtt = round_trip; }

  std::vector<std::shared_ptr<FarEnd>> opened;
  std::vector<tmp::StreamOpening> openings;

 private:
  std::string peer_;
  bool up_ = true;
  tmp::LinkQuality quality_;
  tmp::LinkCounters counters_;
};

}  // namespace ringway::testing

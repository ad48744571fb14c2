#pragma once
// Two byte streams joined end to end: what comes from one goes to the other, with back-pressure, half-close,
// stop and abort passed on. Raw TCP sites and upgraded connections are this.

#include <cstdint>
#include <functional>
#include <memory>

#include "base/byte_stream.h"

namespace ringway {

class Splice {
 public:
  /// `on_done` is called once, when both directions have ended or either side aborted; it may destroy the
  /// splice. The streams' handlers are set here.
  Splice(std::unique_ptr<ByteStream> left, std::unique_ptr<ByteStream> right,
         std::function<void(const StreamEnd&)> on_done);
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;
  ~Splice();

  /// Octets passed on so far.
  [[nodiscard]] std::uint64_t left_to_right() const { return left_.passed; }
  [[nodiscard]] std::uint64_t right_to_left() const { return right_.passed; }
  /// Aborts both sides; `on_done` is not called.
  void abort(StreamCode code);
  /// What came from the left before the splice was made, and has no credit yet.
  void feed_left(ByteQueue& early);
  /// The left had sent all it will before the splice was made.
  void end_left() { left_.on_end(); }

 private:
  /// What comes from one side. `other` is where it goes.
  class End final : public ByteStreamHandler {
   public:
    End(Splice& owner, std::unique_ptr<ByteStream> own) : stream(std::move(own)), owner_(owner) {}
    void on_data(Slice data) override;
    void on_end() override;
    void on_writable() override;
    void on_stop(StreamCode code) override;
    void on_abort(const StreamEnd& end) override;

    /// Gives credit for what the other side took.
    void give_credit();

    std::unique_ptr<ByteStream> stream;
    End* other = nullptr;
    std::uint64_t passed = 0;
    std::size_t uncredited = 0;
    bool ended = false;  // nothing more comes from this side

   private:
    Splice& owner_;
  };

  void finish_if_done();

  End left_;
  End right_;
  std::function<void(const StreamEnd&)> on_done_;
};

}  // namespace ringway

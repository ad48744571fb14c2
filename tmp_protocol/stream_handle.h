#pragma once
// A stream as the gateways hold it. Belongs to the gateway; outlives the stream and the link where it must, and then
// does nothing. Destroying it aborts the stream, unless it was finished: then what was written goes on until
// acknowledged. One that the peer opened and that never had a handler is refused.

#include "tmp_protocol/link.h"
#include "tmp_protocol/stream.h"

namespace ringway::tmp {

class StreamSet;

class StreamHandle final : public LinkStream {
 public:
  /// For StreamSet: binds both ways.
  StreamHandle(StreamSet& set, Stream& stream, ByteStreamHandler* handler);
  ~StreamHandle() override;
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;

  void set_handler(ByteStreamHandler* handler) override;
  void write(Slice data) override;
  void write(ByteQueue& data) override;
  [[nodiscard]] std::size_t writable() const override;
  void finish() override;
  void stop(StreamCode code) override;
  void abort(StreamCode code) override;
  void consumed(std::size_t count) override;
  void set_ring(std::uint8_t ring) override;
  [[nodiscard]] bool left() const override;

 private:
  friend class StreamSet;
  /// Unbinds both ways: the stream is dead to the gateway.
  void release();

  StreamSet* set_;  // null once released
  Stream* stream_;
  ByteStreamHandler* handler_;
  bool had_handler_;
  bool left_ = false;  // what left() says once released
};

}  // namespace ringway::tmp

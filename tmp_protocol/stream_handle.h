#pragma once
// A stream as the gateways hold it. Belongs to the gateway; outlives the stream and the link where it must, and then does
// nothing. Destroying it aborts the stream, unless it was finished: then what was written goes on until acknowledged.

#include <cstdint>

#include "tmp_protocol/link.h"
#include "tmp_protocol/stream.h"

namespace ringway::tmp {

class StreamSet;

class StreamHandle final : public LinkStream {
 public:
  /// Binds both ways; the set unbinds it when the stream dies first.
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
  StreamSet* set_;  // null once the stream is dead
  Stream* stream_;
  ByteStreamHandler* handler_;
  bool left_ = false;  // what left() says once the stream is dead
};

}  // namespace ringway::tmp

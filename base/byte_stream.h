#pragma once
// A reliable two-way stream of octets with back-pressure: a TCP connection, TLS over one, a TMP stream,
// or a simulated one. Gateways are written against this and never learn which it is.

#include <cstdint>
#include <string>

#include "base/byte_queue.h"
#include "base/result.h"

namespace ringway {

/// Why a stream is ended early; the numbers cross the link (docs/tmp.md, "Stream codes").
enum class StreamCode : std::uint32_t {
  none = 0,
  cancelled = 1,          // the other end of the exchange went away
  refused = 2,            // nothing of it was passed on: doing it again is safe
  internal = 3,           // a fault of the gateway
  timed_out = 4,          // the peer beyond the gateway was silent
  too_large = 5,          // over a limit
  origin_failed = 6,      // the origin refused, closed early or spoke nonsense, after it was reached
  malformed = 7,          // the content broke its framing
  unwanted = 8,           // with `stop`: the rest is not needed, the exchange goes on
  link_lost = 9,          // never on the wire: the link itself is gone
  connection_failed = 10  // never on the wire: TCP refused, reset or timed out
};

std::string_view stream_code_name(StreamCode code);

/// Why a stream ended; `message` is for the log.
struct StreamEnd {
  StreamCode code = StreamCode::none;
  std::string message;
};

/// The reader's and writer's side. No function of ByteStream calls the handler before it returns.
/// A handler may destroy its stream, and itself, in any of these calls.
class ByteStreamHandler {
 public:
  virtual ~ByteStreamHandler() = default;
  /// A connection that was being made is made. Never called for accepted streams.
  virtual void on_open() {}
  /// Octets in order. Each must be given back with `consumed()` when it has been passed on.
  virtual void on_data(Slice data) = 0;
  /// The peer has sent all it will; writing may go on.
  virtual void on_end() = 0;
  /// `writable()` is above zero again after a write had brought it to zero.
  virtual void on_writable() = 0;
  /// The peer wants no more of what is written here; reading goes on.
  virtual void on_stop(StreamCode code) = 0;
  /// The stream is dead both ways; nothing follows. Also when connecting failed.
  virtual void on_abort(const StreamEnd& end) = 0;
};

/// Destroying one aborts it with `cancelled`, unless `finish()` was called: then what was written still
/// leaves, within the owner's bounds of time, and what still comes in is dropped.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual void set_handler(ByteStreamHandler* handler) = 0;

  /// Takes all. The writer keeps memory bounded by not writing while `writable()` is zero.
  virtual void write(Slice data) = 0;
  virtual void write(ByteQueue& data) = 0;
  /// How many octets it would like now: what is unsent counts against a bound of its own.
  [[nodiscard]] virtual std::size_t writable() const = 0;
  /// Nothing more will be written (FIN).
  virtual void finish() = 0;

  /// Nothing more is wanted: what still arrives is dropped.
  virtual void stop(StreamCode code) = 0;
  /// Dead both ways at once; the handler is not called again.
  virtual void abort(StreamCode code) = 0;
  /// `count` octets of on_data() were passed on; the peer may send as many more.
  virtual void consumed(std::size_t count) = 0;
};

}  // namespace ringway

#pragma once
// One exchange on a TMP stream (docs/tmp.md, "HTTP"): records of a kind and a length, without any state
// shared between streams. Content that is worth it crosses as zstd.

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_queue.h"
#include "base/result.h"
#include "http/message.h"

namespace ringway::http {

/// How content crosses the link; each record of content says it for itself.
enum class LinkCoding : std::uint8_t { identity = 0, zstd = 1 };

inline constexpr std::size_t kMaxRequestIdOctets = 64;
inline constexpr std::size_t kMaxOriginNameOctets = 255;

/// What the front-end tells the back-end beside the head.
struct RequestContext {
  std::string request_id;  // visible ASCII, at most kMaxRequestIdOctets; anything else crosses as empty
};

/// What the back-end tells the front-end beside the head; goes to the access log.
struct ResponseContext {
  std::string origin;           // the origin that answered, visible ASCII; empty where none was reached
  std::uint32_t queue_us = 0;   // waited for an origin
  std::uint32_t origin_us = 0;  // from the request's last written head octet to the response's head
  bool from_gateway = false;    // the back-end itself answers (502, 503, 504)
};

/// Whether content of this head should cross compressed: a compressible type, not yet encoded, no
/// `Cache-Control: no-transform` needed since the coding is undone, and at least 1400 octets where the length is known.
LinkCoding choose_coding(const Fields& fields, Content content);

/// Writes one direction of one exchange.
class ExchangeWriter {
 public:
  ExchangeWriter();
  ~ExchangeWriter();
  ExchangeWriter(ExchangeWriter&&) noexcept;
  ExchangeWriter& operator=(ExchangeWriter&&) noexcept;

  void request_head(ByteQueue& out, const RequestHead& head, Content content, const RequestContext& context);
  void interim_head(ByteQueue& out, const ResponseHead& head);
  void response_head(ByteQueue& out, const ResponseHead& head, Content content, const ResponseContext& context);
  /// Everything given comes out at once: a compressor is flushed with each call.
  void content(ByteQueue& out, Slice data);
  /// The last record; the stream is finished after it.
  void complete(ByteQueue& out, const Fields& trailers);

  /// Octets of content before and after the link coding.
  [[nodiscard]] std::uint64_t content_in() const;
  [[nodiscard]] std::uint64_t content_out() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// An event may destroy the reader.
class ExchangeEvents {
 public:
  virtual ~ExchangeEvents() = default;
  /// The request direction alone.
  virtual void on_exchange_request(RequestHead /*head*/, Content /*content*/, RequestContext /*context*/) {}
  /// The response direction alone.
  virtual void on_exchange_interim(ResponseHead /*head*/) {}
  virtual void on_exchange_response(ResponseHead /*head*/, Content /*content*/, ResponseContext /*context*/) {}
  virtual void on_exchange_content(Slice data) = 0;
  virtual void on_exchange_complete(Fields trailers) = 0;
};

/// Reads one direction. Records that the direction does not have are errors, and so is content that is not as
/// long as its head says: longer at once, shorter when it is complete. (A response may have none of what it
/// announces: to HEAD.) After an upgrade was asked for or agreed to, content is the other protocol's octets.
class ExchangeReader {
 public:
  enum class Direction : std::uint8_t { request, response };
  ExchangeReader(Direction direction, ExchangeEvents& events);
  ~ExchangeReader();
  ExchangeReader(const ExchangeReader&) = delete;
  ExchangeReader& operator=(const ExchangeReader&) = delete;

  /// Decoded content is at most limits::kMaxDecodedPerFeed octets a call: the rest waits inside, and
  /// `pending()` says so; feed an empty slice to go on when there is room again.
  Status feed(const Slice& data);
  [[nodiscard]] bool pending() const;
  /// The whole message was seen; the stream may end.
  [[nodiscard]] bool complete() const;
  /// Octets of content as they came, and decoded.
  [[nodiscard]] std::uint64_t content_in() const;
  [[nodiscard]] std::uint64_t content_out() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringway::http

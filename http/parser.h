#pragma once
// HTTP/1.1 messages from octets (RFC 9112): llhttp in strict mode, and this project's own checks of what
// llhttp lets pass. Content is handed on as it comes, by reference, never held.

#include <cstdint>
#include <memory>
#include <string>

#include "base/chunk.h"
#include "base/result.h"
#include "http/message.h"

namespace ringway::http {

struct ParserLimits {
  std::size_t head_octets = 64 * 1024;        // whole head: 431
  std::size_t target_octets = 16 * 1024;      // 414
  std::size_t fields = 200;                   // 431
  std::uint64_t content_octets = UINT64_MAX;  // 413
  friend bool operator==(const ParserLimits&, const ParserLimits&) = default;
};

/// What is wrong with a message and the status to answer it with: 400, 413, 414, 417, 431, 501 or 505 for a
/// request; 502 for a response.
struct ParseError {
  int status = 400;
  std::string message;
};

/// An event may destroy the parser, or begin its next message.
class RequestEvents {
 public:
  virtual ~RequestEvents() = default;
  virtual void on_request_head(RequestHead head, Content content) = 0;
  virtual void on_request_content(Slice content) = 0;
  /// The message is whole; `trailers` may be empty.
  virtual void on_request_complete(Fields trailers) = 0;
};

/// Parses the requests of one connection, one after the other.
class RequestParser {
 public:
  RequestParser(RequestEvents& events, const ParserLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Parses until the end of `data` or of the present message, whichever is first, and returns the octets
  /// taken. The rest belongs to the next request or, after an upgrade, to the other protocol.
  /// 0 with non-empty data only after an error or while a finished message was not yet `next()`ed.
  std::size_t feed(const Slice& data);
  /// Set once; nothing is parsed after it.
  [[nodiscard]] const ParseError* error() const;
  /// Between messages with no octet of the next one seen.
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool complete() const;  // the present message ended; next() begins another
  void next();
  /// How much content the present message may have, and later ones, once its site is known: set it in
  /// on_request_head(), and a length over it that the head announced is an error at once.
  void set_content_limit(std::uint64_t octets);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;  // null while idle: an idle connection holds no parser
  RequestEvents& events_;
  ParserLimits limits_;
};

/// An event may destroy the parser, or begin its next response.
class ResponseEvents {
 public:
  virtual ~ResponseEvents() = default;
  /// 100, 102, 103. Never 101.
  virtual void on_interim_head(ResponseHead head) = 0;
  /// With status 101 all later octets belong to the other protocol, and on_response_complete() does not come.
  virtual void on_response_head(ResponseHead head, Content content) = 0;
  virtual void on_response_content(Slice content) = 0;
  virtual void on_response_complete(Fields trailers) = 0;
};

/// Parses the responses of one connection to an origin.
class ResponseParser {
 public:
  ResponseParser(ResponseEvents& events, const ParserLimits& limits);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  /// Begins the response to a request of this method: it decides whether content follows.
  void begin(std::string_view method);
  std::size_t feed(const Slice& data);
  /// The origin closed. Completes content that lasts until close; otherwise an error.
  void finish();
  [[nodiscard]] const ParseError* error() const;
  [[nodiscard]] bool complete() const;
  /// Whether any octet of the present response was seen.
  [[nodiscard]] bool begun() const;

 private:
  class Impl;
  ResponseEvents& events_;
  ParserLimits limits_;
  std::unique_ptr<Impl> impl_;  // null until begin()
};

}  // namespace ringway::http

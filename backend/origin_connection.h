#pragma once
// One HTTP/1.1 connection to an origin: in use by one exchange at a time, or idle in its server's pool.

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_stream.h"
#include "base/time.h"
#include "http/parser.h"

namespace ringway::backend {

class OriginServer;

/// Why a request to an origin came to nothing.
struct OriginFailure {
  StreamCode code = StreamCode::origin_failed;
  std::string message;
  bool written = false;  // something of the request may have reached the origin
  bool begun = false;    // something of the response came back
  bool reused = false;   // the connection had served before: it may just have been closed while idle
};

/// The exchange that has a connection.
class OriginUser : public http::ResponseEvents {
 public:
  /// From now on the request is being written: it is not safe to do again elsewhere.
  virtual void on_origin_reached() = 0;
  virtual void on_origin_writable() = 0;
  /// What the origin sent last was handed over; OriginConnection::credit() is due once it has been passed on.
  virtual void on_origin_read() = 0;
  /// After a 101: octets of the other protocol, and their end.
  virtual void on_origin_tunnel(Slice data) = 0;
  virtual void on_origin_tunnel_end() = 0;
  /// The connection is dead; the last call.
  virtual void on_origin_failed(const OriginFailure& failure) = 0;
};

class OriginConnection final : private ByteStreamHandler, private http::ResponseEvents {
 public:
  OriginConnection(OriginServer& server, const http::ParserLimits& limits);
  OriginConnection(const OriginConnection&) = delete;
  OriginConnection& operator=(const OriginConnection&) = delete;
  ~OriginConnection() override = default;

  /// Begins an exchange: the user hears of everything until detach().
  void begin(OriginUser& user, std::string_view method);
  void write(ByteQueue& data);
  [[nodiscard]] std::size_t writable() const { return opened_ ? stream_->writable() : 0; }
  /// All that was read so far, heads and framing included, has been passed on: the origin may send as much again.
  void credit();
  /// After a 101: nothing more goes to the origin.
  void finish() { stream_->finish(); }
  /// No user from now on.
  void detach();
  [[nodiscard]] bool opened() const { return opened_; }

  [[nodiscard]] Time idle_since() const { return idle_since_; }
  void set_idle_since(Time now) { idle_since_ = now; }

 private:
  void on_open() override;
  void on_data(Slice data) override;
  void on_end() override;
  void on_writable() override;
  void on_stop(StreamCode code) override;
  void on_abort(const StreamEnd& end) override;

  void on_interim_head(http::ResponseHead head) override;
  void on_response_head(http::ResponseHead head, http::Content content) override;
  void on_response_content(Slice content) override;
  void on_response_complete(http::Fields trailers) override;

  void hand_over(Slice data);
  void parse(Slice data);
  void fail(StreamCode code, std::string message);

  OriginServer& server_;
  http::ResponseParser parser_;
  std::unique_ptr<ByteStream> stream_;
  OriginUser* user_ = nullptr;
  unsigned served_ = 0;  // exchanges begun
  Time idle_since_ = kNever;
  std::size_t uncredited_ = 0;
  bool opened_ = false;
  bool tunnel_ = false;
};

}  // namespace ringway::backend

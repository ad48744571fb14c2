#pragma once
// One HTTP/1.1 connection to the manager: whole requests out of octets, replies into them, one at a time. Sans-IO.
//
//   idle ──octets──▶ reading ──whole──▶ answering ──reply──▶ idle
//                       │                   └──stream──▶ streaming until either end goes
//                       └──wrong, too large, too slow──▶ a problem, then closed

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_stream.h"
#include "base/loop.h"
#include "http/parser.h"
#include "manager/rest/message.h"

namespace ringway::manager {

class HttpSession;

/// One request that waits for its reply. Whoever answers later keeps it; the connection may go meanwhile.
class Call {
 public:
  Request request;

  /// Once, and not after stream(); nothing happens where the connection is gone.
  void reply(const Reply& reply);
  /// A reply without an end: `body` is its beginning. For server-sent events.
  void stream(const Reply& head);
  /// False where the connection is gone, or its client reads so slowly that it is cut off now.
  bool send(std::string_view text);
  /// No more follows; the connection is closed after what was sent.
  void end();
  [[nodiscard]] bool gone() const { return session_ == nullptr; }

 private:
  friend class HttpSession;
  HttpSession* session_ = nullptr;  // null: gone, or answered
};
using CallPtr = std::shared_ptr<Call>;

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void on_call(const CallPtr& call) = 0;
  /// `session` has ended, and is destroyed before this returns or soon.
  virtual void on_session_end(HttpSession& session) = 0;
};

/// From whom the connection comes.
struct HttpClient {
  IpAddress remote;
  std::optional<tmp::PeerCertificate> certificate;  // by which it has proven itself
};

class HttpSession final : public ByteStreamHandler, private http::RequestEvents {
 public:
  /// The handler and the loop outlive it.
  HttpSession(std::unique_ptr<ByteStream> stream, HttpClient client, Loop loop, HttpHandler& handler);
  ~HttpSession() override;

  void on_data(Slice data) override;
  void on_end() override { end(); }
  void on_writable() override;
  void on_stop(StreamCode /*code*/) override { end(); }
  void on_abort(const StreamEnd& /*end*/) override { end(); }

 private:
  friend class Call;

  void on_request_head(http::RequestHead head, http::Content content) override;
  void on_request_content(Slice content) override;
  void on_request_complete(http::Fields trailers) override;

  void on_limit();
  void read_on();
  void read_soon();
  void begin_call();
  void answer(const Reply& reply);
  void open_stream(const Reply& head);
  bool push(std::string_view text);
  void refuse(int status, const std::string& reason);
  void write_head(const Reply& reply, http::Content content);
  void flush();
  void end();

  std::unique_ptr<ByteStream> stream_;
  HttpClient client_;
  Loop loop_;
  HttpHandler& handler_;
  http::RequestParser parser_;
  Timer limit_;         // of the idle time, or of a request's reading
  ByteQueue received_;  // not yet parsed: what follows the request in work
  ByteQueue unsent_;
  http::RequestHead head_;
  std::string body_;
  CallPtr call_;  // the one in work
  bool streaming_ = false;
  bool closing_ = false;  // after what is unsent
  bool ended_ = false;
};

}  // namespace ringway::manager

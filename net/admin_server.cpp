#include "net/admin_server.h"

#include <algorithm>
#include <list>
#include <map>

#include "http/parser.h"
#include "http/serializer.h"
#include "net/listener.h"

namespace ringway::net {

namespace {

constexpr std::size_t kMaxConnections = 64;
/// From one request to the end of the next one's head.
constexpr Duration kIdleLimit = std::chrono::seconds(15);

http::ParserLimits parser_limits() {
  http::ParserLimits limits;
  limits.head_octets = std::size_t{16} * 1024;
  limits.content_octets = 0;
  return limits;
}

AdminAnswer plain(int status) {
  return {status, "text/plain; charset=utf-8", std::string(http::reason_phrase(status)) + "\n"};
}

}  // namespace

class AdminServer::Impl final : public AcceptHandler {
 public:
  explicit Impl(Worker& worker) : worker_(worker) {}

  Status start(const SocketAddress& address) {
    ListenSettings settings;
    settings.address = address;
    settings.max_connections = kMaxConnections;
    Result<std::unique_ptr<Listener>> listener = Listener::open(worker_, settings, *this);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    return {};
  }

  void on_accept(std::unique_ptr<ByteStream> stream, const AcceptedInfo& /*info*/) override {
    Session& session = sessions_.emplace_back(*this, std::move(stream));
    session.start(std::prev(sessions_.end()));
  }

  void handle(std::string path, Handler answer) { answers_[std::move(path)] = std::move(answer); }
  [[nodiscard]] SocketAddress address() const { return listener_->address(); }

 private:
  /// One connection. What comes in waits until the answers before it have left.
  class Session final : public ByteStreamHandler, private http::RequestEvents {
   public:
    Session(Impl& server, std::unique_ptr<ByteStream> stream)
        : server_(server),
          stream_(std::move(stream)),
          parser_(*this, parser_limits()),
          idle_(server.worker_.loop().timers, [this] { leave(); }) {}

    void start(std::list<Session>::iterator place) {
      place_ = place;
      stream_->set_handler(this);
      idle_.arm(server_.worker_.now() + kIdleLimit);
    }

    void on_data(Slice data) override {
      waiting_.append(std::move(data));
      go_on();
    }
    void on_end() override { leave(); }
    void on_writable() override { go_on(); }
    void on_stop(StreamCode /*code*/) override {}
    void on_abort(const StreamEnd& /*end*/) override { leave(); }

   private:
    void on_request_head(http::RequestHead head, http::Content /*content*/) override { head_ = std::move(head); }
    void on_request_content(Slice /*content*/) override {}
    void on_request_complete(http::Fields /*trailers*/) override {}

    /// Last in what calls it: it may destroy the session.
    void go_on() {
      while (!waiting_.empty() && stream_->writable() > 0 && !closing_) {
        const Slice data = waiting_.front();
        const std::size_t taken = parser_.feed(data);
        waiting_.remove_prefix(taken);
        stream_->consumed(taken);
        if (parser_.error() != nullptr) {
          closing_ = true;
          write(plain(parser_.error()->status));
        } else if (parser_.complete()) {
          closing_ = !head_.keep_alive;
          write(server_.answer(head_));
          parser_.next();
          idle_.arm(server_.worker_.now() + kIdleLimit);
        }
      }
      if (closing_) leave();
    }

    void write(const AdminAnswer& answer) {
      http::ResponseHead head;
      head.status = answer.status;
      head.reason = http::reason_phrase(answer.status);
      head.fields.add("content-type", answer.content_type);
      head.fields.add("cache-control", "no-store");
      if (answer.status == 405) head.fields.add("allow", "GET, HEAD");
      ByteQueue out;
      http::write_response_head(out, head, {http::Content::Kind::length, answer.body.size()},
                                closing_ ? "close" : "keep-alive");
      if (head_.method != "HEAD") out.append(std::string_view(answer.body));
      stream_->write(out);
    }

    void leave() {
      stream_->finish();
      server_.sessions_.erase(place_);
    }

    Impl& server_;
    std::unique_ptr<ByteStream> stream_;
    http::RequestParser parser_;
    Timer idle_;
    ByteQueue waiting_;
    http::RequestHead head_;
    bool closing_ = false;
    std::list<Session>::iterator place_;
  };

  [[nodiscard]] AdminAnswer answer(const http::RequestHead& head) const {
    const std::string_view target = head.target;
    const std::size_t end = std::min(target.find('?'), target.size());
    const auto found = answers_.find(target.substr(0, end));
    if (found == answers_.end()) return plain(404);
    if (head.method != "GET" && head.method != "HEAD") return plain(405);
    return found->second(target.substr(std::min(end + 1, target.size())));
  }

  Worker& worker_;
  std::map<std::string, Handler, std::less<>> answers_;
  std::list<Session> sessions_;
  std::unique_ptr<Listener> listener_;
};

Result<std::unique_ptr<AdminServer>> AdminServer::open(Worker& worker, const SocketAddress& address) {
  auto impl = std::make_unique<Impl>(worker);
  const Status started = impl->start(address);
  if (!started) return started.error();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

void AdminServer::handle(std::string path, Handler answer) { impl_->handle(std::move(path), std::move(answer)); }
SocketAddress AdminServer::address() const { return impl_->address(); }

}  // namespace ringway::net

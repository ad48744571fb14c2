#include "manager/rest/http_session.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "http/serializer.h"
#include "manager/rest/problem.h"

namespace ringway::manager {

namespace {

http::ParserLimits parser_limits() {
  http::ParserLimits limits;
  limits.head_octets = limits::kMaxApiHeadOctets;
  limits.content_octets = limits::kMaxApiBodyOctets;
  return limits;
}

std::string request_id(Random& random) { return fmt::format("{:016x}", random.next()); }

Problem problem_of(int status, const std::string& reason) {
  Problem problem = status == 413 ? too_large(reason) : bad_request(reason);
  problem.status = status;
  return problem;
}

}  // namespace

void Call::reply(const Reply& reply) {
  if (session_ != nullptr) std::exchange(session_, nullptr)->answer(reply);
}

void Call::stream(const Reply& head) {
  if (session_ != nullptr) session_->open_stream(head);
}

bool Call::send(std::string_view text) { return session_ != nullptr && session_->push(text); }

void Call::end() {
  if (session_ != nullptr) session_->end();
}

HttpSession::HttpSession(std::unique_ptr<ByteStream> stream, HttpClient client, Loop loop, HttpHandler& handler)
    : stream_(std::move(stream)),
      client_(std::move(client)),
      loop_(loop),
      handler_(handler),
      parser_(*this, parser_limits()),
      limit_(loop.timers, [this] { on_limit(); }) {
  stream_->set_handler(this);
  limit_.arm(loop_.now() + limits::kApiIdleLimit);
}

HttpSession::~HttpSession() {
  if (call_ != nullptr) call_->session_ = nullptr;
}

void HttpSession::on_data(Slice data) {
  if (streaming_) return stream_->consumed(data.size());  // nothing follows a stream
  received_.append(std::move(data));
  read_on();
}

/// Octets wait only for a reply before them: then it is their turn. Without any, the client took too long, and so it
/// did where it has not taken the reply.
void HttpSession::on_limit() { received_.empty() || !unsent_.empty() ? end() : read_on(); }

void HttpSession::on_writable() {
  flush();
  read_soon();
}

/// In a turn of its own: the caller may be in the middle of something.
void HttpSession::read_soon() {
  if (!received_.empty() && unsent_.empty() && call_ == nullptr && !ended_) limit_.arm(loop_.now());
}

/// One reply at a time: who sends requests and reads no replies is not read from either. Last in what calls it: it may
/// end the session.
void HttpSession::read_on() {
  while (!received_.empty() && unsent_.empty() && call_ == nullptr && !closing_ && !ended_) {
    if (parser_.idle()) limit_.arm(loop_.now() + limits::kApiReadLimit);
    const Slice data = received_.front();
    const std::size_t taken = parser_.feed(data);
    received_.remove_prefix(taken);
    stream_->consumed(taken);
    if (parser_.error() != nullptr) return refuse(parser_.error()->status, parser_.error()->message);
    if (parser_.complete()) begin_call();
  }
}

void HttpSession::on_request_head(http::RequestHead head, http::Content /*content*/) {
  head_ = std::move(head);
  body_.clear();
}

void HttpSession::on_request_content(Slice content) {
  body_.append(reinterpret_cast<const char*>(content.data()), content.size());
}

void HttpSession::on_request_complete(http::Fields /*trailers*/) {}

void HttpSession::begin_call() {
  const std::optional<RequestTarget> target = parse_target(head_.target);
  if (!target) return refuse(400, "the target is no path of percent-encoded UTF-8");
  limit_.cancel();
  call_ = std::make_shared<Call>();
  call_->session_ = this;
  Request& request = call_->request;
  request.method = head_.method;
  request.path = target->path;
  request.query = target->query;
  request.fields = std::move(head_.fields);
  request.fields.add("host", head_.authority);
  request.body = std::exchange(body_, {});
  request.remote = client_.remote;
  request.certificate = client_.certificate;
  request.id = request_id(loop_.random);
  handler_.on_call(CallPtr(call_));
}

void HttpSession::answer(const Reply& reply) {
  closing_ = !head_.keep_alive;
  write_head(reply, {http::Content::Kind::length, reply.body.size()});
  if (head_.method != "HEAD") unsent_.append(std::string_view(reply.body));
  call_.reset();
  parser_.next();
  limit_.arm(loop_.now() + limits::kApiIdleLimit);
  flush();
  read_soon();
}

void HttpSession::open_stream(const Reply& head) {
  streaming_ = true;
  closing_ = false;
  write_head(head, {http::Content::Kind::until_close, 0});
  push(head.body);
}

bool HttpSession::push(std::string_view text) {
  if (unsent_.size() + text.size() > limits::kMaxApiUnsentOctets) {
    end();
    return false;
  }
  unsent_.append(text);
  flush();
  return !ended_;
}

void HttpSession::refuse(int status, const std::string& reason) {
  const Problem problem = problem_of(status, reason);
  head_.keep_alive = false;
  Reply reply;
  reply.status = status;
  reply.type = "application/problem+json";
  reply.body = problem_json(problem, "", request_id(loop_.random));
  closing_ = true;
  write_head(reply, {http::Content::Kind::length, reply.body.size()});
  unsent_.append(std::string_view(reply.body));
  flush();
}

void HttpSession::write_head(const Reply& reply, http::Content content) {
  http::ResponseHead head;
  head.status = reply.status;
  head.reason = http::reason_phrase(reply.status);
  head.fields.add("content-type", reply.type);
  for (const auto& [name, value] : reply.fields) head.fields.add(name, value);
  const bool last = closing_ || content.kind == http::Content::Kind::until_close;
  http::write_response_head(unsent_, head, content, last ? "close" : "keep-alive");
}

void HttpSession::flush() {
  while (!unsent_.empty() && stream_->writable() > 0) stream_->write(unsent_.pop_front());
  if (closing_ && unsent_.empty()) end();
}

void HttpSession::end() {
  if (std::exchange(ended_, true)) return;
  limit_.cancel();
  stream_->finish();
  if (call_ != nullptr) call_->session_ = nullptr;
  handler_.on_session_end(*this);
}

}  // namespace ringway::manager

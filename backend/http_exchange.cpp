#include "backend/http_exchange.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "http/gateway_answer.h"
#include "http/serializer.h"

namespace ringway::backend {

namespace {

const SiteTimeouts& timeouts_of(const SiteService& site) { return site.settings().timeouts; }

}  // namespace

HttpExchange::HttpExchange(ExchangeContext& context, std::shared_ptr<SiteService> site,
                           std::unique_ptr<tmp::LinkStream> stream, const tmp::StreamOpening& opening,
                           std::string frontend, std::function<void(HttpExchange&)> on_done)
    : context_(context),
      site_(std::move(site)),
      stream_(std::move(stream)),
      ring_(opening.ring),
      frontend_(std::move(frontend)),
      on_done_(std::move(on_done)),
      reader_(http::ExchangeReader::Direction::request, *this),
      entered_(context.loop.now()),
      timer_(context.loop.timers, [this] { on_timeout(); }) {
  stream_->set_handler(this);
  timer_.arm(entered_ + timeouts_of(*site_).stall);
}

HttpExchange::~HttpExchange() {
  if (state_ == State::waiting) site_->leave(*this);
  if (connection_ != nullptr) server_->discard(std::move(connection_));
}

// ---- The link's side ----

void HttpExchange::on_data(Slice data) {
  if (state_ == State::done) return;
  uncredited_link_ += data.size();
  const Status status = reader_.feed(data);
  if (!status) {
    abort(StreamCode::malformed, status.error().message);
    return;
  }
  note_progress();
  if (state_ == State::reading && have_head_) begin();
  pump_request();
}

void HttpExchange::on_end() {
  if (state_ == State::done || reader_.complete() || reader_.pending()) return;
  abort(StreamCode::malformed, "the front-end ended the stream inside the request");
}

void HttpExchange::on_writable() {
  if (state_ == State::done) return;
  note_progress();
  credit_origin();
}

void HttpExchange::on_stop(StreamCode code) {
  abort(StreamCode::cancelled, "the front-end wants no response: " + std::string(stream_code_name(code)));
}

void HttpExchange::on_abort(const StreamEnd& end) {
  if (state_ == State::done) return;
  release_origin(false);
  finish(stream_code_name(end.code == StreamCode::none ? StreamCode::cancelled : end.code));
}

void HttpExchange::on_exchange_request(http::RequestHead head, http::Content content, http::RequestContext context) {
  head_ = std::move(head);
  content_ = content;
  request_ = std::move(context);
  have_head_ = true;
}

void HttpExchange::on_exchange_content(Slice data) {
  if (state_ != State::done) waiting_content_.append(std::move(data));
}

void HttpExchange::on_exchange_complete(http::Fields trailers) {
  request_complete_ = true;
  request_trailers_ = std::move(trailers);
}

// ---- The queue ----

void HttpExchange::begin() {
  entered_ = context_.loop.now();
  if (site_->serves_host(head_.authority)) {
    find_origin();
  } else {
    answer(421, "This site does not have that host.");
  }
}

void HttpExchange::find_origin() {
  state_ = State::waiting;
  switch (site_->enter(*this, ring_)) {
    case SiteService::Place::taken: break;
    case SiteService::Place::waiting: timer_.arm(context_.loop.now() + timeouts_of(*site_).queue); break;
    case SiteService::Place::full: answer(503, "Too many requests are waiting for this site."); break;
    case SiteService::Place::none_left: answer(502, "No server of this site could be reached."); break;
  }
}

void HttpExchange::on_turn(OriginServer& server) {
  state_ = State::active;
  server_ = &server;
  turn_ = context_.loop.now();
  queue_us_ = microseconds_since(entered_);
  const bool once_only = !http::is_idempotent(head_.method) || !replayable_;
  const auto reuse = once_only || force_fresh_ ? OriginServer::Reuse::fresh : OriginServer::Reuse::idle;
  connection_ = server.acquire(reuse);
  timer_.arm(turn_ + timeouts_of(*site_).connect);
  connection_->begin(*this, head_.method);
  write_request();
  pump_request();
}

// ---- The request, towards the origin ----

void HttpExchange::write_request() {
  ByteQueue out;
  http::write_request_head(out, head_, content_);
  connection_->write(out);
  // What an earlier origin had been given goes first.
  ByteQueue again;
  again.swap(replay_);
  again.append(waiting_content_);
  waiting_content_.swap(again);
  request_written_ = false;
}

/// Moves content on while the origin takes it, then gives the link as much credit.
void HttpExchange::pump_request() {
  while (state_ == State::active && !request_written_ && connection_->writable() > 0) {
    if (!waiting_content_.empty()) {
      write_content(waiting_content_.pop_front());
    } else if (reader_.pending()) {
      const Status status = reader_.feed(Slice());
      if (!status) return abort(StreamCode::malformed, status.error().message);
      if (waiting_content_.empty() && !request_complete_) break;
    } else if (request_complete_) {
      write_request_end();
    } else {
      break;
    }
  }
  credit_link();
}

void HttpExchange::write_content(Slice data) {
  keep_for_replay(data);
  ByteQueue out;
  if (content_.kind == http::Content::Kind::chunked && !tunnel_) {
    http::write_chunk(out, std::move(data));
  } else {
    out.append(std::move(data));
  }
  connection_->write(out);
}

void HttpExchange::write_request_end() {
  request_written_ = true;
  if (tunnel_) {
    connection_->finish();
  } else if (content_.kind == http::Content::Kind::chunked) {
    ByteQueue out;
    http::write_last_chunk(out, request_trailers_);
    connection_->write(out);
  }
  note_progress();
  if (origin_ended_) end_tunnel();
}

void HttpExchange::keep_for_replay(const Slice& data) {
  if (!replayable_) return;
  if (replay_.size() + data.size() <= limits::kMaxReplayOctets) {
    replay_.append(data);
  } else {
    replayable_ = false;
    replay_.clear();
  }
}

void HttpExchange::credit_link() {
  const bool room = state_ == State::active && connection_->writable() > 0 && waiting_content_.empty();
  if (uncredited_link_ == 0 || !(room || state_ == State::reading)) return;
  stream_->consumed(std::exchange(uncredited_link_, 0));
}

// ---- The response, towards the link ----

void HttpExchange::on_origin_reached() { timer_.arm(context_.loop.now() + timeouts_of(*site_).response); }

void HttpExchange::on_origin_writable() {
  note_progress();
  pump_request();
}

void HttpExchange::on_interim_head(http::ResponseHead head) {
  http::remove_hop_by_hop(head.fields);
  ByteQueue out;
  writer_.interim_head(out, head);
  send(out);
}

void HttpExchange::on_response_head(http::ResponseHead head, http::Content content) {
  if (head.status == 101 && head_.upgrade.empty()) {
    release_origin(false);
    return answer(502, "The site's server changed the protocol unasked.");
  }
  response_begun_ = true;
  replayable_ = false;
  replay_.clear();
  status_ = head.status;
  origin_us_ = microseconds_since(turn_);
  tunnel_ = head.status == 101;
  origin_keeps_alive_ = head.keep_alive && !tunnel_ && content.kind != http::Content::Kind::until_close;
  http::remove_hop_by_hop(head.fields);
  http::ResponseContext context;
  context.origin = server_->settings().name;
  context.queue_us = queue_us_;
  context.origin_us = origin_us_;
  ByteQueue out;
  writer_.response_head(out, head, content, context);
  send(out);
  note_progress();
  if (tunnel_) pump_request();
}

void HttpExchange::on_response_content(Slice content) {
  note_progress();
  ByteQueue out;
  writer_.content(out, std::move(content));
  send(out);
}

void HttpExchange::on_response_complete(http::Fields trailers) {
  ByteQueue out;
  writer_.complete(out, trailers);
  send(out);
  stream_->finish();
  if (!request_complete_) stream_->stop(StreamCode::unwanted);
  release_origin(request_written_);
  finish("ok");
}

void HttpExchange::on_origin_tunnel(Slice data) { on_response_content(std::move(data)); }

/// The origin's half is closed; the client's may go on until it ends too.
void HttpExchange::on_origin_tunnel_end() {
  origin_ended_ = true;
  ByteQueue out;
  writer_.complete(out, {});
  send(out);
  stream_->finish();
  if (request_written_) end_tunnel();
}

void HttpExchange::end_tunnel() {
  release_origin(false);
  finish("ok");
}

void HttpExchange::send(ByteQueue& out) { stream_->write(out); }

void HttpExchange::credit_origin() {
  if (connection_ != nullptr && stream_->writable() > 0) connection_->credit();
}

// ---- Failure ----

void HttpExchange::on_origin_failed(const OriginFailure& failure) {
  if (state_ != State::active) return;
  const bool again = may_replay(failure);
  if (failure.reused && again) {
    force_fresh_ = true;  // the server is well; only the connection was old
  } else {
    site_->mark_tried(tried_, *server_);
  }
  if (failure.written) server_->note_failure();
  release_origin(false);
  if (again) {
    find_origin();
  } else if (response_begun_) {
    abort(StreamCode::origin_failed, failure.message);
  } else if (failure.code == StreamCode::timed_out) {
    answer(504, "The site's server did not answer in time.");
  } else {
    answer(502, "The site's server could not be reached or broke off.");
  }
}

/// Safe to do again: nothing of it reached the origin, or doing it twice is the same as once.
bool HttpExchange::may_replay(const OriginFailure& failure) const {
  if (response_begun_ || failure.begun || !replayable_) return false;
  if (!failure.written) return true;
  return http::is_idempotent(head_.method) && failure.code != StreamCode::timed_out;
}

void HttpExchange::on_timeout() {
  switch (state_) {
    case State::reading: return abort(StreamCode::timed_out, "the front-end was silent");
    case State::waiting: site_->leave(*this); return answer(503, "The site's servers are all busy.");
    case State::active: {
      OriginFailure failure;
      failure.code = StreamCode::timed_out;
      failure.message = "the origin was silent";
      failure.written = connection_->opened();
      if (!failure.written) server_->note_connect_failure();
      return on_origin_failed(failure);
    }
    case State::done: return;
  }
}

void HttpExchange::note_progress() {
  if (state_ != State::active || !connection_->opened()) return;
  const SiteTimeouts& timeouts = timeouts_of(*site_);
  const bool awaiting_head = request_written_ && !response_begun_;
  timer_.arm(context_.loop.now() + (tunnel_ ? timeouts.idle : awaiting_head ? timeouts.response : timeouts.stall));
}

/// The gateway's own answer in the origin's place.
void HttpExchange::answer(int status, std::string_view reason) {
  status_ = status;
  http::GatewayAnswer page = http::gateway_answer(status, reason, request_.request_id);
  http::ResponseContext context;
  context.queue_us = microseconds_since(entered_);
  context.from_gateway = true;
  ByteQueue out;
  const http::Content content{http::Content::Kind::length, page.body.size()};
  writer_.response_head(out, page.head, content, context);
  if (head_.method != "HEAD") {
    ByteQueue body;
    body.append(std::string_view(page.body));
    while (!body.empty()) writer_.content(out, body.pop_front());
  }
  writer_.complete(out, {});
  send(out);
  stream_->finish();
  if (!request_complete_) stream_->stop(StreamCode::unwanted);
  finish("gateway");
}

void HttpExchange::abort(StreamCode code, const std::string& message) {
  if (state_ == State::done) return;
  if (state_ == State::waiting) site_->leave(*this);
  stream_->abort(code);
  release_origin(false);
  finish(message.empty() ? stream_code_name(code) : std::string_view(message));
}

void HttpExchange::release_origin(bool reusable) {
  if (connection_ == nullptr) return;
  if (reusable && origin_keeps_alive_) {
    server_->release(std::move(connection_));
  } else {
    server_->discard(std::move(connection_));
  }
  // After this turn of calls: who is next in the queue must not find itself inside this exchange's.
  context_.loop.deferred.post([site = site_] { site->serve_queue(); });
}

void HttpExchange::finish(std::string_view outcome) {
  if (state_ == State::waiting) site_->leave(*this);
  state_ = State::done;
  timer_.cancel();
  if (context_.access_log != nullptr) log(outcome);
  on_done_(*this);
}

void HttpExchange::log(std::string_view outcome) {
  http::AccessRecord record;
  record.time = context_.loop.clock.wall();
  record.request_id = request_.request_id;
  record.site = site_->settings().name;
  record.method = head_.method;
  record.authority = head_.authority;
  record.target = head_.target;
  record.status = status_;
  record.ring = ring_;
  record.link = frontend_;
  record.origin = server_ == nullptr ? std::string() : server_->settings().name;
  record.outcome = outcome;
  record.request_octets = reader_.content_out();
  record.response_octets = writer_.content_in();
  record.total = context_.loop.now() - entered_;
  record.queue = std::chrono::microseconds(queue_us_);
  record.origin_time = std::chrono::microseconds(origin_us_);
  context_.access_log->write(record);
}

std::uint32_t HttpExchange::microseconds_since(Time since) const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(context_.loop.now() - since).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(elapsed, UINT32_MAX));
}

}  // namespace ringway::backend

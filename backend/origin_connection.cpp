#include "backend/origin_connection.h"

#include <utility>

#include "backend/origin_server.h"

namespace ringway::backend {

OriginConnection::OriginConnection(OriginServer& server, const http::ParserLimits& limits)
    : server_(server), parser_(*this, limits) {
  const Origin& origin = server.settings();
  stream_ = server.connector().connect(origin.address, origin.tls ? &*origin.tls : nullptr, *this);
}

void OriginConnection::begin(OriginUser& user, std::string_view method) {
  user_ = &user;
  ++served_;
  parser_.begin(method);
  if (opened_) user.on_origin_reached();
}

void OriginConnection::write(ByteQueue& data) { stream_->write(data); }

void OriginConnection::credit() {
  if (uncredited_ > 0) stream_->consumed(std::exchange(uncredited_, 0));
}

void OriginConnection::detach() {
  user_ = nullptr;
  credit();
}

void OriginConnection::on_open() {
  opened_ = true;
  server_.note_connected();
  if (user_ == nullptr) return;
  user_->on_origin_reached();
  if (user_ != nullptr) user_->on_origin_writable();
}

void OriginConnection::on_data(Slice data) {
  uncredited_ += data.size();
  if (user_ == nullptr) {
    // Octets that answer nothing: what they belong to is unknown, so the connection is useless.
    server_.forget(*this);
    return;
  }
  hand_over(std::move(data));
  if (user_ != nullptr) user_->on_origin_read();
}

void OriginConnection::hand_over(Slice data) {
  if (tunnel_) {
    user_->on_origin_tunnel(std::move(data));
  } else {
    parse(std::move(data));
  }
}

void OriginConnection::parse(Slice data) {
  const std::size_t total = data.size();
  const std::size_t taken = parser_.feed(data);
  if (user_ == nullptr) {
    if (taken < total) server_.forget(*this);  // more than one response came for one request
    return;
  }
  if (const http::ParseError* error = parser_.error()) {
    fail(StreamCode::origin_failed, "origin's response: " + error->message);
  } else if (tunnel_ && taken < total) {
    user_->on_origin_tunnel(data.part(taken, total - taken));
  }
}

void OriginConnection::on_end() {
  if (user_ == nullptr) {
    server_.forget(*this);
  } else if (tunnel_) {
    user_->on_origin_tunnel_end();
  } else {
    parser_.finish();
    if (user_ != nullptr) fail(StreamCode::origin_failed, "origin closed the connection before its response was whole");
  }
}

void OriginConnection::on_writable() {
  if (user_ != nullptr) user_->on_origin_writable();
}

void OriginConnection::on_stop(StreamCode /*code*/) {
  // The origin reads no more; its response may still come, so the exchange goes on.
}

void OriginConnection::on_abort(const StreamEnd& end) {
  if (!opened_) server_.note_connect_failure();
  if (user_ == nullptr) {
    server_.forget(*this);
  } else {
    fail(end.code, end.message);
  }
}

void OriginConnection::on_interim_head(http::ResponseHead head) { user_->on_interim_head(std::move(head)); }

void OriginConnection::on_response_head(http::ResponseHead head, http::Content content) {
  tunnel_ = head.status == 101;
  user_->on_response_head(std::move(head), content);
}

void OriginConnection::on_response_content(Slice content) {
  // The exchange may have ended inside this very piece.
  if (user_ != nullptr) user_->on_response_content(std::move(content));
}

void OriginConnection::on_response_complete(http::Fields trailers) {
  if (user_ != nullptr && !tunnel_) user_->on_response_complete(std::move(trailers));
}

void OriginConnection::fail(StreamCode code, std::string message) {
  OriginFailure failure;
  failure.code = code;
  failure.message = std::move(message);
  failure.written = opened_;
  failure.begun = parser_.begun();
  failure.reused = served_ > 1;
  OriginUser* user = std::exchange(user_, nullptr);
  user->on_origin_failed(failure);
}

}  // namespace ringway::backend

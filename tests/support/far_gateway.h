#pragma once
// The far gateway of an exchange, played by a test: reads what crossed a FarEnd, and answers.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "http/exchange_codec.h"
#include "tests/support/fake_stream.h"

namespace ringway::testing {

/// Reads one direction of an exchange to its parts.
class ExchangeLog final : public http::ExchangeEvents {
 public:
  explicit ExchangeLog(http::ExchangeReader::Direction direction) : reader_(direction, events()) {}

  void read(FarEnd& far) {
    ByteQueue octets;
    octets.swap(far.received);
    while (!octets.empty()) ASSERT_TRUE(reader_.feed(octets.pop_front()));
    while (reader_.pending()) ASSERT_TRUE(reader_.feed(Slice()));
  }

  void on_exchange_request(http::RequestHead head, http::Content framing, http::RequestContext told) override {
    request = std::move(head);
    content = framing;
    request_context = std::move(told);
    has_head = true;
  }
  void on_exchange_interim(http::ResponseHead head) override { interims.push_back(std::move(head)); }
  void on_exchange_response(http::ResponseHead head, http::Content framing, http::ResponseContext told) override {
    response = std::move(head);
    content = framing;
    response_context = std::move(told);
    has_head = true;
  }
  void on_exchange_content(Slice data) override { body.append(as_text(data.bytes())); }
  void on_exchange_complete(http::Fields fields) override {
    trailers = std::move(fields);
    complete = true;
  }

  http::RequestHead request;
  http::ResponseHead response;
  std::vector<http::ResponseHead> interims;
  http::RequestContext request_context;
  http::ResponseContext response_context;
  http::Content content;
  std::string body;
  http::Fields trailers;
  bool has_head = false;
  bool complete = false;

 private:
  http::ExchangeEvents& events() { return *this; }
  http::ExchangeReader reader_;
};

inline void deliver(FarEnd& far, ByteQueue& octets) {
  while (!octets.empty() && far.handler != nullptr) far.handler->on_data(octets.pop_front());
}

inline void give_content(http::ExchangeWriter& writer, ByteQueue& out, std::string_view text) {
  ByteQueue pieces;
  pieces.append(text);
  while (!pieces.empty()) writer.content(out, pieces.pop_front());
}

/// A whole answer of `body` on the stream.
inline void answer(FarEnd& far, int status, std::string_view body, std::string_view type = "text/plain") {
  http::ExchangeWriter writer;
  http::ResponseHead head;
  head.status = status;
  head.reason = http::reason_phrase(status);
  head.fields.add("content-type", type);
  http::ResponseContext context;
  context.origin = "192.0.2.7:80";
  ByteQueue out;
  writer.response_head(out, head, {http::Content::Kind::length, body.size()}, context);
  give_content(writer, out, body);
  writer.complete(out, {});
  deliver(far, out);
  far.end();
}

/// A whole request with `body` on the stream.
inline void ask(FarEnd& far, std::string_view method, std::string_view target, std::string_view body = {}) {
  http::ExchangeWriter writer;
  http::RequestHead head;
  head.method = method;
  head.authority = "shop.test";
  head.target = target;
  const auto kind = body.empty() ? http::Content::Kind::none : http::Content::Kind::length;
  ByteQueue out;
  writer.request_head(out, head, {kind, body.size()}, {"0123456789abcdef"});
  give_content(writer, out, body);
  writer.complete(out, {});
  deliver(far, out);
  far.end();
}

}  // namespace ringway::testing

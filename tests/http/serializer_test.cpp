#include "http/serializer.h"

#include <gtest/gtest.h>

#include "tests/http/transcript.h"

namespace ringway::http {
namespace {

using namespace std::string_literals;
using Kind = Content::Kind;

std::string written(const RequestHead& head, Content content) {
  ByteQueue out;
  write_request_head(out, head, content);
  return out.text();
}

std::string written(const ResponseHead& head, Content content, std::string_view connection = "") {
  ByteQueue out;
  write_response_head(out, head, content, connection);
  return out.text();
}

RequestHead request(std::string method, std::string target) {
  RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  head.authority = "a:80";
  return head;
}

ResponseHead response(int status) {
  ResponseHead head;
  head.status = status;
  head.reason = reason_phrase(status);
  return head;
}

TEST(RequestSerializer, SaysTheFraming) {
  const std::string start = " /x HTTP/1.1\r\nhost: a:80\r\n";
  EXPECT_EQ(written(request("GET", "/x"), {}), "GET" + start + "\r\n");
  EXPECT_EQ(written(request("POST", "/x"), {}), "POST" + start + "content-length: 0\r\n\r\n");
  EXPECT_EQ(written(request("GET", "/x"), {Kind::length, 12}), "GET" + start + "content-length: 12\r\n\r\n");
  EXPECT_EQ(written(request("PUT", "/x"), {Kind::chunked, 0}), "PUT" + start + "transfer-encoding: chunked\r\n\r\n");
}

TEST(RequestSerializer, SaysItsOwnFieldsOnlyOnce) {
  RequestHead head = request("PUT", "/");
  head.expects_continue = true;
  for (const char* name : {"Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "X"}) {
    head.fields.add(name, "v");
  }
  EXPECT_EQ(written(head, {Kind::length, 1}),
            "PUT / HTTP/1.1\r\nhost: a:80\r\nx: v\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n");
}

TEST(RequestSerializer, AsksForAnUpgrade) {
  RequestHead head = request("GET", "/");
  head.upgrade = "websocket";
  EXPECT_EQ(written(head, {}), "GET / HTTP/1.1\r\nhost: a:80\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
}

TEST(ResponseSerializer, SaysTheFraming) {
  EXPECT_EQ(written(response(200), {}), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(written(response(200), {Kind::length, 7}, "close"),
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 7\r\n\r\n");
  EXPECT_EQ(written(response(200), {Kind::chunked, 0}, "keep-alive"),
            "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(written(response(200), {Kind::until_close, 0}, "close"), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(written(response(200), {Kind::none, 99}), "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
  EXPECT_EQ(written(response(200), {Kind::none, Content::kUnsaid}), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(written(response(304), {}), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(written(response(304), {Kind::none, 5}), "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(written(response(204), {}), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(written(response(103), {}), "HTTP/1.1 103 Early Hints\r\n\r\n");
}

TEST(ResponseSerializer, SwitchesProtocols) {
  ResponseHead head = response(101);
  head.upgrade = "websocket";
  EXPECT_EQ(written(head, {}, "close"),
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
}

TEST(ResponseSerializer, FindsAReasonWhereThereIsNone) {
  ResponseHead head = response(404);
  head.reason.clear();
  EXPECT_EQ(written(head, {}), "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  head.reason = "all\tour own \xe4";
  EXPECT_EQ(written(head, {}), "HTTP/1.1 404 all\tour own \xe4\r\ncontent-length: 0\r\n\r\n");
}

/// Whatever a head is made of, what is written has as many line ends as a harmless one, and no other control.
TEST(Serializer, NothingInAHeadSplitsAMessage) {
  const std::vector<std::string> evil = {"a\r\nx: y", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", "a\nb", "a\rb", "a\0b"s, "\x7f",
                                         "a\x01"};
  for (const std::string& text : evil) {
    SCOPED_TRACE(::testing::PrintToString(text));
    RequestHead asked = request("GET" + text, "/" + text);
    asked.authority = "host" + text;
    asked.upgrade = "up" + text;
    asked.fields.add("value", text);
    asked.fields.add("name" + text, "v");
    asked.fields.add("", "v");
    const std::string out = written(asked, {});
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4) << out;  // request line, Host, Connection, the end
    EXPECT_EQ(std::count(out.begin(), out.end(), '\r'), 4) << out;
    EXPECT_EQ(std::count(out.begin(), out.end(), ' '), 4) << out;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\0'), 0) << out;

    ResponseHead answered = response(200);
    answered.reason = text;
    answered.fields.add("value", text);
    answered.fields.add("name" + text, "v");
    EXPECT_EQ(written(answered, {Kind::chunked, 0}), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");

    ByteQueue last;
    write_last_chunk(last, answered.fields);
    EXPECT_EQ(last.text(), "0\r\n\r\n");
  }
}

TEST(Serializer, StatusesAreOfThreeDigits) {
  ResponseHead head = response(200);
  head.reason = "x";
  head.status = -5;
  EXPECT_EQ(written(head, {}).substr(0, 15), "HTTP/1.1 100 x\r");
  head.status = 123456;
  EXPECT_EQ(written(head, {}).substr(0, 15), "HTTP/1.1 999 x\r");
}

TEST(Serializer, Chunks) {
  ByteQueue out;
  write_chunk(out, slice_of("hello"));
  write_chunk(out, {});
  write_chunk(out, slice_of(std::string(4096, 'x')));
  Fields trailers;
  trailers.add("X-Sum", "1");
  write_last_chunk(out, trailers);
  EXPECT_EQ(out.text(), "5\r\nhello\r\n1000\r\n" + std::string(4096, 'x') + "\r\n0\r\nx-sum: 1\r\n\r\n");
}

}  // namespace
}  // namespace ringway::http

#include "backend/backend.h"

#include <gtest/gtest.h>

#include "tests/support/far_gateway.h"
#include "tests/support/manual_loop.h"

namespace ringway::backend {
namespace {

using ringway::testing::ask;
using ringway::testing::ExchangeLog;
using ringway::testing::FakeLink;
using ringway::testing::FakeStream;
using ringway::testing::FarEnd;
using ringway::testing::ManualLoop;

constexpr const char* kSettings = R"(
name: host-1
link: { address: "127.0.0.1:7400", identity: { certificate: c, key: k, authority: a } }
sites:
  - name: shop
    hosts: [ shop.test ]
    origins:
      - { address: "127.0.0.1:8000", max_pending: 2 }
      - { address: "127.0.0.1:8001", max_pending: 2 }
    frontends: [ pop-1 ]
    max_queued: 3
  - name: db
    protocol: tcp
    origins: [ { address: "127.0.0.1:5432", max_pending: 2 } ]
    frontends: [ pop-1 ]
)";

/// Remembers every connection that was begun; the test is the server.
class FakeConnector final : public Connector {
 public:
  struct Connection {
    SocketAddress address;
    std::shared_ptr<FarEnd> far;
  };

  std::unique_ptr<ByteStream> connect(const SocketAddress& address, const TlsClientSettings* /*tls*/,
                                      ByteStreamHandler& handler) override {
    auto far = std::make_shared<FarEnd>();
    far->handler = &handler;
    made.push_back({address, far});
    return std::make_unique<FakeStream>(std::move(far));
  }

  std::vector<Connection> made;
};

class BackendTest : public ::testing::Test {
 protected:
  BackendTest() {
    auto settings = parse_settings(kSettings, "test");
    EXPECT_TRUE(settings) << settings.error().message;
    backend_ = std::make_unique<Backend>(*settings, loop_.loop(), connector_, nullptr);
  }

  std::shared_ptr<FarEnd> open(std::uint8_t ring = 2, const std::string& site = "shop",
                               tmp::StreamKind kind = tmp::StreamKind::http) {
    auto far = std::make_shared<FarEnd>();
    backend_->on_stream(link_, std::make_unique<FakeStream>(far), {kind, ring, 1, site});
    return far;
  }

  /// The origin's connection `index` is made.
  FarEnd& accept(std::size_t index) {
    FarEnd& far = *connector_.made.at(index).far;
    if (far.handler != nullptr) far.handler->on_open();
    return far;
  }

  static void expect_status(FarEnd& stream, int status) {
    ExchangeLog log(http::ExchangeReader::Direction::response);
    log.read(stream);
    EXPECT_TRUE(log.complete);
    EXPECT_EQ(log.response.status, status);
    EXPECT_TRUE(stream.finished);
  }

  ManualLoop loop_;
  FakeConnector connector_;
  FakeLink link_{"pop-1"};
  std::unique_ptr<Backend> backend_;
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(BackendTest, PassesARequestToAnOriginAndTheAnswerBack) {
  auto stream = open();
  ask(*stream, "PUT", "/thing", "content");
  ASSERT_EQ(connector_.made.size(), 1U);
  FarEnd& origin = accept(0);
  const std::string request = origin.take();
  EXPECT_TRUE(request.starts_with("PUT /thing HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("host: shop.test\r\n"), std::string::npos) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\ncontent")) << request;
  origin.send("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n3\r\nabc\r\n0\r\nX-T: u\r\n\r\n");
  ExchangeLog answer(http::ExchangeReader::Direction::response);
  answer.read(*stream);
  EXPECT_EQ(answer.response.status, 201);
  EXPECT_EQ(answer.response.fields.find("x-a"), "b");
  EXPECT_EQ(answer.content.kind, http::Content::Kind::chunked);
  EXPECT_EQ(answer.body, "abc");
  EXPECT_EQ(answer.trailers.find("x-t"), "u");
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.response_context.origin, "127.0.0.1:8000");
  EXPECT_TRUE(stream->finished);
  loop_.settle();
  EXPECT_EQ(backend_->open_exchanges(), 0U);
}

TEST_F(BackendTest, SpreadsOverOriginsAndQueuesAboveTheirMark) {
  std::vector<std::shared_ptr<FarEnd>> streams;
  for (int i = 0; i < 7; ++i) {
    streams.push_back(open());
    ask(*streams.back(), "GET", "/");
  }
  ASSERT_EQ(connector_.made.size(), 4U);
  EXPECT_NE(connector_.made[0].address, connector_.made[1].address);
  EXPECT_EQ(backend_->sites().at("shop")->waiting(), 3U);
  auto shed = open();
  ask(*shed, "GET", "/");
  expect_status(*shed, 503);
  accept(0).send(kOk);
  loop_.settle();
  EXPECT_EQ(backend_->sites().at("shop")->waiting(), 2U);
  EXPECT_EQ(connector_.made.size(), 4U);  // on the connection that is there
}

TEST_F(BackendTest, ServesTheQueueInRingOrder) {
  for (int i = 0; i < 4; ++i) {
    auto stream = open();
    ask(*stream, "GET", "/first");
  }
  auto low = open(4);
  ask(*low, "GET", "/low");
  auto high = open(0);
  ask(*high, "GET", "/high");
  FarEnd& origin = accept(0);
  origin.take();
  origin.send(kOk);
  loop_.settle();
  EXPECT_TRUE(origin.take().starts_with("GET /high "));
}

TEST_F(BackendTest, TriesTheNextOriginWhereOneRefuses) {
  auto stream = open();
  ask(*stream, "POST", "/", "data");
  connector_.made[0].far->abort(StreamCode::connection_failed);
  ASSERT_EQ(connector_.made.size(), 2U);
  EXPECT_NE(connector_.made[0].address, connector_.made[1].address);
  FarEnd& origin = accept(1);
  EXPECT_TRUE(origin.take().ends_with("\r\n\r\ndata"));
  origin.send(kOk);
  expect_status(*stream, 200);
  loop_.settle();
  // The one that refused is left alone for a while.
  auto next = open();
  ask(*next, "GET", "/");
  auto after = open();
  ask(*after, "GET", "/");
  for (std::size_t i = 2; i < connector_.made.size(); ++i) EXPECT_NE(connector_.made[i].address.port, 8000);
}

TEST_F(BackendTest, Says502WhereNoOriginCanBeReached) {
  auto stream = open();
  ask(*stream, "GET", "/");
  connector_.made[0].far->abort(StreamCode::connection_failed);
  connector_.made[1].far->abort(StreamCode::connection_failed);
  expect_status(*stream, 502);
  EXPECT_EQ(connector_.made.size(), 2U);
}

TEST_F(BackendTest, RepeatsAGetOnAConnectionThatClosedWhileIdle) {
  auto first = open();
  ask(*first, "GET", "/1");
  auto second = open();
  ask(*second, "GET", "/2");
  for (std::size_t i = 0; i < 2; ++i) {
    accept(i).take();
    accept(i).send(kOk);
  }
  loop_.settle();
  loop_.advance(std::chrono::seconds(3));
  auto third = open();
  ask(*third, "GET", "/3");
  ASSERT_EQ(connector_.made.size(), 2U);
  FarEnd& used = connector_.made[0].far->received.empty() ? *connector_.made[1].far : *connector_.made[0].far;
  used.abort(StreamCode::connection_failed);
  ASSERT_EQ(connector_.made.size(), 3U);
  accept(2).send(kOk);
  expect_status(*third, 200);
}

TEST_F(BackendTest, TakesAFreshConnectionForAPostRatherThanOneThatIdled) {
  auto first = open();
  ask(*first, "GET", "/1");
  accept(0).send(kOk);
  loop_.settle();
  loop_.advance(std::chrono::seconds(3));
  auto second = open();
  ask(*second, "POST", "/2", "x");
  EXPECT_EQ(connector_.made.size(), 2U);
}

TEST_F(BackendTest, NeverRepeatsAPostThatWasWritten) {
  auto stream = open();
  ask(*stream, "POST", "/", "x");
  accept(0).abort(StreamCode::connection_failed);
  expect_status(*stream, 502);
  EXPECT_EQ(connector_.made.size(), 1U);
}

TEST_F(BackendTest, Says504WhereAnOriginIsSilent) {
  auto stream = open();
  ask(*stream, "GET", "/");
  accept(0);
  loop_.advance(std::chrono::seconds(61));
  expect_status(*stream, 504);
  EXPECT_EQ(connector_.made.size(), 1U);
}

TEST_F(BackendTest, AbortsTheStreamWhereAnAnswerBreaksOff) {
  auto stream = open();
  ask(*stream, "GET", "/");
  FarEnd& origin = accept(0);
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  origin.end();
  EXPECT_TRUE(stream->aborted);
  EXPECT_EQ(stream->code, StreamCode::origin_failed);
  EXPECT_FALSE(stream->finished);
}

TEST_F(BackendTest, CancelsTheOriginsWorkWhereTheClientLeaves) {
  auto stream = open();
  ask(*stream, "GET", "/");
  FarEnd& origin = accept(0);
  stream->abort(StreamCode::cancelled);
  loop_.settle();
  EXPECT_TRUE(origin.aborted);
  EXPECT_EQ(backend_->open_exchanges(), 0U);
}

TEST_F(BackendTest, ReadsNoMoreOfTheAnswerThanTheLinkTakes) {
  auto stream = open();
  ask(*stream, "GET", "/");
  stream->window = 1000;
  FarEnd& origin = accept(0);
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(5000, 'x'));
  EXPECT_EQ(origin.credit, 0U);
  stream->take();
  stream->writable();
  EXPECT_GT(origin.credit, 0U);
}

TEST_F(BackendTest, GivesBackEveryOctetThatAnOriginSent) {
  auto stream = open();
  ask(*stream, "GET", "/");
  FarEnd& origin = accept(0);
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n1;ext=1\r\nf\r\n0\r\nX-T: u\r\n\r\n";
  for (const char octet : answer) origin.send({&octet, 1});
  expect_status(*stream, 200);
  loop_.settle();
  EXPECT_EQ(origin.credit, answer.size());
}

TEST_F(BackendTest, RefusesFrontendsThatTheSiteDoesNotName) {
  FakeLink stranger("pop-9");
  auto far = std::make_shared<FarEnd>();
  backend_->on_stream(stranger, std::make_unique<FakeStream>(far), {tmp::StreamKind::http, 2, 1, "shop"});
  EXPECT_TRUE(far->aborted);
  EXPECT_EQ(far->code, StreamCode::refused);
  auto unknown = open(2, "nowhere");
  EXPECT_TRUE(unknown->aborted);
  EXPECT_EQ(backend_->counters().refused, 2U);
}

TEST_F(BackendTest, UnfinishedRequestsNeverLookWholeToTheOrigin) {
  auto stream = open();
  http::ExchangeWriter writer;
  http::RequestHead head;
  head.method = "POST";
  head.authority = "shop.test";
  head.target = "/";
  ByteQueue out;
  writer.request_head(out, head, {http::Content::Kind::chunked, 0}, {});
  ringway::testing::give_content(writer, out, "part");
  ringway::testing::deliver(*stream, out);
  FarEnd& origin = accept(0);
  stream->abort(StreamCode::malformed);
  loop_.settle();
  const std::string seen = origin.take();
  EXPECT_NE(seen.find("part"), std::string::npos);
  EXPECT_EQ(seen.find("0\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(origin.aborted);
}

TEST_F(BackendTest, JoinsRawConnections) {
  auto stream = open(1, "db", tmp::StreamKind::tcp);
  stream->send("early");
  FarEnd& origin = accept(0);
  EXPECT_EQ(origin.take(), "early");
  origin.send("reply");
  EXPECT_EQ(stream->take(), "reply");
  stream->end();
  EXPECT_TRUE(origin.finished);
  origin.send("after half-close");
  EXPECT_EQ(stream->take(), "after half-close");
  origin.end();
  EXPECT_TRUE(stream->finished);
  loop_.settle();
  EXPECT_EQ(backend_->open_exchanges(), 0U);
  EXPECT_EQ(backend_->sites().at("db")->servers()[0]->pending(), 0U);
}

TEST_F(BackendTest, GivesUpRawConnectionsWhereNoOriginAnswers) {
  auto stream = open(1, "db", tmp::StreamKind::tcp);
  connector_.made[0].far->abort(StreamCode::connection_failed);
  EXPECT_TRUE(stream->aborted);
  EXPECT_EQ(stream->code, StreamCode::origin_failed);
  loop_.settle();
  EXPECT_EQ(backend_->open_exchanges(), 0U);
}

TEST_F(BackendTest, ExchangesInFlightSurviveNewSettings) {
  auto stream = open();
  ask(*stream, "GET", "/");
  auto settings = parse_settings(kSettings, "test");
  backend_->update(*settings);
  accept(0).send(kOk);
  expect_status(*stream, 200);
  loop_.settle();
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), fresh);
}

TEST_F(BackendTest, WhereOnlyFrontEndsChangeQueuesAndConnectionsStay) {
  for (int i = 0; i < 5; ++i) {
    auto stream = open();
    ask(*stream, "GET", "/");
  }
  ASSERT_EQ(connector_.made.size(), 4U);
  backend_->update(*parse_settings(with(kSettings, "frontends: [ pop-1 ]", "frontends: [ pop-1, pop-2 ]"), "test"));
  auto stream = open();
  ask(*stream, "GET", "/");
  EXPECT_EQ(connector_.made.size(), 4U);  // the origins are as full as before
  EXPECT_EQ(backend_->sites().at("shop")->waiting(), 2U);
  EXPECT_TRUE(backend_->sites().at("shop")->admits("pop-2"));
  accept(0).send(kOk);
  loop_.settle();
  EXPECT_EQ(backend_->sites().at("shop")->waiting(), 1U);
}

}  // namespace
}  // namespace ringway::backend

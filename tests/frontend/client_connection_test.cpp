#include <gtest/gtest.h>

#include "base/metrics.h"
#include "frontend/frontend.h"
#include "tests/support/far_gateway.h"
#include "tests/support/manual_loop.h"

namespace ringway::frontend {
namespace {

using ringway::testing::answer;
using ringway::testing::ExchangeLog;
using ringway::testing::FakeLink;
using ringway::testing::FakeStream;
using ringway::testing::FarEnd;
using ringway::testing::ManualLoop;

constexpr const char* kSettings = R"(
name: pop-1
listen: [ { address: "127.0.0.1:80" } ]
link: { identity: { certificate: c, key: k, authority: a } }
sites:
  - name: shop
    hosts: [ shop.test, "*.shop.test" ]
    backends: [ { address: "127.0.0.1:7400", name: host-1 }, { address: "127.0.0.1:7401", name: host-2 } ]
    max_content: 1MB
    priorities:
      - { ring: 0, when: { header: { X-Priority: high } } }
      - { ring: 4, when: { path: "/bulk*" } }
      - { ring: 3, when: { content_type: "image/*" } }
)";

class RecordedLog final : public http::AccessLog {
 public:
  void write(const http::AccessRecord& record) override { records.push_back(record); }
  std::vector<http::AccessRecord> records;
};

class ClientConnectionTest : public ::testing::Test {
 protected:
  ClientConnectionTest() {
    auto settings = parse_settings(kSettings, "test");
    EXPECT_TRUE(settings) << settings.error().message;
    frontend_ = std::make_unique<Frontend>(*settings, loop_.loop(), metrics_, &log_);
    near_.set_round_trip(std::chrono::milliseconds(5));
    frontend_->set_links({{"host-1", &near_}, {"host-2", &other_}});
  }

  std::shared_ptr<FarEnd> connect() {
    auto far = std::make_shared<FarEnd>();
    ClientInfo info;
    info.remote = {IpAddress::v4({192, 0, 2, 9}), 5555};
    frontend_->accept_http(std::make_unique<FakeStream>(far), info);
    return far;
  }

  static std::string get(const std::string& target, const std::string& more = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n" + more + "\r\n";
  }

  ManualLoop loop_;
  Metrics metrics_;
  RecordedLog log_;
  FakeLink near_{"host-1"};
  FakeLink other_{"host-2"};
  std::unique_ptr<Frontend> frontend_;
};

TEST_F(ClientConnectionTest, PassesARequestAndItsAnswer) {
  auto client = connect();
  client->send(get("/a?b=c", "Accept: x\r\nConnection: close, x-gone\r\nX-Gone: y\r\nX-Forwarded-For: spoofed\r\n"));
  ASSERT_EQ(near_.opened.size(), 1U);
  EXPECT_EQ(near_.openings[0].site, "shop");
  EXPECT_EQ(near_.openings[0].ring, 2);
  ExchangeLog request(http::ExchangeReader::Direction::request);
  request.read(*near_.opened[0]);
  EXPECT_TRUE(request.complete);
  EXPECT_EQ(request.request.target, "/a?b=c");
  EXPECT_EQ(request.request.authority, "shop.test");
  EXPECT_EQ(request.request.fields.find("accept"), "x");
  EXPECT_FALSE(request.request.fields.find("x-gone"));
  EXPECT_FALSE(request.request.fields.find("connection"));
  EXPECT_EQ(request.request.fields.find("x-forwarded-for"), "192.0.2.9");
  EXPECT_EQ(request.request.fields.find("x-forwarded-proto"), "http");
  EXPECT_EQ(request.request.fields.find("forwarded"), "for=192.0.2.9;host=\"shop.test\";proto=http");
  EXPECT_EQ(request.request.fields.find("via"), "1.1 pop-1");
  answer(*near_.opened[0], 200, "hello");
  const std::string response = client->take();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
  EXPECT_TRUE(response.ends_with("\r\n\r\nhello")) << response;
  EXPECT_TRUE(client->finished);  // the client asked for it
  loop_.settle();
  ASSERT_EQ(log_.records.size(), 1U);
  EXPECT_EQ(log_.records[0].status, 200);
  EXPECT_EQ(log_.records[0].link, "host-1");
  EXPECT_EQ(log_.records[0].origin, "192.0.2.7:80");
}

TEST_F(ClientConnectionTest, AnswersPipelinedRequestsInTheirOrder) {
  auto client = connect();
  client->send(get("/1") + get("/2") + get("/3"));
  ASSERT_EQ(near_.opened.size(), 3U);  // safe ones go on side by side
  answer(*near_.opened[2], 200, "three");
  answer(*near_.opened[1], 200, "two");
  EXPECT_EQ(client->take(), "");
  answer(*near_.opened[0], 200, "one");
  const std::string all = client->take();
  EXPECT_LT(all.find("one"), all.find("two"));
  EXPECT_LT(all.find("two"), all.find("three"));
  EXPECT_FALSE(client->finished);
}

TEST_F(ClientConnectionTest, HoldsBackWhatFollowsAnUnsafeRequest) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nok" + get("/2"));
  EXPECT_EQ(near_.opened.size(), 1U);
  answer(*near_.opened[0], 200, "done");
  EXPECT_EQ(near_.opened.size(), 2U);
}

TEST_F(ClientConnectionTest, SameAnswersHoweverTheInputIsCut) {
  other_.set_up(false);
  const std::string input =
      "POST /x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t split = 1; split < input.size(); ++split) {
    auto client = connect();
    client->send(input.substr(0, split));
    client->send(input.substr(split));
    ExchangeLog request(http::ExchangeReader::Direction::request);
    request.read(*near_.opened.back());
    EXPECT_TRUE(request.complete);
    EXPECT_EQ(request.body, "abc");
    answer(*near_.opened.back(), 200, "fine");
    EXPECT_TRUE(client->take().ends_with("fine"));
    client->end();
    loop_.settle();
  }
}

TEST_F(ClientConnectionTest, RefusesAHostThatNobodyServes) {
  auto client = connect();
  client->send("GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n");
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(near_.opened.empty());
  EXPECT_FALSE(client->finished);
}

TEST_F(ClientConnectionTest, ClosesAfterAMalformedRequest) {
  for (const char* bad : {"GET / HTTP/1.1\r\nHost : shop.test\r\n\r\n",
                          "GET / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n",
                          "GET / HTTP/1.1\nHost: shop.test\n\n", "GET / HTTP/1.1\r\n\r\n"}) {
    auto client = connect();
    client->send(bad);
    EXPECT_TRUE(client->take().starts_with("HTTP/1.1 400 ")) << bad;
    EXPECT_TRUE(client->finished) << bad;
    loop_.settle();
  }
  EXPECT_TRUE(near_.opened.empty());
}

TEST_F(ClientConnectionTest, ABadChunkAbortsTheExchange) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  ASSERT_EQ(near_.opened.size(), 1U);
  client->send("zz\r\n");
  EXPECT_TRUE(near_.opened[0]->aborted);
  EXPECT_FALSE(near_.opened[0]->finished);
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(client->finished);
}

TEST_F(ClientConnectionTest, RefusesContentOverTheSitesLimit) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2000000\r\n\r\n");
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(client->finished);
  EXPECT_TRUE(near_.opened.empty());
}

TEST_F(ClientConnectionTest, SlowHeadsTimeOutHoweverTheyDribble) {
  auto client = connect();
  client->send("GET / HTT");
  for (int i = 0; i < 20; ++i) {
    loop_.advance(std::chrono::seconds(1));
    client->send("P");
  }
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 4"));
  EXPECT_TRUE(client->finished);
}

TEST_F(ClientConnectionTest, ClosesIdleConnectionsInTheEnd) {
  auto client = connect();
  loop_.advance(std::chrono::seconds(74));
  EXPECT_FALSE(client->finished);
  loop_.advance(std::chrono::seconds(2));
  EXPECT_TRUE(client->finished);
  EXPECT_EQ(frontend_->connections(), 0U);
}

TEST_F(ClientConnectionTest, SaysSoWhenEveryBackendIsAway) {
  near_.set_up(false);
  other_.set_up(false);
  auto client = connect();
  client->send(get("/"));
  const std::string response = client->take();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 503 "));
  EXPECT_NE(response.find("retry-after: 1"), std::string::npos);
  EXPECT_FALSE(client->finished);
  near_.set_up(true);
  client->send(get("/"));
  ASSERT_EQ(near_.opened.size(), 1U);
  answer(*near_.opened[0], 200, "back");
  EXPECT_TRUE(client->take().ends_with("back"));
}

TEST_F(ClientConnectionTest, AnswersWhatWasHeldBackAlsoWithoutABackend) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nok" + get("/2") + get("/3"));
  near_.set_up(false);
  other_.set_up(false);
  answer(*near_.opened[0], 200, "done");
  const std::string all = client->take();
  EXPECT_NE(all.find("done"), std::string::npos);
  EXPECT_NE(all.find("503", all.find("503") + 1), std::string::npos) << all;
}

TEST_F(ClientConnectionTest, BeginsAgainOnTheOtherBackendWhereTheLinkIsLost) {
  auto client = connect();
  client->send(get("/"));
  near_.opened[0]->abort(StreamCode::link_lost);
  ASSERT_EQ(other_.opened.size(), 1U);
  answer(*other_.opened[0], 200, "second");
  EXPECT_TRUE(client->take().ends_with("second"));
  loop_.settle();
  EXPECT_EQ(log_.records.at(0).attempts, 2U);
}

TEST_F(ClientConnectionTest, NeverBeginsAPostAgainThatMayHaveArrived) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nok");
  near_.opened[0]->abort(StreamCode::link_lost);
  EXPECT_TRUE(other_.opened.empty());
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 502 "));
}

TEST_F(ClientConnectionTest, BeginsAPostAgainThatNeverArrived) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nok");
  near_.opened[0]->abort(StreamCode::refused);
  ASSERT_EQ(other_.opened.size(), 1U);
  ExchangeLog request(http::ExchangeReader::Direction::request);
  request.read(*other_.opened[0]);
  EXPECT_TRUE(request.complete);
  EXPECT_EQ(request.body, "ok");
}

TEST_F(ClientConnectionTest, AvoidsASilentBackendWhereAnotherIs) {
  near_.set_silence(std::chrono::milliseconds(400));
  connect()->send(get("/1"));
  EXPECT_EQ(near_.opened.size(), 1U);
  near_.set_silence(std::chrono::milliseconds(600));
  connect()->send(get("/2"));
  EXPECT_EQ(near_.opened.size(), 1U);
  EXPECT_EQ(other_.opened.size(), 1U);
  other_.set_silence(std::chrono::milliseconds(600));  // both: as if none were
  connect()->send(get("/3"));
  EXPECT_EQ(near_.opened.size(), 2U);
}

TEST_F(ClientConnectionTest, ALongPathMayBeSilentForLonger) {
  near_.set_round_trip(std::chrono::milliseconds(300));
  other_.set_round_trip(std::chrono::milliseconds(400));
  near_.set_silence(std::chrono::milliseconds(1700));
  connect()->send(get("/"));
  EXPECT_EQ(near_.opened.size(), 1U);
}

TEST_F(ClientConnectionTest, LeavesABackendThatFallsSilentWhereThatCannotHappenTwice) {
  auto reader = connect();
  auto writer = connect();
  reader->send(get("/"));
  writer->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_EQ(near_.opened.size(), 2U);
  loop_.advance(std::chrono::seconds(2));
  EXPECT_TRUE(other_.opened.empty());
  near_.set_silence(std::chrono::seconds(1));
  loop_.advance(std::chrono::milliseconds(600));
  ASSERT_EQ(other_.opened.size(), 1U);
  EXPECT_TRUE(near_.opened[0]->aborted);
  EXPECT_FALSE(near_.opened[1]->aborted);  // the POST may have arrived
  answer(*other_.opened[0], 200, "second");
  EXPECT_TRUE(reader->take().ends_with("second"));
}

TEST_F(ClientConnectionTest, StaysWithASilentBackendWhereNoOtherIs) {
  other_.set_up(false);
  connect()->send(get("/"));
  near_.set_silence(std::chrono::seconds(5));
  loop_.advance(std::chrono::seconds(5));
  EXPECT_EQ(near_.opened.size(), 1U);
  EXPECT_FALSE(near_.opened[0]->aborted);
}

TEST_F(ClientConnectionTest, BreaksTheConnectionWhereAnAnswerCannotBeCompleted) {
  auto client = connect();
  client->send(get("/"));
  http::ExchangeWriter writer;
  http::ResponseHead head;
  ByteQueue out;
  writer.response_head(out, head, {http::Content::Kind::length, 100}, {});
  ringway::testing::give_content(writer, out, "half");
  ringway::testing::deliver(*near_.opened[0], out);
  near_.opened[0]->abort(StreamCode::link_lost);
  EXPECT_TRUE(client->aborted);
  EXPECT_TRUE(other_.opened.empty());
}

TEST_F(ClientConnectionTest, ClientsThatLeaveCancelTheirExchange) {
  auto client = connect();
  client->send(get("/"));
  client->abort(StreamCode::connection_failed);
  loop_.settle();
  EXPECT_TRUE(near_.opened[0]->aborted);
  EXPECT_EQ(frontend_->connections(), 0U);
  EXPECT_EQ(log_.records.at(0).outcome, "cancelled");
}

TEST_F(ClientConnectionTest, GivesCreditOnlyForWhatTheClientTook) {
  auto client = connect();
  client->window = 1000;
  client->send(get("/"));
  FarEnd& far = *near_.opened[0];
  http::ExchangeWriter writer;
  http::ResponseHead head;
  ByteQueue out;
  writer.response_head(out, head, {http::Content::Kind::length, 5000}, {});
  ringway::testing::give_content(writer, out, std::string(5000, 'x'));
  ringway::testing::deliver(far, out);
  const std::size_t before = far.credit;
  EXPECT_LT(before, 1000U);
  client->take();
  client->writable();
  EXPECT_GT(far.credit, before);
}

TEST_F(ClientConnectionTest, TakesNoMoreContentThanTheLinkDoes) {
  auto client = connect();
  client->send("POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 100000\r\n\r\n");
  FarEnd& far = *near_.opened[0];
  far.window = 1000;
  const std::size_t before = client->credit;
  client->send(std::string(50000, 'x'));
  EXPECT_EQ(client->credit, before);
  EXPECT_LT(far.received.size(), 20000U);
  for (int i = 0; i < 10; ++i) {
    far.take();
    far.writable();
  }
  EXPECT_GE(client->credit, before + 50000);
}

TEST_F(ClientConnectionTest, ClassifiesByRequestAndByAnswer) {
  auto client = connect();
  client->send(get("/", "X-Priority: high\r\n") + get("/bulk/1") + get("/picture"));
  ASSERT_EQ(near_.openings.size(), 3U);
  EXPECT_EQ(near_.openings[0].ring, 0);
  EXPECT_EQ(near_.openings[1].ring, 4);
  EXPECT_EQ(near_.openings[2].ring, 2);
  answer(*near_.opened[2], 200, "png", "image/png; x=y");
  EXPECT_EQ(near_.opened[2]->ring, 3);
}

TEST_F(ClientConnectionTest, HeadHasTheLengthAndNoContent) {
  auto client = connect();
  client->send("HEAD / HTTP/1.1\r\nHost: shop.test\r\n\r\n");
  http::ExchangeWriter writer;
  http::ResponseHead head;
  ByteQueue out;
  writer.response_head(out, head, {http::Content::Kind::length, 1234}, {});
  writer.complete(out, {});
  ringway::testing::deliver(*near_.opened[0], out);
  const std::string response = client->take();
  EXPECT_NE(response.find("content-length: 1234\r\n"), std::string::npos) << response;
  EXPECT_TRUE(response.ends_with("\r\n\r\n"));
  client->send(get("/next"));
  EXPECT_EQ(near_.opened.size(), 2U);
}

TEST_F(ClientConnectionTest, AnswersHttp10WithoutChunks) {
  auto client = connect();
  client->send("GET / HTTP/1.0\r\nHost: shop.test\r\n\r\n");
  http::ExchangeWriter writer;
  http::ResponseHead head;
  ByteQueue out;
  writer.response_head(out, head, {http::Content::Kind::chunked, 0}, {});
  ringway::testing::give_content(writer, out, "plain");
  writer.complete(out, {});
  ringway::testing::deliver(*near_.opened[0], out);
  const std::string response = client->take();
  EXPECT_EQ(response.find("transfer-encoding"), std::string::npos) << response;
  EXPECT_TRUE(response.ends_with("\r\n\r\nplain")) << response;
  EXPECT_TRUE(client->finished);
}

TEST_F(ClientConnectionTest, UpgradesToAnotherProtocol) {
  auto client = connect();
  client->send(get("/chat", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  ExchangeLog request(http::ExchangeReader::Direction::request);
  request.read(*near_.opened[0]);
  EXPECT_EQ(request.request.upgrade, "websocket");
  http::ExchangeWriter writer;
  http::ResponseHead head;
  head.status = 101;
  head.upgrade = "websocket";
  ByteQueue out;
  writer.response_head(out, head, {}, {});
  ringway::testing::give_content(writer, out, "from origin");
  ringway::testing::deliver(*near_.opened[0], out);
  const std::string response = client->take();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 101 ")) << response;
  EXPECT_TRUE(response.ends_with("\r\n\r\nfrom origin")) << response;
  client->send("from client");
  request.read(*near_.opened[0]);
  EXPECT_EQ(request.body, "from client");
}

TEST_F(ClientConnectionTest, DrainsAfterTheAnswersThatAreOwed) {
  auto idle = connect();
  auto busy = connect();
  busy->send(get("/"));
  frontend_->drain();
  EXPECT_TRUE(idle->finished);
  EXPECT_FALSE(busy->finished);
  answer(*near_.opened[0], 200, "last");
  EXPECT_TRUE(busy->finished);
  EXPECT_EQ(frontend_->connections(), 0U);
}

}  // namespace
}  // namespace ringway::frontend

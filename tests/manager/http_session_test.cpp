#include "manager/rest/http_session.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/support/fake_stream.h"
#include "tests/support/manual_loop.h"

namespace ringway::manager {
namespace {

using ringway::testing::FakeStream;
using ringway::testing::FarEnd;
using ringway::testing::ManualLoop;

class HttpSessionTest : public ::testing::Test, public HttpHandler {
 protected:
  void on_call(const CallPtr& call) override { calls_.push_back(call); }
  void on_session_end(HttpSession& /*session*/) override { ended_ = true; }
  void reply(std::size_t index, const std::string& body) {
    Reply reply;
    reply.body = body;
    calls_.at(index)->reply(reply);
  }

  ManualLoop loop_;
  std::shared_ptr<FarEnd> far_ = std::make_shared<FarEnd>();
  std::vector<CallPtr> calls_;
  bool ended_ = false;
  HttpSession session_{std::make_unique<FakeStream>(far_), {}, loop_.loop(), *this};
};

TEST_F(HttpSessionTest, HandsOutWholeRequestsAtEverySplit) {
  const std::string text =
      "PUT /v1/sites/a%20b?dry_run=1&message=x%3Dy HTTP/1.1\r\nHost: m\r\nContent-Length: 2\r\nIf-Match: "
      "\"r1\"\r\n\r\n{}";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    calls_.clear();
    far_->send(text.substr(0, split));
    far_->send(text.substr(split));
    ASSERT_EQ(calls_.size(), 1U) << split;
    const Request& request = calls_[0]->request;
    EXPECT_EQ(request.path, "/v1/sites/a b");
    EXPECT_TRUE(request.asks("dry_run"));
    EXPECT_EQ(request.query.at("message"), "x=y");
    EXPECT_EQ(request.body, "{}");
    EXPECT_EQ(request.field("if-match"), "\"r1\"");
    EXPECT_EQ(request.field("host"), "m");
    reply(0, "done");
    EXPECT_TRUE(far_->take().ends_with("\r\n\r\ndone"));
  }
}

TEST_F(HttpSessionTest, AnswersPipelinedRequestsInTurn) {
  far_->send("GET /a HTTP/1.1\r\nHost: m\r\n\r\nGET /b HTTP/1.1\r\nHost: m\r\n\r\n");
  ASSERT_EQ(calls_.size(), 1U);
  reply(0, "one");
  loop_.advance(std::chrono::milliseconds(1));
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(calls_[1]->request.path, "/b");
}

TEST_F(HttpSessionTest, AnswersNoFasterThanItIsRead) {
  far_->window = 0;
  for (int i = 0; i < 100; ++i) far_->send("GET /a HTTP/1.1\r\nHost: m\r\n\r\n");
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    reply(i, std::string(100000, 'x'));
    loop_.advance(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(calls_.size(), 1U) << "else replies pile up";
  far_->window = 1 << 30;
  far_->writable();
  loop_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(calls_.size(), 2U);
  far_->window = 0;
  reply(1, "x");
  loop_.advance(limits::kApiIdleLimit + std::chrono::seconds(1));
  EXPECT_TRUE(ended_) << "who reads nothing is not waited for";
}

TEST_F(HttpSessionTest, RefusesWhatIsNoRequest) {
  far_->send("GET /%zz HTTP/1.1\r\nHost: m\r\n\r\n");
  EXPECT_TRUE(calls_.empty());
  const std::string answer = far_->take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
  EXPECT_TRUE(ended_);
}

TEST_F(HttpSessionTest, RefusesLargeBodiesBeforeTheyCome) {
  far_->send("PUT /v1/sites/a HTTP/1.1\r\nHost: m\r\nContent-Length: 104857600\r\n\r\n");
  EXPECT_TRUE(far_->take().starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ended_);
}

TEST_F(HttpSessionTest, EndsThoseThatAreTooSlow) {
  far_->send("GET /a HT");
  loop_.advance(limits::kApiReadLimit - std::chrono::seconds(1));
  far_->send("TP");
  EXPECT_FALSE(ended_);
  loop_.advance(std::chrono::seconds(2));
  EXPECT_TRUE(ended_);
}

TEST_F(HttpSessionTest, ForgetsCallsWhoseClientIsGone) {
  far_->send("GET /a HTTP/1.1\r\nHost: m\r\n\r\n");
  far_->abort(StreamCode::cancelled);
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(calls_[0]->gone());
  reply(0, "late");
  EXPECT_FALSE(calls_[0]->send("later"));
}

TEST_F(HttpSessionTest, StreamsUntilTheClientReadsNoMore) {
  far_->send("GET /events HTTP/1.1\r\nHost: m\r\n\r\n");
  Reply head;
  head.type = "text/event-stream";
  head.body = ": hello\n\n";
  calls_[0]->stream(head);
  EXPECT_NE(far_->take().find(": hello\n\n"), std::string::npos);
  EXPECT_TRUE(calls_[0]->send("data: 1\n\n"));
  EXPECT_EQ(far_->take(), "data: 1\n\n");
  far_->window = 0;
  const std::string much(limits::kMaxApiUnsentOctets / 2 + 1, 'x');
  EXPECT_TRUE(calls_[0]->send(much));
  EXPECT_FALSE(calls_[0]->send(much));
  EXPECT_TRUE(ended_);
}

TEST(ParseTarget, RefusesWhatPathsMustNotHave) {
  for (const std::string_view bad : {"", "*", "a", "/../a", "/a/%2e%2e/b", "/a%2fb", "/%", "/%4", "/%gg", "/%ff",
                                     "/a%00", "/a?x=%zz", "http://m/a"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
  EXPECT_EQ(parse_target("/a//b/")->path, "/a//b/");
  EXPECT_EQ(parse_target("/?a&b=&a=2")->query.at("a"), "2");
}

}  // namespace
}  // namespace ringway::manager

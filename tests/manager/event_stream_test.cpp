#include "manager/rest/event_stream.h"

#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::Headers;
using testing::site;

std::string event(int number) {
  return R"({"kind": "test", "subject": "s", "text": "t)" + std::to_string(number) + "\"}";
}

std::shared_ptr<testing::FarEnd> follow(Api& api, const Headers& headers = {}, const std::string& token = "") {
  auto far = api.connect();
  far->send(Api::request_text(token.empty() ? api.owner() : token, "GET", "/v1/stream", "", headers));
  api.settle();
  return far;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(EventStream, TellsStatusEachSecondEventsAndRevisions) {
  Api api;
  api.event(event(1));
  const auto far = follow(api);
  const std::string begin = far->take();
  EXPECT_NE(begin.find("content-type: text/event-stream"), std::string::npos) << begin;
  EXPECT_NE(begin.find("event: status\ndata: {\"revision\": 0,\ndata: \"sites\": []}\n\n"), std::string::npos) << begin;
  EXPECT_EQ(begin.find("event: event"), std::string::npos) << "what was before is not told";
  api.event(event(2));
  EXPECT_TRUE(far->take().starts_with("id: 2\nevent: event\ndata: {\"number\": 2, "));
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  EXPECT_TRUE(far->take().starts_with("event: revision\ndata: {\"number\": 1, "));
  api.loop.advance(std::chrono::seconds(3));
  EXPECT_EQ(count(far->take(), "event: status"), 3U);
  far->end();
  api.loop.advance(std::chrono::seconds(2));
  EXPECT_EQ(api.stream.followers(), 0U);
}

TEST(EventStream, GoesOnAfterTheLastEvent) {
  Api api;
  for (int i = 1; i <= 5; ++i) api.event(event(i));
  const std::string text = follow(api, {{"Last-Event-ID", "3"}})->take();
  EXPECT_EQ(count(text, "event: event"), 2U);
  EXPECT_NE(text.find("id: 4\n"), std::string::npos);
  EXPECT_EQ(count(follow(api, {{"Last-Event-ID", "99"}})->take(), "event: event"), 0U) << "a store of before";
}

TEST(EventStream, SaysWhereLinesAreMissing) {
  Api api;
  for (std::size_t i = 0; i < limits::kRememberedLogEntries + 10; ++i) api.event(event(static_cast<int>(i)));
  const std::string text = follow(api, {{"Last-Event-ID", "2"}})->take();
  EXPECT_NE(text.find("event: gap\ndata: {\"after\": 2}\n\n"), std::string::npos);
  EXPECT_EQ(count(text, "event: event"), limits::kRememberedLogEntries);
}

TEST(EventStream, CutsOffWhoReadsTooSlowly) {
  Api api;
  const auto far = follow(api);
  far->window = 0;
  const std::string large = R"({"kind": "x", "text": ")" + std::string(500000, 'x') + "\"}";
  for (int i = 0; i < 20 && !far->finished; ++i) api.event(large);
  EXPECT_TRUE(far->finished);
  EXPECT_EQ(api.stream.followers(), 0U);
}

TEST(EventStream, EndsWithItsToken) {
  Api api;
  const std::string token = api.token(AccessRole::reader);
  const auto far = follow(api, {}, token);
  EXPECT_EQ(api.call("DELETE", "/v1/tokens/" + token.substr(3, 12)).status, 204);
  api.loop.advance(std::chrono::seconds(1));
  EXPECT_TRUE(far->finished);
  EXPECT_EQ(follow(api, {}, api.token(AccessRole::site, {"shop"}))->take().substr(0, 12), "HTTP/1.1 403");
}

TEST(EventStream, TakesSoManyAndNoMore) {
  Api api;
  std::vector<std::shared_ptr<testing::FarEnd>> all;
  for (std::size_t i = 0; i < limits::kMaxApiStreams; ++i) all.push_back(follow(api));
  EXPECT_EQ(follow(api)->take().substr(0, 12), "HTTP/1.1 503");
  all[0]->end();
  EXPECT_EQ(follow(api)->take().substr(0, 12), "HTTP/1.1 200");
}

TEST(LogApi, PagesThroughMemoryAndStore) {
  Api api;
  const int total = static_cast<int>(limits::kRememberedLogEntries) + 500;
  for (int i = 1; i <= total; ++i) api.event(event(i));
  int expected = total;
  std::string cursor;
  while (true) {
    const Answered page = api.call("GET", "/v1/events?limit=400" + cursor);
    ASSERT_EQ(page.status, 200) << page.body;
    for (const auto& item : page.items("items")) {
      ASSERT_EQ(item.find("number")->value.scalar, std::to_string(expected));
      ASSERT_EQ(item.find("text")->value.scalar, "t" + std::to_string(expected));
      --expected;
    }
    if (page.at("next") == "null") break;
    cursor = "&cursor=" + page.at("next");
  }
  EXPECT_EQ(expected, 0);
  const Answered after = api.call("GET", "/v1/events?after=3&limit=2");
  EXPECT_EQ(after.at("items/0/number") + after.at("items/1/number") + after.at("items/2"), "45-");
  EXPECT_EQ(api.call("GET", "/v1/events?after=" + std::to_string(total)).at("items"), "[]");
  EXPECT_EQ(api.call("GET", "/v1/events?after=18446744073709551615").at("items"), "[]");
  EXPECT_EQ(api.call("GET", "/v1/events?cursor=0").at("items"), "[]");
  EXPECT_EQ(api.call("GET", "/v1/events?cursor=1").at("items"), "[]");
  EXPECT_EQ(api.call("GET", "/v1/events?after=x").status, 400);
}

TEST(LogApi, TheAuditLogIsForThoseWhoMay) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  const Answered audit = api.call("GET", "/v1/audit");
  EXPECT_EQ(audit.at("items/0/action"), "create");
  EXPECT_EQ(audit.at("items/0/name"), "shop");
  EXPECT_EQ(audit.at("items/0/actor").substr(0, 6), "token:");
  EXPECT_EQ(api.call_as(api.token(AccessRole::reader), "GET", "/v1/audit").status, 403);
  EXPECT_EQ(api.call_as(api.token(AccessRole::operator_), "GET", "/v1/audit").status, 200);
}

}  // namespace
}  // namespace ringway::manager

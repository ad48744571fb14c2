// What strangers and mistakes send to the API: nothing of it writes, and each is told what was wrong.
#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::Headers;
using testing::parse_reply;
using testing::site;

TEST(ApiBadInput, BodiesThatAreNoResource) {
  Api api;
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  const std::string deep_map = [] {
    std::string text = "1";
    for (int i = 0; i < 60; ++i) text = "{\"a\": " + text + "}";
    return text;
  }();
  for (const std::string& body :
       std::vector<std::string>{"",
                                "{",
                                "null",
                                "[]",
                                "7",
                                "\"x\"",
                                "{\"name\": \"shop\",}",
                                "{'name': 'shop'}",
                                "name: shop",
                                deep,
                                deep_map,
                                "{\"name\": \"shop\", \"name\": \"shop\"}",
                                "{\"name\": \"\xff\xfe\"}",
                                "{\"name\": \"\\ud800\"}",
                                std::string("{\"name\": \"a\0b\"}", 15),
                                site("shop", "\"weight\": 1e400"),
                                site("shop", "\"weight\": -1"),
                                site("shop", "\"weight\": 99999999999999999999999999"),
                                site("shop", "\"weight\": \"3\""),
                                site("shop", "\"weight\": NaN"),
                                site("shop") + site("shop"),
                                "\xef\xbb\xbf" + site("shop"),
                                "{\"name\": [[[[{}]]]], \"hosts\": {\"a\": null}, \"origins\": 1}"}) {
    const Answered refused = api.call("PUT", "/v1/sites/shop", body, {{"If-None-Match", "*"}});
    EXPECT_EQ(refused.status, 422) << body.substr(0, 100) << refused.body;
    EXPECT_NE(refused.at("errors/0/message"), "-") << body.substr(0, 100);
  }
  EXPECT_EQ(api.ledger.registry().number(), 0U);
}

TEST(ApiBadInput, ScriptsInNamesStayText) {
  Api api;
  const Answered refused =
      api.call("PUT", "/v1/sites/%3Cscript%3E", "{\"name\": \"<script>\"}", {{"If-None-Match", "*"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.field("x-content-type-options"), "nosniff");
  EXPECT_NE(refused.field("content-security-policy").find("default-src 'none'"), std::string::npos);
}

TEST(ApiBadInput, LargeBodiesAreNotRead) {
  Api api;
  const auto far = api.connect();
  far->send("PUT /v1/sites/shop HTTP/1.1\r\nHost: m\r\nAuthorization: Bearer " + api.owner() +
            "\r\nContent-Length: 104857600\r\n\r\n");
  EXPECT_EQ(parse_reply(far->take()).status, 413);
  EXPECT_TRUE(far->finished);
  // Without a length it is cut where it becomes too large.
  const auto chunked = api.connect();
  chunked->send("PUT /v1/sites/shop HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65536, ' ') + "\r\n";
  int sent = 0;
  for (; sent < 1600 && !chunked->finished; ++sent) chunked->send(chunk);
  EXPECT_LT(sent, 20);
  EXPECT_EQ(parse_reply(chunked->take()).status, 413);
}

TEST(ApiBadInput, PagesOfOtherSitesChangeNothing) {
  Api api;
  const Headers all[] = {{{"Origin", "https://evil.test"}},
                         {{"Origin", "null"}},
                         {{"Sec-Fetch-Site", "cross-site"}},
                         {{"Sec-Fetch-Site", "same-site"}},
                         {{"Origin", "http://manager.test.evil.test"}}};
  for (Headers headers : all) {
    headers.emplace("If-None-Match", "*");
    EXPECT_EQ(api.call("PUT", "/v1/sites/shop", site("shop"), headers).status, 403);
  }
  const Headers own = {{"Origin", "http://manager.test"}, {"Sec-Fetch-Site", "same-origin"}, {"If-None-Match", "*"}};
  EXPECT_EQ(api.call("PUT", "/v1/sites/shop", site("shop"), own).status, 201);
}

TEST(ApiBadInput, MethodsAndPaths) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  const Answered head = api.call("HEAD", "/v1/sites/shop");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.etag(), "\"r1\"");
  const Answered options = api.call("OPTIONS", "/v1/sites/shop");
  EXPECT_EQ(options.status, 405);
  EXPECT_EQ(options.field("allow"), "GET, PUT, PATCH, DELETE");
  EXPECT_EQ(api.call("POST", "/v1/sites").status, 405);
  EXPECT_EQ(api.call("GET", "/v1/sites/sh%6Fp").status, 200);
  EXPECT_EQ(api.call("GET", "/v1/sites/%73%68op").status, 200);
  for (const char* path : {"/v1/sites/shop/", "/v1//sites", "/v2/sites", "/v1/sites/none", "/V1/sites"}) {
    EXPECT_EQ(api.call("GET", path).status, 404) << path;
  }
  for (const char* path :
       {"/v1/sites/a%2fb", "/v1/sites/%", "/v1/sites/%zz", "/v1/../etc", "/v1/sites/%00", "/v1/sites/%c3%28"}) {
    EXPECT_EQ(api.call("GET", path).status, 400) << path;
  }
  for (const char* authorization : {"", "Bearer", "Basic eDp5", "Bearer rw_1_2", "Bearer \xff"}) {
    EXPECT_EQ(api.call_as("", "GET", "/v1/sites", "", {{"Authorization", authorization}}).status / 100, 4)
        << authorization;
  }
}

TEST(ApiBadInput, TwoRequestsAtEverySplit) {
  const std::string names[] = {"aa", "bb"};
  std::string reference;
  Api sizing;
  const auto requests = [&](Api& api) {
    std::string text;
    for (const std::string& name : names) {
      text += Api::request_text(api.owner(), "PUT", "/v1/sites/" + name, site(name), {{"If-None-Match", "*"}});
    }
    return text;
  };
  const std::size_t size = requests(sizing).size();
  for (std::size_t split = 0; split <= size; split += split % 16 == 0 ? 1 : 5) {
    Api api;
    const std::string text = requests(api);
    const auto far = api.connect();
    far->send(text.substr(0, split));
    api.settle();
    far->send(text.substr(split));
    api.settle();
    EXPECT_EQ(api.ledger.registry().number(), 2U) << split;
    std::string replies = far->take();
    std::size_t found = 0;
    for (std::size_t at = replies.find("HTTP/1.1 201"); at != std::string::npos;
         at = replies.find("HTTP/1.1 201", at + 1))
      ++found;
    EXPECT_EQ(found, 2U) << split << replies;
    EXPECT_FALSE(far->finished) << "the connection is kept";
  }
}

TEST(ApiBadInput, SlowClientsAreEnded) {
  Api api;
  const auto far = api.connect();
  const std::string text =
      Api::request_text(api.owner(), "PUT", "/v1/sites/shop", site("shop"), {{"If-None-Match", "*"}});
  for (const char c : text.substr(0, text.size() - 1)) {
    far->send(std::string(1, c));
    api.loop.advance(std::chrono::milliseconds(200));
  }
  EXPECT_TRUE(far->finished);
  EXPECT_EQ(api.ledger.registry().number(), 0U);
  EXPECT_EQ(api.server.sessions(), 0U);
}

TEST(ApiBadInput, AClientThatGoesMeanwhileHarmsNobody) {
  Api api;
  api.held = true;
  const auto far = api.connect();
  far->send(Api::request_text(api.owner(), "PUT", "/v1/sites/shop", site("shop"), {{"If-None-Match", "*"}}));
  far->abort(StreamCode::cancelled);
  api.held = false;
  api.settle();
  EXPECT_EQ(api.ledger.registry().number(), 1U);
  EXPECT_EQ(api.server.sessions(), 0U);
}

}  // namespace
}  // namespace ringway::manager

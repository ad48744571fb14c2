#include "manager/rest/resource_api.h"

#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::fill;
using testing::site;

TEST(ResourceApi, MakesReadsChangesAndRemoves) {
  Api api;
  const Answered made = api.call("PUT", "/v1/sites/shop", site("shop"), {{"If-None-Match", "*"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.etag(), "\"r1\"");
  EXPECT_EQ(made.field("ringway-revision"), "1");
  const Answered read = api.call("GET", "/v1/sites/shop");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(api.call("GET", "/v1/sites/shop", "", {{"If-None-Match", "\"r1\""}}).status, 304);
  const Answered patched = api.call("PATCH", "/v1/sites/shop", R"({"weight": 5})", {{"If-Match", "\"r1\""}});
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(patched.at("weight"), "5");
  EXPECT_EQ(patched.etag(), "\"r2\"");
  EXPECT_EQ(api.call("DELETE", "/v1/sites/shop", "", {{"If-Match", "\"r2\""}}).status, 204);
  EXPECT_EQ(api.call("GET", "/v1/sites/shop").status, 404);
  EXPECT_EQ(api.ledger.registry().number(), 3U);
  EXPECT_EQ(api.ledger.log(kAuditLog).end().number, 3U);
}

TEST(ResourceApi, WantsToKnowWhatIsChanged) {
  Api api;
  EXPECT_EQ(api.call("PUT", "/v1/sites/shop", site("shop")).status, 428);
  EXPECT_EQ(api.call("PUT", "/v1/sites/shop", site("shop"), {{"If-Match", "*"}}).status, 412);
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  EXPECT_EQ(api.call("PUT", "/v1/sites/shop", site("shop"), {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(api.call("PATCH", "/v1/sites/shop", "{}").status, 428);
  EXPECT_EQ(api.call("DELETE", "/v1/sites/shop").status, 428);
  EXPECT_EQ(api.call("PATCH", "/v1/sites/shop", "{}", {{"If-Match", "\"r2\""}}).status, 412);
  EXPECT_EQ(api.call("PATCH", "/v1/sites/shop", "{}", {{"If-Match", "\"x\", \"r1\""}}).status, 200);
  EXPECT_EQ(api.ledger.registry().number(), 1U) << "what changes nothing is no revision";
  EXPECT_EQ(api.call("PATCH", "/v1/sites/none", "{}", {{"If-Match", "*"}}).status, 404);
}

TEST(ResourceApi, OfTwoWritersOneIsStale) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  api.held = true;
  const auto send = [&](const std::string& patch) {
    auto far = api.connect();
    far->send(Api::request_text(api.owner(), "PATCH", "/v1/sites/shop", patch, {{"If-Match", "\"r1\""}}));
    return far;
  };
  const auto first = send(R"({"weight": 2})");
  const auto second = send(R"({"weight": 3})");
  api.held = false;
  api.settle();
  EXPECT_EQ(testing::parse_reply(first->take()).status, 200);
  EXPECT_EQ(testing::parse_reply(second->take()).status, 412);
}

TEST(ResourceApi, ADryRunSaysWhatWouldBe) {
  Api api;
  const Answered would = api.call("PUT", "/v1/sites/shop?dry_run", site("shop"), {{"If-None-Match", "*"}});
  EXPECT_EQ(would.status, 200);
  EXPECT_EQ(would.at("diff/0/after/name"), "shop");
  EXPECT_EQ(would.at("diff/0/before"), "null");
  EXPECT_EQ(api.ledger.registry().number(), 0U);
  EXPECT_EQ(api.call("PUT", "/v1/sites/shop?dry_run", "{}", {{"If-None-Match", "*"}}).status, 422);
}

TEST(ResourceApi, AWordOfTheQueryThatIsNotKnownIsNoSilence) {
  Api api;
  const Answered refused = api.call("PUT", "/v1/sites/shop?dryrun=1", site("shop"), {{"If-None-Match", "*"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.at("errors/0/hint"), "did you mean \"dry_run\"?");
  EXPECT_EQ(api.ledger.registry().number(), 0U);
}

TEST(ResourceApi, TellsEveryFaultWithItsPlace) {
  Api api;
  const Answered refused =
      api.put("/v1/sites/shop", R"({"name": "shop", "hosts": ["shop.test", 7], "origns": [], "protocol": "htpp"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.field("content-type"), "application/problem+json");
  EXPECT_EQ(refused.at("type"), "urn:ringway:problem:invalid");
  std::map<std::string, std::string> hints;
  for (const config::TreeNode& error : refused.items("errors")) {
    const config::Entry* hint = error.find("hint");
    hints[error.find("pointer")->value.scalar] = hint == nullptr ? "" : hint->value.scalar;
  }
  EXPECT_NE(hints["/protocol"].find("did you mean \"http\"? (allowed: http, tcp"), std::string::npos) << refused.body;
  EXPECT_NE(hints["/origns"].find("did you mean \"origins\""), std::string::npos) << refused.body;
}

TEST(ResourceApi, ReferencesLeadSomewhere) {
  Api api;
  fill(api);
  const Answered refused =
      api.put("/v1/frontends/pop-3", R"({"name": "pop-3", "pop": "berln", "addresses": ["192.0.2.3"]})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.at("errors/0/pointer"), "/pop");
  EXPECT_EQ(refused.at("errors/0/hint"), "did you mean \"berlin\"?");
  const Answered kept = api.call("DELETE", "/v1/pops/berlin", "", {{"If-Match", "*"}});
  EXPECT_EQ(kept.status, 422);
  EXPECT_NE(kept.at("errors/0/message").find("frontends/pop-1/pop"), std::string::npos) << kept.body;
}

TEST(ResourceApi, PagesNameEveryResourceOnce) {
  Api api;
  for (int i = 0; i < 25; ++i) {
    const std::string name = "site-" + std::to_string(i);
    ASSERT_EQ(api.put("/v1/sites/" + name, site(name)).status, 201);
  }
  std::set<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const Answered page = api.call("GET", "/v1/sites?limit=7" + cursor);
    for (const auto& item : page.items("items")) {
      EXPECT_TRUE(seen.insert(item.find("name")->value.scalar).second);
    }
    if (page.at("next") == "null") break;
    cursor = "&cursor=" + page.at("next");
  }
  EXPECT_EQ(seen.size(), 25U);
  for (const char* limit : {"0", "1001", "x", "-1", ""}) {
    EXPECT_EQ(api.call("GET", std::string("/v1/sites?limit=") + limit).status, 400) << limit;
  }
}

TEST(ResourceApi, OwnersOfSitesSeeAndChangeTheirs) {
  Api api;
  fill(api);
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  ASSERT_EQ(api.put("/v1/sites/rival", site("rival")).status, 201);
  const std::string token = api.token(AccessRole::site, {"shop", "new"});
  const Answered list = api.call_as(token, "GET", "/v1/sites");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.at("items/0/name"), "shop");
  EXPECT_EQ(list.at("items/1"), "-");
  EXPECT_EQ(list.at("next"), "null");
  // What is another's is as what is not there, whatever is asked of it.
  for (const char* method : {"GET", "PATCH", "DELETE", "PUT"}) {
    for (const char* etag : {"If-Match", "If-None-Match"}) {
      const auto ask = [&](const std::string& name) {
        Answered reply =
            api.call_as(token, method, "/v1/sites/" + name, method[1] == 'U' ? site(name) : "{}", {{etag, "*"}});
        reply.body.erase(std::min(reply.body.find("\"request\""), reply.body.size()));
        while (reply.body.find(name) != std::string::npos) reply.body.replace(reply.body.find(name), name.size(), "X");
        return std::pair(reply.status, reply.body);
      };
      EXPECT_EQ(ask("rival"), ask("ghost")) << method << etag;
      EXPECT_EQ(ask("rival").first, 404) << method << etag;
    }
  }
  EXPECT_EQ(api.call_as(token, "GET", "/v1/pops").at("items"), "[]");
  EXPECT_EQ(api.call_as(token, "GET", "/v1/pops/berlin").status, 404);
  EXPECT_EQ(api.call_as(token, "PUT", "/v1/sites/new", site("new"), {{"If-None-Match", "*"}}).status, 201);
  EXPECT_EQ(api.call_as(token, "PATCH", "/v1/sites/shop", R"({"weight": 3})", {{"If-Match", "*"}}).status, 200);
}

TEST(ResourceApi, FaultsDoNotNameWhatIsOthers) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/aaa", site("aaa")).status, 201);
  ASSERT_EQ(api.put("/v1/sites/zzz", site("zzz")).status, 201);
  const std::string token = api.token(AccessRole::site, {"shop"});
  for (const std::string host : {"aaa.test", "zzz.test"}) {
    const std::string body =
        R"({"name": "shop", "hosts": [")" + host + R"("], "origins": [{"address": "127.0.0.1:8000"}]})";
    const Answered refused = api.call_as(token, "PUT", "/v1/sites/shop", body, {{"If-None-Match", "*"}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.body.find("site aaa"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.body.find("sites/zzz"), std::string::npos) << refused.body;
  }
}

TEST(ResourceApi, ReadersChangeNothing) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  const std::string token = api.token(AccessRole::reader);
  EXPECT_EQ(api.call_as(token, "GET", "/v1/sites/shop").status, 200);
  EXPECT_EQ(api.call_as(token, "PATCH", "/v1/sites/shop", "{}", {{"If-Match", "*"}}).status, 403);
  EXPECT_EQ(api.call_as(token, "DELETE", "/v1/sites/shop?dry_run", "", {{"If-Match", "*"}}).status, 403);
  EXPECT_EQ(api.call_as(token, "PUT", "/v1/pops/x", R"({"name": "x", "latitude": 1, "longitude": 1})",
                        {{"If-None-Match", "*"}})
                .status,
            403);
}

}  // namespace
}  // namespace ringway::manager

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "manager/rest/asset_api.h"

namespace ringway::manager {
namespace {

Reply get(const std::string& path, const std::string& if_none_match = "") {
  Router router;
  add_asset_operations(router);
  Request request;
  request.method = "GET";
  request.path = path;
  if (!if_none_match.empty()) request.fields.add("if-none-match", if_none_match);
  const Router::Match match = router.match("GET", path);
  Reply got;
  got.status = 0;
  if (match.operation != nullptr) match.operation->run(request, match.values, [&](const Reply& reply) { got = reply; });
  return got;
}

std::string field(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.fields) {
    if (key == name) return value;
  }
  return "";
}

TEST(Assets, AreTheFilesOctetByOctet) {
  for (const Asset& asset : dashboard_assets()) {
    std::ifstream file(std::string(RINGWAY_SOURCE_DIR "/manager/dashboard/") + std::string(asset.name));
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(content, asset.content) << asset.name;
  }
}

TEST(Assets, HaveTagsOfTheirOwn) {
  std::set<std::string_view> tags;
  for (const Asset& asset : dashboard_assets()) tags.insert(asset.etag);
  EXPECT_GT(tags.size(), 10U);
  EXPECT_EQ(tags.size(), dashboard_assets().size());
}

TEST(Assets, ThePageRunsNothingButItsOwnFiles) {
  const Reply page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  const std::string policy = field(page, "content-security-policy");
  for (const char* rule : {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"}) {
    EXPECT_NE(policy.find(rule), std::string::npos) << rule;
  }
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(field(page, "referrer-policy"), "no-referrer");
}

TEST(Assets, AreAskedForAgainEachTimeAndSentOnlyWhenOthers) {
  const Reply first = get("/assets/app.js");
  EXPECT_EQ(first.type, "text/javascript; charset=utf-8");
  EXPECT_EQ(field(first, "cache-control"), "no-cache");
  const std::string etag = field(first, "etag");
  const Reply same = get("/assets/app.js", etag);
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(get("/assets/app.js", "\"another\", W/" + etag).status, 304);
  EXPECT_EQ(get("/assets/app.js", "\"another\"").status, 200);
}

TEST(Assets, AreNoOthers) {
  for (const char* path : {"/assets/nothing.js", "/assets/APP.JS", "/assets/..", "/assets/"}) {
    EXPECT_NE(get(path).status, 200) << path;
  }
}

}  // namespace
}  // namespace ringway::manager

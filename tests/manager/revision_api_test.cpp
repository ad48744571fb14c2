#include "manager/rest/revision_api.h"

#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::fill;
using testing::site;

std::string changes(const std::string& list) { return R"({"changes": [)" + list + R"(], "message": "why"})"; }
std::string change(const std::string& kind, const std::string& name, const std::string& content) {
  return "{\"kind\": \"" + kind + "\", \"name\": \"" + name + "\", \"content\": " + content + "}";
}

TEST(RevisionApi, AppliesAllOrNothing) {
  Api api;
  const std::string both = changes(change("pops", "berlin", R"({"name": "berlin", "latitude": 1, "longitude": 2})") +
                                   ", " + change("sites", "shop", site("shop")));
  EXPECT_EQ(api.call("POST", "/v1/apply", both).status, 428);
  const Answered applied = api.call("POST", "/v1/apply", both, {{"If-Match", "\"revision-0\""}});
  ASSERT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(applied.at("revision"), "1");
  EXPECT_EQ(applied.at("diff/1/after/name"), "shop");
  EXPECT_EQ(applied.etag(), "\"revision-1\"");
  EXPECT_EQ(api.call("POST", "/v1/apply", both, {{"If-Match", "\"revision-0\""}}).status, 412);
  const std::string broken =
      changes(change("sites", "shop", "null") + ", " + change("sites", "x", R"({"name": "x", "hots": []})") + ", " +
              change("stes", "y", "{}"));
  const Answered refused = api.call("POST", "/v1/apply", broken, {{"If-Match", "*"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.at("errors/0/pointer").substr(0, 18), "/changes/1/content") << refused.body;
  EXPECT_EQ(api.ledger.registry().number(), 1U);
  const Answered unknown = api.call("POST", "/v1/apply", changes(change("stes", "y", "{}")), {{"If-Match", "*"}});
  EXPECT_EQ(unknown.at("errors/0/hint"), "did you mean \"sites\"?") << unknown.body;
}

TEST(RevisionApi, RollsBackByANewRevision) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop", "\"weight\": 9")).status, 200);
  ASSERT_EQ(api.put("/v1/sites/blog", site("blog")).status, 201);
  const Answered dry = api.call("POST", "/v1/revisions/1/rollback?dry_run", "", {{"If-Match", "*"}});
  EXPECT_EQ(dry.at("dry_run"), "true") << dry.body;
  EXPECT_EQ(api.ledger.registry().number(), 3U);
  const Answered back = api.call("POST", "/v1/revisions/1/rollback", "", {{"If-Match", "\"revision-3\""}});
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(api.call("GET", "/v1/sites/blog").status, 404);
  EXPECT_EQ(api.call("GET", "/v1/sites/shop").at("weight"), "-");
  EXPECT_EQ(api.call("GET", "/v1/revisions/4").at("revision/message"), "rollback to revision 1");
  EXPECT_EQ(api.call("POST", "/v1/revisions/9/rollback", "", {{"If-Match", "*"}}).status, 404);
}

/// The registry's answer against that of whole snapshots.
TEST(RevisionApi, DifferencesAreThoseOfSnapshots) {
  Api api;
  SeededRandom random(3);
  for (int i = 0; i < 60; ++i) {
    const std::string name = "s" + std::to_string(random.below(5));
    const std::string content =
        random.below(3) == 0 ? "null" : site(name, "\"weight\": " + std::to_string(random.below(3) + 2));
    api.call("POST", "/v1/apply", changes(change("sites", name, content)), {{"If-Match", "*"}});
  }
  const Registry& registry = api.ledger.registry();
  for (std::uint64_t from = 0; from <= registry.number(); ++from) {
    for (std::uint64_t to = 0; to <= registry.number(); ++to) {
      const Snapshot before = registry.at(from);
      const Snapshot after = registry.at(to);
      const std::vector<Change> expected = difference(registry.kinds(), before, after);
      const std::vector<Difference> told = registry.differences(from, to);
      std::map<std::string, std::optional<std::string>> a;
      std::map<std::string, std::optional<std::string>> b;
      for (const Change& each : expected) a[each.name] = each.content;
      for (const Difference& each : told) {
        b[each.name] = each.after;
        EXPECT_EQ(each.before.has_value(), before.find(each.kind, each.name) != nullptr);
      }
      ASSERT_EQ(a, b) << from << " " << to;
    }
  }
}

TEST(RevisionApi, OwnersOfSitesSeeTheirShare) {
  Api api;
  fill(api);
  const std::string both =
      changes(change("sites", "shop", site("shop")) + ", " + change("sites", "rival", site("rival")));
  ASSERT_EQ(api.call("POST", "/v1/apply", both, {{"If-Match", "*"}}).status, 200);
  const std::string token = api.token(AccessRole::site, {"shop"});
  const Answered list = api.call_as(token, "GET", "/v1/revisions");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.at("items/0/changes"), "1");
  EXPECT_EQ(list.at("items/1"), "-");
  EXPECT_EQ(api.call_as(token, "GET", "/v1/revisions/1").status, 404);
  for (const char* path : {"/v1/revisions/6", "/v1/revisions/6/diff", "/v1/revisions/head/diff?against=0"}) {
    const Answered diff = api.call_as(token, "GET", path);
    EXPECT_EQ(diff.at("diff/0/name"), "shop") << path << diff.body;
    EXPECT_EQ(diff.at("diff/1"), "-") << path;
  }
  EXPECT_EQ(api.call_as(token, "POST", "/v1/revisions/1/rollback", "", {{"If-Match", "*"}}).status, 403);
  const auto apply = [&](const std::string& wanted) {
    return api.call_as(token, "POST", "/v1/apply", changes(wanted), {{"If-Match", "*"}});
  };
  const Answered own = apply(change("sites", "shop", site("shop", "\"weight\": 4")));
  EXPECT_EQ(own.status, 200) << own.body;
  EXPECT_EQ(apply(change("sites", "rival", site("rival", "\"weight\": 4"))).status, 404);
  EXPECT_EQ(apply(change("sites", "rival", "null")).status, 404);
  EXPECT_EQ(apply(change("sites", "ghost", "null")).status, 404);
  EXPECT_EQ(apply(change("pops", "berlin", "null")).status, 403);
}

}  // namespace
}  // namespace ringway::manager

#include "manager/rest/draft_api.h"

#include <gtest/gtest.h>

#include "tests/manager/api_fixture.h"

namespace ringway::manager {
namespace {

using testing::Answered;
using testing::Api;
using testing::fill;
using testing::Headers;
using testing::site;

Headers match(const Answered& draft) { return {{"If-Match", draft.etag()}}; }

TEST(DraftApi, GathersAndCommitsAsOneRevision) {
  Api api;
  const Answered made = api.call("POST", "/v1/drafts", R"({"message": "two sites"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = made.field("location");
  EXPECT_EQ(path, "/v1/drafts/" + made.at("id"));
  const std::string shop = path + "/changes/sites/shop";
  EXPECT_EQ(api.call("PUT", shop, site("shop")).status, 428);
  const Answered one = api.call("PUT", shop, site("shop"), match(made));
  ASSERT_EQ(one.status, 200) << one.body;
  EXPECT_EQ(api.call("PUT", shop, site("shop"), match(made)).status, 412);
  const Answered two = api.call("PUT", path + "/changes/sites/blog", site("blog"), match(one));
  EXPECT_EQ(api.call("GET", shop).at("name"), "shop");
  EXPECT_EQ(api.call("GET", path + "/diff").at("diff/1/after/name"), "shop");
  EXPECT_EQ(api.call("GET", "/v1/sites/shop").status, 404) << "a draft is not yet so";
  EXPECT_EQ(api.call("POST", path + "/validate").at("valid"), "true");
  EXPECT_EQ(api.call("POST", path + "/commit").status, 428);
  const Answered committed = api.call("POST", path + "/commit", "", match(two));
  ASSERT_EQ(committed.status, 200) << committed.body;
  EXPECT_EQ(committed.at("revision"), "1");
  EXPECT_EQ(api.ledger.registry().revision(1)->message, "two sites");
  EXPECT_EQ(api.call("GET", path).status, 404);
}

TEST(DraftApi, ChangesAreJudgedWhenTheyComeIn) {
  Api api;
  fill(api);
  const Answered draft = api.call("POST", "/v1/drafts", "{}");
  const std::string changes = draft.field("location") + "/changes/";
  const Answered wrong = api.call("PUT", changes + "sites/shop", R"({"name": "shop", "hosts": "x"})", match(draft));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(api.call("PUT", changes + "sites/shop", site("other"), match(draft)).at("errors/0/pointer"), "/name");
  EXPECT_EQ(api.call("PUT", changes + "sties/shop", site("shop"), match(draft)).status, 404);
  EXPECT_EQ(api.call("PUT", changes + "sites/shop", "null", match(draft)).status, 422) << "there is none to remove";
  // What is between resources is judged as a whole.
  const Answered cut = api.call("PUT", changes + "pops/berlin", "null", match(draft));
  ASSERT_EQ(cut.status, 200) << cut.body;
  EXPECT_EQ(api.call("GET", changes + "pops/berlin").body, "null\n");
  EXPECT_EQ(api.call("POST", draft.field("location") + "/validate").status, 422);
  EXPECT_EQ(api.call("POST", draft.field("location") + "/commit", "", match(cut)).status, 422);
  const Answered without = api.call("DELETE", changes + "pops/berlin", "", match(cut));
  EXPECT_EQ(without.at("changes"), "[]");
  EXPECT_EQ(api.call("DELETE", changes + "pops/berlin", "", match(without)).status, 404);
  EXPECT_EQ(api.call("POST", "/v1/drafts", R"({"changes": [{"kind": "pops", "name": "berlin"}, {"kind": "pops",
      "name": "berlin"}]})")
                .at("errors/0/pointer"),
            "/changes/1");
}

TEST(DraftApi, AnOldBaseCommitsWhereNothingOfItWasChanged) {
  Api api;
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  const std::string body =
      R"({"changes": [{"kind": "sites", "name": "shop", "content": )" + site("shop", "\"weight\": 2") + "}]}";
  const Answered first = api.call("POST", "/v1/drafts", body);
  ASSERT_EQ(api.put("/v1/sites/blog", site("blog")).status, 201);
  EXPECT_EQ(api.call("POST", first.field("location") + "/commit", "", match(first)).status, 200);
  const Answered second = api.call("POST", "/v1/drafts", body);
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop", "\"weight\": 7")).status, 200);
  const std::string path = second.field("location");
  const Answered refused = api.call("POST", path + "/commit", "", match(second));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.at("errors/0/pointer"), "/changes/0");
  EXPECT_EQ(refused.at("errors/0/message"), "sites/shop was changed by revision 4");
  EXPECT_EQ(api.call("POST", path + "/validate").status, 409);
  const Answered rebased = api.call("POST", path + "/rebase", "", match(second));
  EXPECT_EQ(rebased.at("base"), "4");
  EXPECT_EQ(api.call("POST", path + "/commit", "", match(rebased)).status, 200);
  EXPECT_EQ(api.call("GET", "/v1/sites/shop").at("weight"), "2");
}

TEST(DraftApi, AreTheirAuthors) {
  Api api;
  fill(api);
  ASSERT_EQ(api.put("/v1/sites/rival", site("rival")).status, 201);
  const std::string token = api.token(AccessRole::site, {"shop"});
  const Answered own = api.call_as(token, "POST", "/v1/drafts", "{}");
  ASSERT_EQ(own.status, 201) << own.body;
  const std::string path = own.field("location");
  const Answered mine = api.call_as(token, "PUT", path + "/changes/sites/shop", site("shop"), match(own));
  EXPECT_EQ(mine.status, 200);
  EXPECT_EQ(api.call_as(token, "PUT", path + "/changes/sites/rival", site("rival"), match(mine)).status, 404);
  EXPECT_EQ(api.call_as(token, "PUT", path + "/changes/sites/rival", "null", match(mine)).status, 404);
  const std::string other = api.token(AccessRole::site, {"shop"});
  EXPECT_EQ(api.call_as(other, "GET", path).status, 404);
  EXPECT_EQ(api.call_as(other, "GET", "/v1/drafts").at("items"), "[]");
  EXPECT_EQ(api.call_as(other, "POST", path + "/commit", "", match(mine)).status, 404);
  const std::string reader = api.token(AccessRole::reader);
  EXPECT_EQ(api.call_as(reader, "GET", path).status, 200);
  EXPECT_EQ(api.call_as(reader, "DELETE", path, "", match(mine)).status, 403);
  // An operator may put into it what its author may not commit.
  const Answered more = api.call("PUT", path + "/changes/sites/rival", "null", match(mine));
  EXPECT_EQ(api.call_as(token, "POST", path + "/commit", "", match(more)).status, 404);
  EXPECT_EQ(api.call_as(token, "GET", path + "/diff").at("diff/1"), "-");
  EXPECT_EQ(api.call("DELETE", path, "", match(more)).status, 204);
}

TEST(DraftApi, AreBoundedInNumberAndSize) {
  Api api;
  for (std::size_t i = 0; i < limits::kMaxDraftsOfOne; ++i) ASSERT_EQ(api.call("POST", "/v1/drafts", "{}").status, 201);
  EXPECT_EQ(api.call("POST", "/v1/drafts", "{}").status, 409);
  EXPECT_EQ(api.call_as(api.token(AccessRole::operator_), "POST", "/v1/drafts", "{}").status, 201);
}

TEST(DraftApi, OutliveAManager) {
  auto disk = std::make_shared<MemoryDisk>();
  std::string path;
  std::string etag;
  {
    Api api(disk);
    const Answered made = api.call("POST", "/v1/drafts", "{}");
    path = made.field("location");
    etag = made.etag();
  }
  Api again(disk);
  EXPECT_EQ(again.call("PUT", path + "/changes/sites/shop", site("shop"), {{"If-Match", etag}}).status, 200);
}

}  // namespace
}  // namespace ringway::manager

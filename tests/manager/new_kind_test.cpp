// What a new kind of resource needs (docs/manager_api.md): a struct, its schema, and one line of registration.
#include <gtest/gtest.h>

#include "base/config_reader.h"
#include "tests/manager/api_fixture.h"

namespace ringway::manager {

struct Banner {
  std::string name;
  std::string site;
  std::string text;
};

/// Whose it is: who owns that site may see and change it.
std::vector<std::string> sites_of(const Banner& banner) { return {banner.site}; }

namespace {

using testing::Answered;
using testing::Api;
using testing::site;

config::Type<Banner> banner_type() {
  return config::Object<Banner>("banner")
      .required("name", &Banner::name, config::identifier(), "What it is called.")
      .required("site", &Banner::site, config::identifier(), "Whose pages show it.")
      .optional("text", &Banner::text, config::text(200), "What it says.");
}

TypedKind<Banner>::Check banner_check() {
  return [](const Banner& banner, const Snapshot& snapshot, const SayFault& say) {
    if (snapshot.find(kSites, banner.site) == nullptr) say({"/site", "there is no such site", ""});
  };
}

ResourceKinds kinds_with_banners() {
  ResourceKinds kinds = resource_kinds();
  kinds.add(std::make_unique<TypedKind<Banner>>(
      ResourceKind::Words{"banners", "banner", "What pages say.", Domain::sites}, banner_type(), banner_check));
  return kinds;
}

std::string banner(const std::string& name, const std::string& of) {
  return "{\"name\": \"" + name + "\", \"site\": \"" + of + "\", \"text\": \"hello\"}";
}

TEST(NewKind, IsEverywhereAtOnce) {
  Api api(std::make_shared<MemoryDisk>(), kinds_with_banners());
  ASSERT_EQ(api.put("/v1/sites/shop", site("shop")).status, 201);
  ASSERT_EQ(api.put("/v1/banners/sale", banner("sale", "shop")).status, 201);
  EXPECT_EQ(api.call("GET", "/v1/banners").at("items/0/text"), "hello");
  EXPECT_EQ(api.call("PATCH", "/v1/banners/sale", R"({"txt": 1})", {{"If-Match", "*"}}).at("errors/0/pointer"), "/txt");
  const std::string change =
      R"({"changes": [{"kind": "banners", "name": "new", "content": )" + banner("new", "shop") + "}]}";
  EXPECT_EQ(api.call("POST", "/v1/apply", change, {{"If-Match", "*"}}).status, 200);
  const Answered draft = api.call("POST", "/v1/drafts", R"({"changes": [{"kind": "banners", "name": "new"}]})");
  EXPECT_EQ(api.call("GET", draft.field("location") + "/diff").at("diff/0/before/text"), "hello");
  EXPECT_EQ(api.call("GET", "/v1/revisions/head/diff?against=0").at("diff/1/kind"), "banners");
  const std::string document = openapi_document(api.router, "1");
  for (const char* part : {"/v1/banners/{name}", "put-banner", "What pages say.", "\"banner\":"}) {
    EXPECT_NE(document.find(part), std::string::npos) << part;
  }
}

TEST(NewKind, IsItsSitesOwners) {
  Api api(std::make_shared<MemoryDisk>(), kinds_with_banners());
  for (const std::string name : {"shop", "rival"}) ASSERT_EQ(api.put("/v1/sites/" + name, site(name)).status, 201);
  ASSERT_EQ(api.put("/v1/banners/theirs", banner("theirs", "rival")).status, 201);
  const std::string token = api.token(AccessRole::site, {"shop"});
  const auto put = [&](const std::string& name, const std::string& of, const std::string& precondition) {
    return api.call_as(token, "PUT", "/v1/banners/" + name, banner(name, of), {{precondition, "*"}}).status;
  };
  EXPECT_EQ(put("mine", "shop", "If-None-Match"), 201);
  EXPECT_EQ(put("other", "rival", "If-None-Match"), 404);
  // Neither may be taken from others nor given to them: both ends of a move are judged.
  EXPECT_EQ(put("theirs", "shop", "If-Match"), 404);
  EXPECT_EQ(put("mine", "rival", "If-Match"), 404);
  EXPECT_EQ(api.call_as(token, "GET", "/v1/banners").at("items/0/name"), "mine");
  EXPECT_EQ(api.call_as(token, "GET", "/v1/banners").at("items/1"), "-");
  const std::string both = api.token(AccessRole::site, {"shop", "rival"});
  EXPECT_EQ(api.call_as(both, "PUT", "/v1/banners/mine", banner("mine", "rival"), {{"If-Match", "*"}}).status, 200);
  // What was the rival's in one of the two is not told to the shop's owner.
  EXPECT_EQ(api.call_as(token, "GET", "/v1/revisions/head").status, 404);
}

}  // namespace
}  // namespace ringway::manager

#include <gtest/gtest.h>

#include "base/config_json.h"
#include "manager/resources/kinds.h"
#include "manager/rest/merge_patch.h"
#include "manager/rest/problem.h"
#include "manager/rest/router.h"

namespace ringway::manager {
namespace {

std::string merged(std::string_view target, std::string_view patch) {
  FieldFaults faults;
  return merge_patch(target, patch, faults).value_or("");
}

TEST(MergePatch, FollowsTheExamplesOfRfc7396) {
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})"), R"({"a": "c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"b":"c"})"), R"({"a": "b", "b": "c"})");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b": "c"})");
  EXPECT_EQ(merged(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a": "c"})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a": {"b": "d"}})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a": [1]})");
  EXPECT_EQ(merged(R"({"e":null})", R"({"a":1})"), R"({"e": null, "a": 1})");
  EXPECT_EQ(merged(R"({})", R"({"a":{"bb":{"ccc":null}}})"), R"({"a": {"bb": {}}})");
}

TEST(MergePatch, IsAnObject) {
  for (const std::string_view patch : {"[1]", "\"a\"", "null", "{", ""}) {
    FieldFaults faults;
    EXPECT_FALSE(merge_patch("{}", patch, faults)) << patch;
    EXPECT_EQ(faults.size(), 1U) << patch;
  }
}

TEST(Problem, TellsEveryFault) {
  const std::string text =
      problem_json(invalid({{"/hosts/0", "no host \"a\nb\"", "write it out"}}), "/v1/sites/a", "7");
  config::Report report("problem", text);
  const auto tree = config::parse_json(text, report);
  ASSERT_TRUE(tree) << text;
  EXPECT_EQ(tree->find("status")->value.scalar, "422");
  EXPECT_EQ(tree->find("type")->value.scalar, "urn:ringway:problem:invalid");
  EXPECT_EQ(tree->find("errors")->value.items[0].find("pointer")->value.scalar, "/hosts/0");
}

Operation operation(std::string method, std::string pattern) {
  Operation made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  return made;
}

TEST(Router, FindsByMethodAndPath) {
  Router router;
  router.add(operation("GET", "/v1/sites"));
  router.add(operation("GET", "/v1/sites/{name}"));
  router.add(operation("PUT", "/v1/sites/{name}"));
  router.add(operation("POST", "/v1/revisions/{number}/rollback"));
  EXPECT_EQ(router.match("GET", "/v1/sites").operation, &router.operations()[0]);
  EXPECT_EQ(router.match("HEAD", "/v1/sites/a").operation, &router.operations()[1]);
  EXPECT_EQ(router.match("PUT", "/v1/sites/a").values, PathValues{"a"});
  EXPECT_EQ(router.match("POST", "/v1/revisions/7/rollback").values, PathValues{"7"});
  EXPECT_EQ(router.match("DELETE", "/v1/sites/a").operation, nullptr);
  EXPECT_EQ(router.match("DELETE", "/v1/sites/a").allowed, "GET, PUT");
  for (const std::string_view path : {"/", "/v1", "/v1/sites/", "/v1/sites/a/b", "/v1/sitesa", "/v2/sites"}) {
    EXPECT_EQ(router.match("GET", path).operation, nullptr) << path;
    EXPECT_EQ(router.match("GET", path).allowed, "") << path;
  }
}

TEST(OpenApi, IsJsonWithEveryOperationAndSchema) {
  Router router;
  const ResourceKinds kinds = resource_kinds();
  for (const auto& kind : kinds.all()) {
    Operation put = operation("PUT", "/v1/" + kind->plural() + "/{name}");
    put.id = "put-" + kind->singular();
    put.body = &kind->description();
    router.add(std::move(put));
  }
  const std::string text = openapi_document(router, "1.0");
  config::Report report("openapi", text);
  const auto tree = config::parse_json(text, report);
  ASSERT_TRUE(tree) << report.text();
  EXPECT_EQ(tree->find("paths")->value.entries.size(), kinds.all().size());
  const config::TreeNode& schemas = tree->find("components")->value.find("schemas")->value;
  for (const char* name : {"site", "pop", "frontend", "backend", "rule", "origin", "Problem"}) {
    EXPECT_NE(schemas.find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace ringway::manager

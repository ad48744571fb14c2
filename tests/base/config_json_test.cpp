#include "base/config_json.h"

#include <gtest/gtest.h>

namespace ringway::config {
namespace {

struct Parsed {
  std::optional<TreeNode> tree;
  std::vector<Finding> findings;
};

Parsed parse(std::string_view text) {
  Report report("body", text);
  Parsed parsed;
  parsed.tree = parse_json(text, report);
  parsed.findings = report.findings();
  return parsed;
}

std::string fault_of(std::string_view text) {
  const Parsed parsed = parse(text);
  EXPECT_FALSE(parsed.tree) << text;
  return parsed.findings.empty() ? "" : parsed.findings.front().message;
}

TEST(ConfigJson, MakesATree) {
  const Parsed parsed = parse(R"({"a": [1, -2.50e3, "x\n\u00e9", true, null], "b": {"c": "1"}})");
  ASSERT_TRUE(parsed.tree);
  EXPECT_TRUE(parsed.findings.empty());
  const std::vector<TreeNode>& items = parsed.tree->find("a")->value.items;
  ASSERT_EQ(items.size(), 5U);
  EXPECT_EQ(items[0].scalar, "1");
  EXPECT_FALSE(items[0].quoted);
  EXPECT_EQ(items[1].scalar, "-2.50e3");
  EXPECT_EQ(items[2].scalar, "x\n\xc3\xa9");
  EXPECT_TRUE(items[2].quoted);
  EXPECT_EQ(items[3].scalar, "true");
  EXPECT_EQ(items[4].kind, TreeNode::Kind::null);
  EXPECT_TRUE(parsed.tree->find("b")->value.find("c")->value.quoted);
}

TEST(ConfigJson, SaysWhatIsNoJson) {
  EXPECT_EQ(fault_of("{\"a\": 1,\n \"b\": }").substr(0, 9), "no JSON: ");
  EXPECT_NE(fault_of("{\"a\": 1,\n \"b\": }").find("line 2, column 7"), std::string::npos);
  EXPECT_NE(fault_of("[1] x").find("at line 1, column 5"), std::string::npos);
  for (const std::string_view text : {"", "{", "a: 1", "{'a': 1}", "[1,]", "[1] // one", "\"\xff\"", "\"\xc0\xaf\"",
                                      "[01]", "\"\x01\"", "nul", "+1", "NaN", "\xef\xbb\xbf{}"}) {
    EXPECT_NE(fault_of(text), "") << text;
  }
}

TEST(ConfigJson, TellsOfDoubledKeysAndGoesOn) {
  const Parsed parsed = parse(R"({"a": 1, "b": {"a": 2, "a": 3}})");
  ASSERT_TRUE(parsed.tree);
  ASSERT_EQ(parsed.findings.size(), 1U);
  EXPECT_EQ(parsed.findings[0].message, "the key \"a\" stands here a second time");
}

TEST(ConfigJson, IsBounded) {
  EXPECT_EQ(fault_of(std::string(100'000, '[')), "nested deeper than 32 levels");
  EXPECT_EQ(fault_of(std::string(kMaxTextOctets + 1, ' ')), "larger than 4 MiB");
  std::string keys = "{";
  for (std::size_t i = 0; i <= kMaxKeys; ++i) keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
  EXPECT_EQ(fault_of(keys + "}"), "more than 1000 keys in one map");
}

TEST(ConfigJson, PointsToEveryNode) {
  const Parsed parsed = parse(R"({"a/b": [{"x~y": 1}, [2]], "c": null})");
  ASSERT_TRUE(parsed.tree);
  const TreeNode& list = parsed.tree->find("a/b")->value;
  EXPECT_EQ(json_pointer(*parsed.tree, parsed.tree->place), "");
  EXPECT_EQ(json_pointer(*parsed.tree, list.place), "/a~1b");
  EXPECT_EQ(json_pointer(*parsed.tree, list.items[0].find("x~y")->place), "/a~1b/0/x~0y");
  EXPECT_EQ(json_pointer(*parsed.tree, list.items[1].items[0].place), "/a~1b/1/0");
  EXPECT_EQ(json_pointer(*parsed.tree, parsed.tree->find("c")->value.place), "/c");
}

}  // namespace
}  // namespace ringway::config

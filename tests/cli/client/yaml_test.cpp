#include "cli/client/yaml.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/config_json.h"

namespace ringway::cli::client {
namespace {

TreeNode tree(const std::string& json) {
  Result<TreeNode> read = read_json(json);
  EXPECT_TRUE(read) << json;
  return read ? *read : TreeNode();
}

std::string diff(const std::string& before, const std::string& after) {
  return diff_text(diff_lines(tree(before), tree(after)), Paint::none);
}

TEST(Yaml, IsAsPeopleWriteIt) {
  EXPECT_EQ(yaml_text(tree(R"({"sites": [{"name": "shop", "hosts": ["shop.test", "*.shop.test"], "weight": 3,
                                "origins": [{"address": "10.0.0.1:80"}, {"address": "10.0.0.2:80", "tls": {}}],
                                "doc": "", "yes": "no", "a": [[1, 2], [{"b": null}]]}]})")),
            R"(sites:
  - name: shop
    hosts: [shop.test, "*.shop.test"]
    weight: 3
    origins:
      - address: "10.0.0.1:80"
      - address: "10.0.0.2:80"
        tls: {}
    doc: ""
    "yes": "no"
    a:
      - [1, 2]
      -
        - b: null
)");
}

TEST(Yaml, GivesTerminalsNoCommands) {
  const std::string text = yaml_text(tree("{\"a\": \"\\u001b[31m\\u007f\\u009b1m\"}"));
  EXPECT_EQ(text, "a: \"\\u001b[31m\\u007f\\u009b1m\"\n");
}

TEST(Diff, ShowsKeysThatLeadToWhatDiffers) {
  EXPECT_EQ(diff(R"({"name": "shop", "hosts": ["a.test", "b.test"], "tls": {"x": 1, "z": 2}, "old": true})",
                 R"({"name": "shop", "hosts": ["a.test", "c.test", "b.test"], "tls": {"x": 1, "z": 3}, "new": [1]})"),
            R"(    hosts:
  +   - c.test
    tls:
  -   z: 2
  +   z: 3
  - old: true
  + new: [1]
)");
}

TEST(Diff, FindsItemsAgainByNameOrAddress) {
  EXPECT_EQ(diff(R"([{"address": "a", "max": 1}, {"address": "b", "max": 1}, {"name": "x", "address": "c"}])",
                 R"([{"address": "b", "max": 2}, {"name": "x", "address": "d"}])"),
            R"(  - - address: a
  -   max: 1
    - address: b
  -   max: 1
  +   max: 2
    - name: x
  -   address: c
  +   address: d
)");
}

TEST(Diff, ShowsWhatComesAndWhatGoes) {
  EXPECT_EQ(diff("null", R"({"name": "a"})"), "  + name: a\n");
  EXPECT_EQ(diff(R"({"name": "a"})", "null"), "  - name: a\n");
  EXPECT_EQ(diff(R"({"a": 1})", R"({"a": "1"})"), "  - a: 1\n  + a: \"1\"\n");
  EXPECT_EQ(diff("null", "null"), "");
}

/// Trees of every shape, with what YAML could take for something else.
class RandomTree {
 public:
  explicit RandomTree(unsigned seed) : random_(seed) {}

  TreeNode make(int depth) {
    TreeNode node;
    const unsigned kind = pick(depth > 3 ? 2 : 4);
    if (kind == 0) return node;
    if (kind == 1) {
      node.kind = TreeNode::Kind::scalar;
      node.quoted = pick(2) == 0;
      node.scalar = node.quoted ? word() : std::to_string(pick(100));
    } else if (kind == 2) {
      node.kind = TreeNode::Kind::list;
      for (unsigned i = pick(4); i > 0; --i) node.items.push_back(make(depth + 1));
    } else {
      node.kind = TreeNode::Kind::map;
      for (unsigned i = pick(4); i > 0; --i) {
        const std::string key = word();
        if (node.find(key) == nullptr) node.entries.push_back({key, {}, make(depth + 1)});
      }
    }
    return node;
  }

 private:
  std::string word() {
    static const std::vector<std::string> kWords = {
        "shop", "",    "true", "No",  "~",     "- a",  "a: b", "#x",  "1",  "1.5", "0x1f",       "\"q\"",
        "'",    "[a",  "{b",   "a,b", "a\nb",  "\t",   " a",   "a ",  "a:", ":a",  "*a",         "&b",
        "!t",   "%y",  "@z",   "`",   "null",  "é",    "|",    ">",   "?",  "=",   "a#b",        "a #b",
        "...",  "---", "-",    "/a",  "a\\nb", "\x7f", "on",   "1e3", ".5", "_",   "2001:db8::1"};
    return kWords[pick(static_cast<unsigned>(kWords.size()))];
  }
  unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  std::mt19937 random_;
};

TEST(Yaml, IsReadAsItWasMeant) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    TreeNode root;
    root.kind = TreeNode::Kind::map;
    root.entries.push_back({"root", {}, RandomTree(seed).make(0)});
    const std::string text = yaml_text(root);
    config::Report report("seed", text);
    const auto read = config::parse_tree(text, report);
    ASSERT_TRUE(read && report.empty()) << seed << "\n" << text << report.text();
    ASSERT_EQ(config::json_text(*read), config::json_text(root)) << seed << "\n" << text;
  }
}

/// How often each line is there.
std::map<std::string, int> counted(const std::vector<YamlLine>& lines) {
  std::map<std::string, int> counts;
  for (const YamlLine& line : lines) ++counts[std::to_string(line.depth) + " " + line.text];
  return counts;
}

/// Lists' items are left out: short ones stand on one line in the whole, and on several in a difference.
void expect_in(const std::map<std::string, int>& lines, const std::map<std::string, int>& whole, unsigned seed) {
  for (const auto& [line, count] : lines) {
    if (line.find("- ") != std::string::npos) continue;
    EXPECT_LE(count, whole.contains(line) ? whole.at(line) : 0) << seed << line;
  }
}

TEST(Diff, RemovesOnlyWhatWasThereAndAddsOnlyWhatComes) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    RandomTree random(seed);
    const TreeNode before = random.make(0);
    const TreeNode after = random.make(0);
    std::vector<YamlLine> removed;
    std::vector<YamlLine> added;
    for (const DiffLine& each : diff_lines(before, after)) {
      if (each.mark == Mark::removed) removed.push_back(each.line);
      if (each.mark == Mark::added) added.push_back(each.line);
    }
    const bool same = config::json_text(before) == config::json_text(after);
    ASSERT_EQ(removed.empty() && added.empty(), same) << seed;
    ASSERT_TRUE(diff_lines(before, before).empty()) << seed;
    const bool alike = before.kind == after.kind && before.kind == TreeNode::Kind::map;
    if (!alike) continue;
    expect_in(counted(removed), counted(yaml_lines(before)), seed);
    expect_in(counted(added), counted(yaml_lines(after)), seed);
  }
}

}  // namespace
}  // namespace ringway::cli::client

#include "cli/client/manifest.h"

#include <gtest/gtest.h>

namespace ringway::cli::client {
namespace {

const std::string kText = R"(pops:
  - { name: zurich, latitude: 47.4, longitude: 8.5 }
sites:
  - name: shop
    hosts: [ shop.test,
             www.shop.test ]
    priorities:
      - ring: 0
        when: { path: /pay* }
    a/b~c: 1
  - name: "10"
)";

Manifest manifest() {
  Result<Manifest> read = Manifest::parse({{"all.yaml", kText, {}}});
  EXPECT_TRUE(read) << read.error().message;
  return std::move(*read);
}

std::string fault_of(const std::string& text) {
  const Result<Manifest> read = Manifest::parse({{"f.yaml", text, {}}});
  return read ? "" : read.error().message;
}

TEST(Manifest, HoldsItemsInTheFilesOrder) {
  const Manifest read = manifest();
  ASSERT_EQ(read.items().size(), 3U);
  EXPECT_EQ(read.items()[0].kind, "pops");
  EXPECT_EQ(read.items()[0].json, R"({"name": "zurich", "latitude": 47.4, "longitude": 8.5})");
  EXPECT_EQ(read.items()[2].name, "10");
  EXPECT_EQ(read.items()[2].json, R"({"name": "10"})");
  EXPECT_EQ(read.kinds(), (std::set<std::string>{"pops", "sites"}));
  EXPECT_TRUE(read.names("sites", "shop"));
  EXPECT_FALSE(read.names("pops", "shop"));
}

TEST(Manifest, TellsFaultsWhereTheyStand) {
  const Manifest read = manifest();
  EXPECT_EQ(read.place({"/changes/1/content/hosts/1", "no host", "write it out"}),
            "all.yaml:6:14: no host\n               www.shop.test ]\n               ^\n  write it out");
  EXPECT_EQ(read.place({"/changes/1/content/priorities/0/when/path", "m", ""}).substr(0, 14), "all.yaml:9:23:");
  EXPECT_EQ(read.place({"/changes/1/content/priorities/0/when", "m", ""}).substr(0, 13), "all.yaml:9:9:");
  EXPECT_EQ(read.place({"/changes/1/content/a~1b~0c", "m", ""}).substr(0, 15), "all.yaml:10:12:");
  // What is missing is told where it should be.
  EXPECT_EQ(read.place({"/changes/2/content/hosts", "m", ""}).substr(0, 14), "all.yaml:11:5:");
  EXPECT_EQ(read.place({"/changes/0/content", "m", ""}).substr(0, 13), "all.yaml:2:5:");
  EXPECT_EQ(read.place({"/changes/0/kind", "m", ""}).substr(0, 13), "all.yaml:2:5:");
}

TEST(Manifest, KnowsNoPlaceOfWhatItDoesNotHold) {
  const Manifest read = manifest();
  for (const char* pointer : {"", "/", "/changes", "/changes/", "/changes/x", "/changes/3/content", "/message",
                              "/changes/99999999999999999999"}) {
    EXPECT_EQ(read.place({pointer, "m", ""}), "") << pointer;
  }
}

TEST(Manifest, RefusesOtherForms) {
  EXPECT_EQ(fault_of("- a\n").substr(0, 57), "f.yaml:1:1: a file is a map of kinds, each with a list\n  ");
  EXPECT_NE(fault_of("sites: { name: a }\n").find("f.yaml:1:1: `sites` is a list, not a map"), std::string::npos);
  EXPECT_NE(fault_of("sites: [ { hosts: [a] } ]\n").find("f.yaml:1:10: each of `sites` is a map with a `name`"),
            std::string::npos);
  EXPECT_NE(fault_of("sites:\n- name: a\n- name: a\n").find("f.yaml:3:3: \"a\" stands twice in `sites`"),
            std::string::npos);
  EXPECT_NE(fault_of("sites: [\n"), "");
  EXPECT_EQ(fault_of(""), "");
  EXPECT_EQ(fault_of("sites:\n"), "");
}

TEST(Manifest, TellsTheFaultsOfAllFiles) {
  const Result<Manifest> read = Manifest::parse({{"a.yaml", "- 1\n", {}}, {"b.yaml", "sites: 1\n", {}}});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("a.yaml:1"), std::string::npos);
  EXPECT_NE(read.error().message.find("\nb.yaml:1"), std::string::npos);
}

}  // namespace
}  // namespace ringway::cli::client

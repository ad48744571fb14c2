#include "cli/dns/zone_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace ringway::cli {
namespace {

constexpr const char* kRecords = "@ 300 IN SOA ns1 admin 1 3600 600 86400 30\\n@ 300 IN NS ns.elsewhere.example.\\n";

std::string told(const std::string& name, const std::string& more = {}) {
  return R"({"name": ")" + name + R"(", "records": ")" + kRecords + more + R"(", "of a later release": 1})";
}

std::string reason(const std::vector<dns::ZoneSource>& sources, const agent::Sections& sections) {
  const auto zones = read_zones(sources, sections);
  return zones ? "" : zones.error().message;
}

class ZoneFiles : public testing::Test {
 protected:
  ZoneFiles() {
    std::ofstream(path_) << "@ 300 IN SOA ns1 admin 1 3600 600 86400 30\n@ 300 IN NS ns.elsewhere.example.\n";
  }
  ~ZoneFiles() override { ::unlink(path_.c_str()); }
  const std::string path_ = testing::TempDir() + "ringway_zone_" + std::to_string(::getpid());
};

TEST_F(ZoneFiles, OfTheFileAndOfAManagerGoTogether) {
  const auto zones = read_zones({{"shop.test", path_}}, {{"zones/bank.test", told("bank.test")}, {"other/kind", "?"}});
  ASSERT_TRUE(zones) << zones.error().message;
  ASSERT_EQ((*zones)->zones().size(), 2U);
  EXPECT_EQ((*zones)->zones()[0]->apex().text(), "bank.test.");
}

TEST_F(ZoneFiles, ANameThatBothGiveIsRefused) {
  EXPECT_EQ(reason({{"shop.test", path_}}, {{"zones/shop.test", told("Shop.Test")}}),
            "zones/shop.test: " + path_ + " has the zone Shop.Test already, which stays\n");
}

TEST_F(ZoneFiles, WhatAManagerTellsHasLowerBounds) {
  const std::string few = "$GENERATE 0-65000 a.b.c.d.e.f.$ TXT x";
  const std::string refused = reason({}, {{"zones/bank.test", told("bank.test", few + "\\n")}});
  EXPECT_TRUE(refused.starts_with("zones/bank.test:3:33: a zone that a manager tells has at most 250000 names"))
      << refused;
  std::ofstream(path_, std::ios::app) << few << "\n";
  EXPECT_EQ(reason({{"shop.test", path_}}, {}), "");
}

TEST_F(ZoneFiles, AllFaultsAreToldEachAtItsPlace) {
  const std::string all =
      reason({{"shop.test", "/no/such/file"}}, {{"zones/a.test", told("a.test", "www IN A 1.2.3\\n")},
                                                {"zones/b.test", "{"},
                                                {"zones/c.test", R"({"name": "c.test"})"},
                                                {"zones/d.test", told("d..test")}});
  for (const char* const words : {"/no/such/file: ", "zones/a.test:3:", "zones/b.test: ", "zones/c.test: ",
                                  "\"records\" is missing", "zones/d.test: d..test: "}) {
    EXPECT_NE(all.find(words), std::string::npos) << words << " in " << all;
  }
}

}  // namespace
}  // namespace ringway::cli

#include "cli/compose.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backend/settings_schema.h"
#include "frontend/settings_schema.h"

namespace ringway::cli {
namespace {

class Compose : public testing::Test {
 protected:
  Compose() {
    std::filesystem::create_directories(place_);
    for (const char* const name : {"p.pem", "p.key", "ca.pem"}) std::ofstream(place_ + name) << "x";
  }
  ~Compose() override { std::filesystem::remove_all(place_); }

  void write(const std::string& text, const std::string& more = {}) { std::ofstream(path_) << text << more; }
  Result<std::shared_ptr<const frontend::Settings>> frontend(const agent::Sections& sections) {
    return compose(frontend::settings_type(), path_, sections);
  }
  Result<std::shared_ptr<const backend::Settings>> backend(const agent::Sections& sections) {
    return compose(backend::settings_type(), path_, sections);
  }

  const std::string place_ = testing::TempDir() + "ringway_compose_" + std::to_string(::getpid()) + "/";
  const std::string path_ = place_ + "gateway.yaml";
};

constexpr const char* kFrontend = R"(name: pop-1
listen: [ { address: "0.0.0.0:80" } ]
manager: { addresses: [ "192.0.2.9:7500" ], state: state }
link: { identity: { certificate: p.pem, key: p.key, authority: ca.pem } }
)";
constexpr const char* kBackend = R"(name: host-1
manager: { addresses: [ "192.0.2.9:7500" ], state: state, grace: 2h }
link:
  address: "0.0.0.0:7400"
  identity: { certificate: p.pem, key: p.key, authority: ca.pem }
)";
constexpr const char* kShop =
    R"({"name": "shop", "hosts": ["shop.test"], "backends": [{"address": "10.0.0.2:7400", "name": "host-1"}]})";

TEST_F(Compose, AFileThatLeavesItsSitesToAManager) {
  write(kFrontend);
  const auto alone = frontend({});
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_TRUE((*alone)->sites.empty());
  EXPECT_EQ((*alone)->gateway.manager->state, place_ + "state");
  EXPECT_EQ((*alone)->gateway.manager->grace, std::nullopt);
  const auto whole = frontend({{"sites/shop", kShop}, {"link", R"({"max_packet": "1300"})"}});
  ASSERT_TRUE(whole) << whole.error().message;
  ASSERT_EQ((*whole)->sites.size(), 1U);
  EXPECT_EQ((*whole)->sites[0].backends[0].name, "host-1");
  EXPECT_EQ((*whole)->link.max_packet_octets, 1300U);
}

TEST_F(Compose, SitesAreMissingWhereNoManagerTellsThem) {
  std::string text = kFrontend;
  text.erase(text.find("manager:"), text.find("link:") - text.find("manager:"));
  write(text);
  const auto alone = frontend({});
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message.find("\"sites\" is missing"), std::string::npos) << alone.error().message;
  write(text, "sites: []\n");
  EXPECT_TRUE(frontend({}));
}

TEST_F(Compose, TheFilesOwnWordStays) {
  write(kFrontend, R"(sites:
  - { name: own, hosts: [ own.test ], backends: [ { address: "10.0.0.2:7400", name: host-1 } ] }
)");
  const auto whole = frontend({{"sites/shop", kShop}});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ((*whole)->sites.size(), 2U);
  const auto twice = frontend({{"sites/own", kShop}});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("sites/own: "), std::string::npos) << twice.error().message;
  EXPECT_NE(twice.error().message.find(path_), std::string::npos);
  std::string with_size = kBackend;
  with_size += "  max_packet: 1250\n";
  write(with_size);
  const auto sized = backend({{"link", R"({"max_packet": "1300", "rings": {"sub_packet": "256"}})"}});
  ASSERT_TRUE(sized) << sized.error().message;
  EXPECT_EQ((*sized)->link.max_packet_octets, 1250U);
  EXPECT_EQ((*sized)->link.rings.sub_packet_octets, 256U);
}

TEST_F(Compose, TellsAllThatIsWrongWithItsPlace) {
  write(kFrontend);
  const auto whole = frontend({{"sites/shop", kShop},
                               {"sites/blog", R"({"name": "blog", "hosts": ["shop.test"], "ring": 7,
                                  "backends": [{"address": "nowhere", "name": "host-1"}]})"},
                               {"sites/none", "{"},
                               {"sites/list", "[]"}});
  ASSERT_FALSE(whole);
  const std::string& told = whole.error().message;
  EXPECT_NE(told.find("sites/none: "), std::string::npos) << told;
  EXPECT_NE(told.find("sites/list: it is no object"), std::string::npos) << told;
}

TEST_F(Compose, TellsWhatIsWrongInASection) {
  write(kFrontend);
  const auto wrong = frontend({{"sites/shop", kShop}, {"sites/blog", R"({"name": "blog", "hosts": ["blog.test"],
      "ring": 7, "backends": [{"address": "nowhere", "name": "host-1"}]})"}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("sites/blog: /ring: "), std::string::npos) << wrong.error().message;
  EXPECT_NE(wrong.error().message.find("sites/blog: /backends/0/address: "), std::string::npos)
      << wrong.error().message;
  EXPECT_EQ(wrong.error().message.find("sites/shop"), std::string::npos) << wrong.error().message;
}

TEST_F(Compose, JudgesTheWhole) {
  write(kFrontend);
  const auto doubled = frontend(
      {{"sites/shop", kShop},
       {"sites/zoo", R"({"name": "zoo", "hosts": ["zoo.test", "shop.test"], "backends": [{"address": "10.0.0.3:7400",
         "name": "host-1"}]})"}});
  ASSERT_FALSE(doubled);
  EXPECT_NE(doubled.error().message.find("sites/zoo: /hosts/1: the host \"shop.test\" is the site shop's already"),
            std::string::npos)
      << doubled.error().message;
  EXPECT_NE(doubled.error().message.find("sites/zoo: /backends/0/address: the back-end host-1 has the address"),
            std::string::npos)
      << doubled.error().message;
}

TEST_F(Compose, PassesOverWhatANewerManagerSays) {
  write(kFrontend);
  std::string newer = kShop;
  newer.insert(1, R"("mirror": {"to": "x"}, )");
  const auto whole = frontend({{"sites/shop", newer}, {"policies/cache", "{"}});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ((*whole)->sites.size(), 1U);
}

TEST_F(Compose, AFaultOfTheFileIsToldAsAlways) {
  write(kFrontend, "site: []\n");
  const auto wrong = frontend({{"sites/shop", kShop}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("gateway.yaml:5:1: unknown key \"site\""), std::string::npos)
      << wrong.error().message;
}

}  // namespace
}  // namespace ringway::cli

#include "manager/resources/compile.h"

#include <gtest/gtest.h>

#include "backend/settings.h"
#include "frontend/settings.h"
#include "manager/resources/changes.h"
#include "manager/resources/kinds.h"

namespace ringway::manager {
namespace {

Snapshot world() {
  const std::vector<Change> changes = {
      {kPops, "berlin", R"({"name": "berlin", "latitude": 52, "longitude": 13})"},
      {kFrontends, "pop-1", R"({"name": "pop-1", "pop": "berlin", "addresses": ["192.0.2.1"], "max_packet": "1300"})"},
      {kFrontends, "pop-2", R"({"name": "pop-2", "pop": "berlin", "addresses": ["192.0.2.2"]})"},
      {kBackends, "host-1", R"({"name": "host-1", "address": "198.51.100.1:7400"})"},
      {kBackends, "host-2", R"({"name": "host-2", "address": "198.51.100.2:7400"})"},
      {kSites, "shop", R"({"name": "shop", "hosts": ["shop.test"], "origins": [{"address": "127.0.0.1:8000"}],
                           "priorities": [{"ring": 0, "when": {"path": "/pay*"}}], "weight": 3})"}};
  std::vector<ChangeFault> faults;
  Snapshot snapshot = applied(resource_kinds(), {}, changes, 1, faults);
  EXPECT_TRUE(faults.empty());
  return snapshot;
}

/// The file of a gateway whose sites are these sections'.
std::string file_with(const agent::Sections& sections, const std::string& rest) {
  std::string sites;
  for (const auto& [name, text] : sections) {
    if (name.starts_with("sites/")) sites += (sites.empty() ? "" : ", ") + text;
  }
  return "{\"name\": \"x\", \"sites\": [" + sites + "], " + rest + "}";
}

constexpr const char* kFrontend = R"("listen": [{"address": "0.0.0.0:80"}],
  "link": {"identity": {"certificate": "c", "key": "k", "authority": "a"}})";
constexpr const char* kBackend = R"("link": {"address": "0.0.0.0:7400",
  "identity": {"certificate": "c", "key": "k", "authority": "a"}})";

TEST(Compile, GivesGatewaysWhatTheirFilesTake) {
  const Routes routes = {{"shop", {{{"pop-1", {"host-2", "host-1"}}}, {"host-1", "host-2"}}}};
  const GatewayContents contents = compile(world(), routes);
  const agent::Sections& pop = contents.frontends.at("pop-1");
  EXPECT_EQ(pop.at("link"), R"({"max_packet": "1300"})");
  const auto frontend = frontend::parse_settings(file_with(pop, kFrontend), "pop-1");
  ASSERT_TRUE(frontend) << frontend.error().message;
  const frontend::Site& site = (*frontend)->sites.at(0);
  EXPECT_EQ(site.backends.at(0).name, "host-2");
  EXPECT_EQ(site.backends.at(1).address.text(), "198.51.100.1:7400");
  EXPECT_EQ(site.priorities.size(), 1U);
  const auto backend = backend::parse_settings(file_with(contents.backends.at("host-1"), kBackend), "host-1");
  ASSERT_TRUE(backend) << backend.error().message;
  EXPECT_EQ((*backend)->sites.at(0).frontends, std::vector<std::string>{"pop-1"});
  EXPECT_EQ((*backend)->sites.at(0).weight, 3U);
  EXPECT_EQ(contents.frontends.at("pop-2").size(), 1U);
}

TEST(Compile, PassesOverWhatIsNotThere) {
  const Routes routes = {{"shop", {{{"pop-1", {"host-9"}}, {"pop-9", {"host-1"}}}, {"host-1"}}}, {"gone", {}}};
  const GatewayContents contents = compile(world(), routes);
  EXPECT_EQ(contents.frontends.size(), 2U);
  EXPECT_FALSE(contents.frontends.at("pop-1").contains("sites/shop"));
  EXPECT_FALSE(contents.backends.at("host-1").contains("sites/shop"));
}

}  // namespace
}  // namespace ringway::manager

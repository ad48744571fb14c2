#include "manager/rest/explain_api.h"

#include <gtest/gtest.h>

#include "base/config_json.h"
#include "manager/resources/changes.h"
#include "manager/resources/kinds.h"

namespace ringway::manager {
namespace {

/// A test double: says what it was told to.
class FixedView final : public LiveView {
 public:
  [[nodiscard]] std::vector<LiveSeat> seats(const std::string& site, assigner::Role role) const override {
    if (site != "shop") return {};
    return role == assigner::Role::frontend ? frontends : backends;
  }
  [[nodiscard]] std::optional<LiveLink> link(const std::string& frontend, const std::string& backend) const override {
    if (frontend != "pop-1" || backend != "host-2") return std::nullopt;
    return LiveLink{23.4, 0.001, 0.02, 0.5};
  }
  [[nodiscard]] std::vector<LiveOrigin> origins(const std::string& site) const override {
    return site == "shop" ? told : std::vector<LiveOrigin>();
  }
  [[nodiscard]] std::optional<double> client_rtt_ms(const std::string& frontend,
                                                    const IpAddress& client) const override {
    return frontend == "pop-1" && client.text() == "192.0.2.7" ? std::optional(12.5) : std::nullopt;
  }
  [[nodiscard]] std::optional<LiveSteering> steering(const std::string& site, const IpAddress&) const override {
    return site == "shop" ? steered : std::nullopt;
  }

  std::optional<LiveSteering> steered;

  std::vector<LiveSeat> frontends = {{"pop-1", "serving", 700, {"host-2", "host-1"}}, {"pop-2", "draining", 0, {}}};
  std::vector<LiveSeat> backends = {{"host-2", "serving", 1000, {}}};
  std::vector<LiveOrigin> told;
};

Snapshot world() {
  const std::vector<Change> changes = {
      {kPops, "berlin", R"({"name": "berlin", "latitude": 52, "longitude": 13})"},
      {kFrontends, "pop-1", R"({"name": "pop-1", "pop": "berlin", "addresses": ["192.0.2.1"]})"},
      {kBackends, "host-1", R"({"name": "host-1", "address": "198.51.100.1:7400"})"},
      {kSites, "shop",
       R"({"name": "shop", "hosts": ["shop.test", "*.shop.test", "*.cdn.shop.test"],
           "origins": [{"address": "127.0.0.1:8000"}], "ring": 3,
           "priorities": [{"ring": 0, "when": {"content_type": "text/css"}},
                          {"ring": 1, "when": {"client": "192.0.2.0/24"}},
                          {"ring": 4, "when": {"path": "/bulk*"}},
                          {"ring": 2, "when": {"path": "/b*"}}]})"},
      {kSites, "db", R"({"name": "db", "protocol": "tcp", "listen": "0.0.0.0:5432",
                         "origins": [{"address": "127.0.0.1:5433"}]})"}};
  std::vector<ChangeFault> faults;
  Snapshot snapshot = applied(resource_kinds(), {}, changes, 1, faults);
  EXPECT_TRUE(faults.empty()) << faults[0].fault.pointer << faults[0].fault.message;
  return snapshot;
}

config::TreeNode explained(const LiveView& live, const std::string& url,
                           const std::optional<IpAddress>& client = std::nullopt) {
  const auto answer = explain(world(), live, url, client);
  const std::string* json = std::get_if<std::string>(&answer);
  EXPECT_NE(json, nullptr) << std::get<Problem>(answer).detail;
  if (json == nullptr) return {};
  config::Report report("explanation", *json);
  const auto tree = config::parse_json(*json, report);
  EXPECT_TRUE(tree) << *json << report.text();
  return tree.value_or(config::TreeNode());
}

std::string at(const config::TreeNode& tree, const std::vector<std::string>& path) {
  const config::TreeNode* node = &tree;
  for (const std::string& step : path) {
    if (node->kind == config::TreeNode::Kind::list) {
      node = &node->items.at(static_cast<std::size_t>(std::stoi(step)));
    } else {
      const config::Entry* entry = node->find(step);
      if (entry == nullptr) return "(none)";
      node = &entry->value;
    }
  }
  return node->kind == config::TreeNode::Kind::null ? "null" : node->scalar;
}

std::string detail_of(const std::string& url) {
  const auto answer = explain(world(), FixedView(), url, std::nullopt);
  const Problem* problem = std::get_if<Problem>(&answer);
  return problem == nullptr ? "" : std::to_string(problem->status) + " " + problem->detail;
}

TEST(Explain, FindsTheSiteAsFrontEndsDo) {
  const FixedView live;
  EXPECT_EQ(at(explained(live, "https://SHOP.test/"), {"site", "match"}), "the host shop.test");
  EXPECT_EQ(at(explained(live, "a.shop.test:8443"), {"site", "match"}), "the host *.shop.test");
  EXPECT_EQ(at(explained(live, "http://a.cdn.shop.test?x"), {"site", "match"}), "the host *.cdn.shop.test");
  EXPECT_EQ(at(explained(live, "tcp://anything:5432"), {"site", "name"}), "db");
}

TEST(Explain, SaysWhereNoSiteIs) {
  EXPECT_EQ(detail_of("http://shop.tset/"), "404 no site has shop.tset; did you mean \"shop.test\"?");
  EXPECT_EQ(detail_of("tcp://db:5431"), "404 no site has db:5431");
  for (const char* url : {"", "/", "ftp://shop.test/", "http://", "http://user@shop.test/"}) {
    EXPECT_EQ(detail_of(url).substr(0, 3), "400") << url;
  }
}

TEST(Explain, TellsWhichRuleGivesTheRing) {
  const FixedView live;
  const config::TreeNode bulk = explained(live, "http://shop.test/bulk/1?a=b");
  EXPECT_EQ(at(bulk, {"ring", "ring"}), "4");
  EXPECT_EQ(at(bulk, {"ring", "rules", "0", "verdict"}), "depends_on_answer");
  EXPECT_EQ(at(bulk, {"ring", "rules", "1", "verdict"}), "no");
  EXPECT_EQ(at(bulk, {"ring", "rules", "2", "verdict"}), "matches");
  EXPECT_EQ(at(bulk, {"ring", "rules", "2", "when", "path"}), "/bulk*");
  EXPECT_EQ(bulk.find("ring")->value.find("rules")->value.items.size(), 3U);
  EXPECT_EQ(at(explained(live, "http://shop.test/bulk", *IpAddress::parse("192.0.2.7")), {"ring", "ring"}), "1");
  EXPECT_EQ(at(explained(live, "http://shop.test/other"), {"ring", "ring"}), "3");
}

TEST(Explain, TellsWhoServesAndWhy) {
  FixedView live;
  live.told = {{"127.0.0.1:8000", "host-2", 64, 64, true, false}};
  const config::TreeNode tree = explained(live, "http://shop.test/", *IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(at(tree, {"client"}), "192.0.2.7");
  EXPECT_EQ(at(tree, {"frontends", "0", "pop"}), "berlin");
  EXPECT_EQ(at(tree, {"frontends", "0", "weight"}), "700");
  EXPECT_EQ(at(tree, {"frontends", "0", "client_rtt_ms"}), "12.5");
  EXPECT_EQ(at(tree, {"frontends", "1", "client_rtt_ms"}), "null");
  EXPECT_EQ(at(tree, {"frontends", "1", "pop"}), "null");
  EXPECT_EQ(at(tree, {"frontends", "0", "backends", "0", "link", "rtt_ms"}), "23.4");
  EXPECT_EQ(at(tree, {"frontends", "0", "backends", "0", "why"}),
            "serving, 23 ms, 0.1 % lost on the way there and 2.0 % back, 50 % of the link used");
  EXPECT_EQ(at(tree, {"frontends", "0", "backends", "1", "why"}), "no longer assigned, no live link is known of");
  EXPECT_EQ(at(tree, {"origins", "0", "why"}), "full: requests wait, 64 of 64 pending");
}

TEST(Explain, TellsOfOriginsThatNobodyHasReported) {
  const config::TreeNode tree = explained(FixedView(), "http://shop.test/");
  EXPECT_EQ(at(tree, {"origins", "0", "name"}), "127.0.0.1:8000");
  EXPECT_EQ(at(tree, {"origins", "0", "backend"}), "null");
  EXPECT_EQ(at(tree, {"origins", "0", "why"}), "no back-end has told of it");
}

TEST(Explain, ShowsWhatARedirectorAnswersAndWhy) {
  FixedView view;
  LiveSteering told;
  told.table = 77;
  told.cell = "192.0.2.0/24";
  told.scope_bits = 24;
  told.ttl_s = 20;
  told.reason = "passed on";
  told.pop = "paris";
  told.frontends = {{"pop-2", {"192.0.2.9", "2001:db8::9"}}};
  told.rtt_ms = 31;
  told.site_rtt = LiveRange{9, 32};
  told.alpn = "http/1.1";
  told.warnings = {"the front-end is no closer", "and \"another\""};
  told.candidates = {{"berlin", 12.0, 5.0, 20.0, 0.97, 0.4, 0.1, 2, "sheds"},
                     {"paris", 31.0, std::nullopt, 22.0, std::nullopt, 0, 0.7, 1, "chosen"}};
  view.steered = told;
  const config::TreeNode root = explained(view, "http://shop.test/", *IpAddress::parse("192.0.2.7"));
  const config::TreeNode& steering = root.find("steering")->value;
  EXPECT_EQ(steering.find("table")->value.scalar, "77");
  EXPECT_EQ(steering.find("scope")->value.scalar, "24");
  EXPECT_EQ(at(steering, {"site_rtt_ms", "least"}), "9");
  EXPECT_EQ(at(steering, {"site_rtt_ms", "most"}), "32");
  EXPECT_EQ(steering.find("alpn")->value.scalar, "http/1.1");
  const auto& warnings = steering.find("warnings")->value.items;
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].scalar, "the front-end is no closer");
  EXPECT_EQ(warnings[1].scalar, "and \"another\"");
  EXPECT_EQ(steering.find("frontends")->value.items[0].find("addresses")->value.items.size(), 2U);
  const auto& candidates = steering.find("candidates")->value.items;
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0].find("verdict")->value.scalar, "sheds");
  EXPECT_EQ(candidates[0].find("measured_s_ago")->value.scalar, "5");
  EXPECT_EQ(candidates[1].find("measured_s_ago")->value.kind, config::TreeNode::Kind::null);
}

TEST(Explain, HasNoSteeringWhereNobodyAsksOrNothingIsSteered) {
  FixedView view;
  EXPECT_EQ(explained(view, "http://shop.test/").find("steering")->value.kind, config::TreeNode::Kind::null);
  view.steered = LiveSteering();
  EXPECT_EQ(explained(view, "http://shop.test/").find("steering")->value.kind, config::TreeNode::Kind::null);
}

}  // namespace
}  // namespace ringway::manager

#include "frontend/classifier.h"

#include <gtest/gtest.h>

#include "frontend/dispatcher.h"
#include "frontend/site_table.h"
#include "tests/support/fake_stream.h"

namespace ringway::frontend {
namespace {

http::RequestHead request(std::string method, std::string target) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  return head;
}

const IpAddress kClient = IpAddress::v4({198, 51, 100, 7});

TEST(Classifier, FirstRuleThatMatchesWins) {
  Site site;
  site.ring = 3;
  site.priorities.resize(2);
  site.priorities[0].ring = 1;
  site.priorities[0].when.path = "/a*";
  site.priorities[1].ring = 4;
  site.priorities[1].when.path = "/ab*";
  EXPECT_EQ(classify(site, request("GET", "/abc?x=1"), kClient).ring, 1);
  EXPECT_EQ(classify(site, request("GET", "/b"), kClient).ring, 3);
}

TEST(Classifier, AllThatARuleNamesMustHold) {
  Site site;
  site.priorities.resize(1);
  Condition& when = site.priorities[0].when;
  site.priorities[0].ring = 0;
  when.methods = {"GET", "HEAD"};
  when.queries = {{"q", "x*"}};
  when.cookies = {{"user", "gold"}};
  when.clients = {*IpNetwork::parse("198.51.100.0/24")};
  http::RequestHead head = request("GET", "/?a=1&q=xyz");
  head.fields.add("cookie", "theme=dark; user=gold");
  EXPECT_EQ(classify(site, head, kClient).ring, 0);
  EXPECT_EQ(classify(site, head, IpAddress::v4({198, 51, 101, 7})).ring, tmp::kDefaultRing);
  head.method = "POST";
  EXPECT_EQ(classify(site, head, kClient).ring, tmp::kDefaultRing);
  head.method = "GET";
  head.target = "/?a=1&q=y";
  EXPECT_EQ(classify(site, head, kClient).ring, tmp::kDefaultRing);
}

TEST(Classifier, WaitsForTheAnswerWhereARuleAsksForItsType) {
  Site site;
  site.priorities.resize(2);
  site.priorities[0].ring = 4;
  site.priorities[0].when.content_types = {"video/*"};
  site.priorities[1].ring = 1;
  site.priorities[1].when.path = "/v*";
  const Classification before = classify(site, request("GET", "/v"), kClient);
  EXPECT_TRUE(before.undecided);
  EXPECT_EQ(before.ring, 1);
  EXPECT_EQ(classify_answer(site, request("GET", "/v"), kClient, "Video/MP4; a=b"), 4);
  EXPECT_EQ(classify_answer(site, request("GET", "/v"), kClient, "text/html"), 1);
}

TEST(SiteTable, ExactBeforePatternsAndTheLongestPatternFirst) {
  Settings settings;
  settings.sites.resize(3);
  settings.sites[0].name = "wide";
  settings.sites[0].hosts = {"*.test"};
  settings.sites[1].name = "narrow";
  settings.sites[1].hosts = {"*.shop.test"};
  settings.sites[2].name = "exact";
  settings.sites[2].hosts = {"www.shop.test"};
  const SiteTable table(settings);
  EXPECT_EQ(table.find("www.shop.test:8080")->name, "exact");
  EXPECT_EQ(table.find("a.shop.test")->name, "narrow");
  EXPECT_EQ(table.find("shop.test")->name, "wide");
  EXPECT_EQ(table.find("shop.example"), nullptr);
  EXPECT_EQ(table.find(""), nullptr);
}

TEST(Dispatcher, PrefersTheQuickerLinkAndSharesEqualOnes) {
  Site site;
  site.backends = {{"a", {}}, {"b", {}}};
  ringway::testing::FakeLink a("a");
  ringway::testing::FakeLink b("b");
  Dispatcher dispatcher;
  dispatcher.set_links({{"a", &a}, {"b", &b}});
  a.set_round_trip(std::chrono::milliseconds(80));
  b.set_round_trip(std::chrono::milliseconds(20));
  EXPECT_EQ(dispatcher.choose(site, {}), &b);
  EXPECT_EQ(dispatcher.choose(site, {&b}), &a);
  b.set_up(false);
  EXPECT_EQ(dispatcher.choose(site, {}), &a);
  dispatcher.set_draining(a);
  EXPECT_EQ(dispatcher.choose(site, {}), nullptr);
  dispatcher.clear_draining(a);
  b.set_up(true);
  b.set_round_trip(std::chrono::milliseconds(80));
  a.opened.resize(3);
  EXPECT_EQ(dispatcher.choose(site, {}), &b);
}

}  // namespace
}  // namespace ringway::frontend

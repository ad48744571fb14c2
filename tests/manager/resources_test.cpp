#include <gtest/gtest.h>

#include "manager/resources/changes.h"
#include "manager/resources/kinds.h"

namespace ringway::manager {
namespace {

constexpr const char* kShop =
    R"({"name": "shop", "hosts": ["shop.test"], "priorities": [{"ring": 0, "when": {"path": "/pay*"}}],
        "origins": [{"address": "127.0.0.1:8000"}], "frontends": {"pinned": ["pop-1"]}})";
constexpr const char* kPop = R"({"name": "berlin", "latitude": 52.5, "longitude": 13.4})";
constexpr const char* kFrontend = R"({"name": "pop-1", "pop": "berlin", "addresses": ["192.0.2.1"]})";

struct Outcome {
  Snapshot snapshot;
  std::vector<ChangeFault> faults;
};

class Resources : public ::testing::Test {
 protected:
  Outcome apply(const Snapshot& base, const std::vector<Change>& changes, std::uint64_t revision = 1) {
    Outcome outcome;
    outcome.snapshot = applied(kinds_, base, changes, revision, outcome.faults);
    return outcome;
  }
  Snapshot whole() {
    const Outcome outcome =
        apply({}, {{kPops, "berlin", kPop}, {kFrontends, "pop-1", kFrontend}, {kSites, "shop", kShop}});
    for (const ChangeFault& each : outcome.faults) ADD_FAILURE() << each.fault.pointer << " " << each.fault.message;
    return outcome.snapshot;
  }

  ResourceKinds kinds_ = resource_kinds();
};

TEST_F(Resources, AreKeptInCanonicalForm) {
  const ResourcePtr shop = whole().find(kSites, "shop");
  ASSERT_NE(shop, nullptr);
  EXPECT_EQ(shop->json,
            R"({"name": "shop", "hosts": ["shop.test"], "priorities": [{"ring": 0, "when": {"path": "/pay*"}}], )"
            R"("origins": [{"address": "http://127.0.0.1:8000"}], "frontends": {"pinned": ["pop-1"]}})");
  EXPECT_EQ(shop->as<Site>().clients.priorities.size(), 1U);
  EXPECT_EQ(shop->as<Site>().servers.origins.size(), 1U);
  FieldFaults faults;
  EXPECT_EQ(read_resource(*kinds_.find(kSites), shop->json, 1, faults)->json, shop->json);
  EXPECT_TRUE(check_all(kinds_, whole()).empty());
}

TEST_F(Resources, TellEveryFaultByPointer) {
  const Outcome outcome = apply({}, {{kSites, "shop", R"({"name": "shop", "hosts": ["a b"], "wieght": 1,
                                     "priorities": [{"ring": 9, "when": {"path": "/"}}]})"}});
  std::vector<std::string> said;
  for (const ChangeFault& fault : outcome.faults) {
    said.push_back(fault.fault.pointer + " " + fault.fault.message + " " + fault.fault.hint);
  }
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0].substr(0, 38), " the key \"origins\" is missing in site ") << said[0];
  EXPECT_EQ(said[1].substr(0, 9), "/hosts/0 ");
  EXPECT_NE(said[2].find("did you mean \"weight\"?"), std::string::npos) << said[2];
  EXPECT_EQ(said[3].substr(0, 19), "/priorities/0/ring ");
  EXPECT_EQ(outcome.snapshot.size(), 0U);
}

TEST_F(Resources, MustHaveTheNameOfTheirPath) {
  const Outcome outcome = apply({}, {{kPops, "paris", kPop}});
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].fault.pointer, "/name");
}

TEST_F(Resources, RefuseWhatDoesNotExist) {
  const Outcome outcome = apply({}, {{"sties", "shop", kShop}, {kSites, "shop", std::nullopt}});
  ASSERT_EQ(outcome.faults.size(), 2U);
  EXPECT_EQ(outcome.faults[0].fault.hint, "did you mean \"sites\"?");
  EXPECT_EQ(outcome.faults[1].fault.message, "there is no site \"shop\"");
}

TEST_F(Resources, AreJudgedTogether) {
  std::string rival = kShop;
  rival.replace(rival.find("shop"), 4, "rival");
  Outcome outcome = apply(whole(), {{kSites, "rival", rival}, {kPops, "berlin", std::nullopt}});
  ASSERT_TRUE(outcome.faults.empty());
  const ResourceFaults faults = check_all(kinds_, outcome.snapshot);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0].kind, kFrontends);
  EXPECT_EQ(faults[0].fault.pointer, "/pop");
  EXPECT_EQ(faults[1].name, "shop");
  EXPECT_EQ(faults[1].fault.message, "the host \"shop.test\" is another site's already");
}

TEST_F(Resources, KeepTheirRevisionWhereNothingChanges) {
  const Outcome outcome =
      apply(whole(), {{kPops, "berlin", R"({"longitude": 13.40, "name": "berlin", "latitude": 52.5})"}}, 2);
  EXPECT_EQ(outcome.snapshot.find(kPops, "berlin")->revision, 1U);
  EXPECT_TRUE(difference(kinds_, whole(), outcome.snapshot).empty());
}

TEST_F(Resources, DifferByWhatLeadsFromOneToTheOther) {
  const Snapshot before = whole();
  const Outcome after = apply(
      before,
      {{kSites, "shop", std::nullopt}, {kPops, "paris", R"({"name": "paris", "latitude": 48.9, "longitude": 2.3})"}},
      2);
  const std::vector<Change> there = difference(kinds_, before, after.snapshot);
  ASSERT_EQ(there.size(), 2U);
  EXPECT_EQ(there[0].name, "paris");
  EXPECT_EQ(there[1], (Change{kSites, "shop", std::nullopt}));
  const Outcome back = apply(after.snapshot, difference(kinds_, after.snapshot, before), 3);
  EXPECT_TRUE(difference(kinds_, before, back.snapshot).empty());
}

TEST_F(Resources, ShareWhatTheyHaveInCommonWithoutChangingEachOther) {
  const Snapshot before = whole();
  Snapshot after = before;
  after.remove(kSites, "shop");
  EXPECT_NE(before.find(kSites, "shop"), nullptr);
  EXPECT_EQ(after.find(kSites, "shop"), nullptr);
  EXPECT_EQ(before.find(kPops, "berlin"), after.find(kPops, "berlin"));
}

}  // namespace
}  // namespace ringway::manager

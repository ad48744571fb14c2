// The choice: who is answered what, how much moves, and how far an answer may be shared.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/random.h"
#include "redirector_dns/steering/table_steering.h"
#include "tests/redirector_dns/steering_plan.h"

namespace ringway::dns::steering {

namespace {

constexpr std::size_t kCells = 4000;

IpAddress nth_address(std::size_t i) {
  return IpAddress::v4({static_cast<std::uint8_t>(16 + (i >> 8)), static_cast<std::uint8_t>(i), 0, 1});
}

/// 4,000 cells, all nearest to pop0, then pop1.
Plan crowd_plan() {
  Plan plan = small_plan();
  for (std::size_t i = 0; i < kCells; ++i) {
    ClientPlan each = client("10.0.0.0/24", {10, 30, 60, 90});
    each.network = Network::around(Family::v4, number_of(nth_address(i)), 24);
    plan.clients.push_back(each);
  }
  return plan;
}

/// Of the plan; one front-end in `ill` is ill.
SharedTable random_table(const Plan& plan, SeededRandom& random, std::uint64_t ill) {
  const SharedAtlas atlas = drawn(plan);
  Levels levels = SteeringTable(1, atlas, {}).levels();
  for (PopLevel& pop : levels.pops) pop.shed = random.below(2) == 0 ? random.unit() : 0;
  for (FrontendLevel& frontend : levels.frontends) {
    frontend = {random.below(3) == 0 ? random.unit() : 0, random.below(ill) == 0 ? 1U : 0U, random.below(4) == 0};
  }
  return std::make_shared<SteeringTable>(1, atlas, levels);
}

class ChoiceTest : public testing::Test {
 protected:
  Choice ask(std::size_t i, WallSeconds now = 0) const {
    return choose(table(), *atlas->find("shop.test"), {nth_address(i), 24, true}, now);
  }
  [[nodiscard]] SteeringTable table() const { return SteeringTable(1, atlas, levels); }
  std::vector<PopIndex> pops() const {
    const SteeringTable now = table();
    std::vector<PopIndex> all;
    all.reserve(kCells);
    for (std::size_t i = 0; i < kCells; ++i) {
      all.push_back(choose(now, *atlas->find("shop.test"), {nth_address(i), 24, true}, 0).pop);
    }
    return all;
  }
  static double share(const std::vector<PopIndex>& pops, PopIndex pop) {
    return static_cast<double>(std::count(pops.begin(), pops.end(), pop)) / static_cast<double>(pops.size());
  }
  void redraw(const Plan& plan) {
    atlas = drawn(plan);
    levels = SteeringTable(1, atlas, {}).levels();
  }

  SharedAtlas atlas = drawn(crowd_plan());
  Levels levels = SteeringTable(1, atlas, {}).levels();
};

}  // namespace

TEST_F(ChoiceTest, TheNearestPopWithoutLoad) {
  const Choice choice = ask(7);
  EXPECT_EQ(choice.pop, 0);
  EXPECT_EQ(choice.reason, Reason::first);
  EXPECT_EQ(choice.count, 2U);
  EXPECT_EQ(choice.ttl_s, 20U);
  EXPECT_EQ(choice.scope_bits, 16U);
}

TEST_F(ChoiceTest, SendsOnAsManyAsTheShareSaysAndTheSameEachTime) {
  levels.pops[0].shed = 0.3;
  const std::vector<PopIndex> some = pops();
  EXPECT_NEAR(share(some, 1), 0.3, 0.03);
  levels.pops[0].shed = 0.5;
  const std::vector<PopIndex> more = pops();
  EXPECT_NEAR(share(more, 1), 0.5, 0.03);
  for (std::size_t i = 0; i < kCells; ++i) EXPECT_LE(some[i], more[i]) << "raising a share brings nobody back";
  levels.pops[0].shed = 0.3;
  EXPECT_EQ(pops(), some);
}

TEST_F(ChoiceTest, ThoseWhoAreSentOnAskTheNextPopAndItsOwnShareDecides) {
  levels.pops[0].shed = 1;
  levels.pops[1].shed = 0.25;
  const std::vector<PopIndex> all = pops();
  EXPECT_NEAR(share(all, 1), 0.75, 0.03);
  EXPECT_NEAR(share(all, 2), 0.25, 0.03);
}

TEST_F(ChoiceTest, WhereAllShedTheLotGoesByWhatTheyDoNotShed) {
  for (PopLevel& pop : levels.pops) pop.shed = 1;
  const std::vector<PopIndex> all = pops();
  for (PopIndex pop = 0; pop < 4; ++pop) EXPECT_NEAR(share(all, pop), 0.25, 0.03);
  EXPECT_EQ(ask(1).reason, Reason::by_lot);
}

TEST_F(ChoiceTest, AnAnswerOfAPopThatDrainsLivesUntilItChanges) {
  levels.pops[0].draining = true;
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < kCells; i += 10) {
    levels.pops[0].shed = 0.25;
    const Choice told = ask(i);
    if (told.pop != 0) continue;
    seen.insert(told.ttl_s);
    EXPECT_GE(told.ttl_s, 5U);
    EXPECT_LE(told.ttl_s, 15U) << "all have left by then";
    levels.pops[0].shed = std::min(1.0, 0.25 + 0.05 * told.ttl_s);
    EXPECT_NE(ask(i).pop, 0) << "whoever asks again when it is over goes elsewhere";
  }
  EXPECT_EQ(seen.size(), 11U);
}

TEST_F(ChoiceTest, AnAnswerThatNamesWhoDrainsLivesUntilItChanges) {
  Plan plan = crowd_plan();
  plan.sites[0].ttl = std::chrono::seconds(300);
  redraw(plan);
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < kCells; i += 10) {
    levels.frontends[0] = {0.25, 0, true};
    const auto names_it = [](const Choice& choice) {
      const auto* end = choice.frontends.begin() + choice.count;
      return std::find(choice.frontends.begin(), end, 0) != end;
    };
    const Choice told = ask(i);
    if (!names_it(told)) {
      EXPECT_EQ(told.ttl_s, 300U) << "it has left";
      continue;
    }
    seen.insert(told.ttl_s);
    EXPECT_GE(told.ttl_s, 5U);
    EXPECT_LE(told.ttl_s, 15U) << "all have left by then";
    levels.frontends[0].shed = std::min(1.0, 0.25 + 0.05 * told.ttl_s);
    EXPECT_FALSE(names_it(ask(i))) << "whoever asks again when it is over is given others";
  }
  EXPECT_EQ(seen.size(), 11U);
}

TEST_F(ChoiceTest, OnlyTheKeysOfAFrontendThatIsIllMove) {
  std::vector<FrontendIndex> before;
  before.reserve(kCells);
  for (std::size_t i = 0; i < kCells; ++i) before.push_back(ask(i).frontends[0]);
  EXPECT_NEAR(static_cast<double>(std::count(before.begin(), before.end(), 0)) / kCells, 0.5, 0.03);
  levels.frontends[1].ill_rank = 1;
  for (std::size_t i = 0; i < kCells; i += 40) {
    EXPECT_EQ(ask(i).frontends[0], 0);
    EXPECT_EQ(ask(i).count, 1U);
  }
}

TEST_F(ChoiceTest, ALostPopIsPassedByAtOnce) {
  levels.frontends[0].ill_rank = levels.frontends[1].ill_rank = 1;
  EXPECT_EQ(share(pops(), 1), 1);
  EXPECT_EQ(ask(1).reason, Reason::passed_on);
}

TEST_F(ChoiceTest, AllDownMeansAllAnswer) {
  for (FrontendLevel& frontend : levels.frontends) frontend.ill_rank = 1;
  EXPECT_EQ(share(pops(), 0), 1);
}

TEST_F(ChoiceTest, InsideAFenceWhoShouldAnswerIsNamedWhoeverIsIll) {
  Plan plan = small_plan();
  plan.clients = {client("16.0.0.0/8", {10, 20, 30, 40})};
  plan.clients[0].area = "DE";
  plan.sites[0].policy.fences = {{{"DE"}, {3}}};
  redraw(plan);
  levels.frontends[6].ill_rank = levels.frontends[7].ill_rank = 1;
  const Choice choice = ask(1);
  EXPECT_EQ(choice.reason, Reason::last_resort);
  EXPECT_EQ(choice.pop, 3);
  EXPECT_EQ(choice.count, 2U);
}

TEST_F(ChoiceTest, WeightsAreProportions) {
  Plan plan = crowd_plan();
  plan.frontends[0].weight = 3;
  plan.sites[0].answers = 1;
  redraw(plan);
  std::size_t first = 0;
  for (std::size_t i = 0; i < kCells; ++i) first += ask(i).frontends[0] == 0 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(first) / kCells, 0.75, 0.03);
}

TEST_F(ChoiceTest, AFrontendWithoutWeightStandsByUntilThereIsNoOther) {
  Plan plan = crowd_plan();
  plan.frontends[0].weight = 0;
  redraw(plan);
  EXPECT_EQ(ask(3).frontends[0], 1);
  EXPECT_EQ(ask(3).count, 1U);
  levels.frontends[1].ill_rank = 1;
  EXPECT_EQ(ask(3).frontends[0], 0);
}

TEST_F(ChoiceTest, AFrontendShedsWithinItsPopAndNeverTheLastOne) {
  levels.frontends[0].shed = 0.5;
  std::size_t alone = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    const Choice choice = ask(i);
    EXPECT_EQ(choice.pop, 0);
    alone += choice.count == 1 && choice.frontends[0] == 1 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(alone) / kCells, 0.5, 0.03);
  levels.frontends[0].shed = levels.frontends[1].shed = 0.95;
  for (std::size_t i = 0; i < kCells; ++i) EXPECT_EQ(ask(i).pop, 0) << "of load alone";
}

TEST_F(ChoiceTest, WhoDrainsLosesItsClientsToOtherPopsWhereItIsAlone) {
  const std::vector<PopIndex> before = pops();
  levels.frontends[0] = {0.5, 0, true};
  EXPECT_EQ(pops(), before) << "the POP has another one";
  levels.frontends[1] = {1, 0, true};
  const std::vector<PopIndex> half = pops();
  EXPECT_NEAR(share(half, 0), 0.5, 0.03);
  for (std::size_t i = 0; i < kCells; ++i) {
    const Choice choice = ask(i);
    EXPECT_EQ(std::count(choice.frontends.begin(), choice.frontends.begin() + choice.count, 1), 0);
  }
  levels.frontends[0].shed = 1;
  const std::vector<PopIndex> after = pops();
  EXPECT_EQ(share(after, 0), 0);
  for (std::size_t i = 0; i < kCells; ++i) {
    if (half[i] != 0) {
      EXPECT_EQ(after[i], half[i]);
    }
  }
}

TEST_F(ChoiceTest, WhereAllDrainAllAnswer) {
  for (FrontendLevel& frontend : levels.frontends) frontend = {1, 0, true};
  const Choice choice = ask(5);
  EXPECT_EQ(choice.reason, Reason::last_resort);
  EXPECT_GE(choice.count, 1U);
  // One of them is only busy: it is named before those that drain.
  levels.frontends[1] = {0.95, 0, false};
  for (std::size_t i = 0; i < kCells; ++i) EXPECT_EQ(ask(i).frontends[0], 1);
}

TEST_F(ChoiceTest, WhoDrainsIsNamedBeforeWhoIsIll) {
  using Indices = std::pair<FrontendIndex, FrontendIndex>;
  for (const auto& [drains, ill] : {Indices{0, 1}, Indices{0, 2}, Indices{2, 0}}) {  // of one POP, and of two
    Plan plan = crowd_plan();
    plan.sites[0].frontends = {std::min(drains, ill), std::max(drains, ill)};
    redraw(plan);
    levels.frontends[ill].ill_rank = 1;
    for (const double shed : {0.0, 0.3, 1.0}) {
      levels.frontends[drains] = {shed, 0, true};
      for (std::size_t i = 0; i < kCells; i += 10) {
        ASSERT_EQ(ask(i).count, 1U) << drains << " drains by " << shed;
        ASSERT_EQ(ask(i).frontends[0], drains) << drains << " drains by " << shed;
      }
    }
    levels.frontends[drains].ill_rank = 2;
    EXPECT_EQ(ask(1).frontends[0], ill) << "nobody is well, and who drains should not be named";
  }
}

TEST_F(ChoiceTest, WeightedPopsGetTheirSharesAndOnlyTheirCellsMove) {
  Plan plan = crowd_plan();
  plan.sites[0].policy.policy = Policy::weighted;
  plan.sites[0].policy.shares = {1, 2, 1, 0};
  redraw(plan);
  const std::vector<PopIndex> before = pops();
  EXPECT_NEAR(share(before, 0), 0.25, 0.03);
  EXPECT_NEAR(share(before, 1), 0.5, 0.03);
  EXPECT_EQ(share(before, 3), 0);
  levels.pops[1].shed = 0.5;
  const std::vector<PopIndex> after = pops();
  EXPECT_NEAR(share(after, 1), 0.25, 0.03);
  for (std::size_t i = 0; i < kCells; ++i) {
    if (before[i] != 1) {
      EXPECT_EQ(after[i], before[i]);
    }
  }
}

TEST_F(ChoiceTest, ASparePopComesLast) {
  Plan plan = crowd_plan();
  plan.sites[0].spare = Spare::next_pop;
  redraw(plan);
  const Choice choice = ask(9);
  ASSERT_EQ(choice.count, 2U);
  EXPECT_EQ(atlas->frontends[choice.frontends[0]].pop, 0);
  EXPECT_EQ(atlas->frontends[choice.frontends[1]].pop, 1);
}

TEST_F(ChoiceTest, NamesASpareThatDrainsNoLongerThanItStays) {
  Plan plan = crowd_plan();
  plan.sites[0].spare = Spare::next_pop;
  plan.sites[0].ttl = std::chrono::seconds(300);
  redraw(plan);
  ASSERT_EQ(ask(9).ttl_s, 300U);
  levels.pops[1] = {0.2, 0, true};
  std::size_t named = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    const Choice choice = ask(i);
    if (atlas->frontends[choice.frontends[1]].pop != 1) continue;
    ++named;
    EXPECT_LE(choice.ttl_s, 16U) << "0.8 of its clients, 5 % a second";
  }
  EXPECT_GT(named, kCells / 2);
}

TEST_F(ChoiceTest, ABigResolverIsCutByTime) {
  Plan plan = crowd_plan();
  plan.resolvers = {nth_address(5)};
  redraw(plan);
  levels.pops[0].shed = 0.3;
  const SteeringTable now = table();
  const Asker resolver{nth_address(5), 32, false};
  std::size_t sent_on = 0;
  std::size_t changes = 0;
  PopIndex last = 9;
  for (WallSeconds second = 0; second < 40'000; ++second) {
    const Choice choice = choose(now, *atlas->find("shop.test"), resolver, second);
    EXPECT_GE(choice.ttl_s, 5U);
    EXPECT_LE(choice.ttl_s, 20U);
    sent_on += choice.pop == 1 ? 1 : 0;
    changes += choice.pop != last ? 1 : 0;
    last = choice.pop;
  }
  EXPECT_NEAR(static_cast<double>(sent_on) / 40'000, 0.3, 0.04);
  EXPECT_LE(changes, 2000U);
  // The same address by subnet is one client.
  EXPECT_EQ(choose(now, *atlas->find("shop.test"), {nth_address(5), 32, true}, 1).pop,
            choose(now, *atlas->find("shop.test"), {nth_address(5), 32, true}, 100'001).pop);
}

/// RFC 7871: whoever is inside an announced scope would have been answered the same. Random plans, levels and clients
/// of both families, all kinds of policies; inside each scope its edges, the edges of what stands in the plan, and
/// others.
TEST(ChoiceScope, EveryAddressInsideGetsTheSameAnswer) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    const Plan plan = random_plan(seed);
    TableSteering steering;
    steering.use(random_table(plan, random, 4));
    const auto answer = [&](const std::string& site, const IpAddress& address) {
      const Steered* steered = steering.steer(site, {address, address.is_v4() ? 32U : 128U, true});
      return std::tuple(std::vector(steered->v4.begin(), steered->v4.end()),
                        std::vector(steered->v6.begin(), steered->v6.end()), steered->ttl_s, steered->scope_bits);
    };
    for (int query = 0; query < 200; ++query) {
      const ClientPlan& near = plan.clients[random.below(plan.clients.size())];
      const std::uint64_t spread = random.below(2) == 0 ? near.network.last() - near.network.first : ~0ULL >> 12;
      const Network asked = Network::around(near.network.family, near.network.first + random.below(spread),
                                            width_of(near.network.family));
      const std::string& site = plan.sites[random.below(plan.sites.size())].name;
      const auto expected = answer(site, asked.address());
      const Network scope = Network::around(asked.family, asked.first, std::get<3>(expected));
      std::vector<std::uint64_t> others = {scope.first, scope.last()};
      for (int i = 0; i < 10; ++i) others.push_back(scope.first + random.below(scope.last() - scope.first));
      for (const ClientPlan& each : plan.clients) {
        if (!scope.contains(each.network)) continue;
        others.push_back(each.network.first);
        others.push_back(each.network.last());
      }
      for (const std::uint64_t other : others) {
        const Network inside = Network::around(asked.family, other, width_of(asked.family));
        ASSERT_EQ(answer(site, inside.address()), expected) << seed << " " << asked.text() << " " << inside.text();
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 100'000U);
}

/// A negative answer is believed of the site, whoever asked.
TEST(TableSteering, LacksAFamilyForEverybodyOrForNobody) {
  std::size_t mixed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    const SharedTable table = random_table(random_plan(seed), random, 2);
    TableSteering steering;
    steering.use(table);
    for (const Site& site : table->atlas().sites) {
      const AddressFamilies& families = table->families(site.site_class);
      mixed += families.mixed ? 1 : 0;
      for (std::size_t i = 0; i < 50; ++i) {
        const Steered* steered = steering.steer(site.name, {nth_address(random.below(kCells)), 24, true});
        ASSERT_EQ(steered->v4.empty(), !families.v4) << seed << " " << site.name;
        ASSERT_EQ(steered->v6.empty(), !families.v6) << seed << " " << site.name;
      }
    }
  }
  EXPECT_GT(mixed, 100U);
}

TEST(TableSteering, ChoosesEachFamilyAmongThoseThatHaveIt) {
  Plan plan = crowd_plan();
  for (std::size_t of_pop0 = 0; of_pop0 < 2; ++of_pop0) plan.frontends[of_pop0].v6.clear();
  TableSteering steering;
  steering.use(std::make_shared<SteeringTable>(1, drawn(plan), Levels()));
  const Steered* steered = steering.steer("shop.test", {nth_address(5), 24, true});
  const auto is_of = [&](const IpAddress& address, PopIndex pop) {
    return std::any_of(plan.frontends.begin(), plan.frontends.end(), [&](const FrontendPlan& each) {
      const auto& all = address.is_v4() ? each.v4 : each.v6;
      return each.pop == pop && std::find(all.begin(), all.end(), address) != all.end();
    });
  };
  ASSERT_EQ(steered->v4.size(), 2U);
  ASSERT_EQ(steered->v6.size(), 2U);
  EXPECT_TRUE(is_of(steered->v4[0], 0));
  EXPECT_TRUE(is_of(steered->v6[0], 1)) << "the nearest that has one";
  EXPECT_EQ(steering.last().of(RecordType::a).pop, 0);
  EXPECT_EQ(steering.last().of(RecordType::https).pop, 0);
  EXPECT_EQ(steering.last().of(RecordType::aaaa).pop, 1);
}

TEST(ChoiceExplained, SaysWhyEachPopWasTakenOrNot) {
  const SharedAtlas atlas = drawn(crowd_plan());
  Levels levels = SteeringTable(1, atlas, {}).levels();
  levels.pops[0].shed = 1;
  levels.frontends[2].ill_rank = levels.frontends[3].ill_rank = 1;
  const SteeringTable table(1, atlas, levels);
  const Explanation told = explain(table, *atlas->find("shop.test"), {nth_address(3), 24, true}, 0);
  EXPECT_EQ(told.cell.text(), "16.3.0.0/16");
  EXPECT_EQ(told.choice.pop, 2);
  ASSERT_EQ(told.candidates.size(), 4U);
  EXPECT_EQ(told.candidates[0].verdict, Candidate::Verdict::sheds);
  EXPECT_EQ(told.candidates[1].verdict, Candidate::Verdict::nobody_answers);
  EXPECT_EQ(told.candidates[2].verdict, Candidate::Verdict::chosen);
  EXPECT_EQ(told.candidates[3].verdict, Candidate::Verdict::not_needed);
  EXPECT_LT(told.candidates[0].hash, 1);
}

TEST(TableSteering, AnswersAddressesOfBothFamiliesTogether) {
  Plan plan = small_plan();
  plan.sites[0].alpn = "h2";
  plan.sites[0].port = 8443;
  TableSteering steering;
  const Asker asker{nth_address(1), 24, true};
  EXPECT_EQ(steering.steer("shop.test", asker), nullptr);
  steering.use(std::make_shared<SteeringTable>(1, drawn(plan), Levels()));
  EXPECT_EQ(steering.steer("other.test", asker), nullptr);
  const Steered* steered = steering.steer("shop.test", asker);
  ASSERT_NE(steered, nullptr);
  ASSERT_EQ(steered->v4.size(), 2U);
  ASSERT_EQ(steered->v6.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(steered->v4[i].octets()[15], steered->v6[i].octets()[15]) << "of the same front-end";
  }
  EXPECT_EQ(steered->alpn, "h2");
  EXPECT_EQ(steered->port, 8443);
  EXPECT_EQ(steered->ttl_s, 20U);
}

}  // namespace ringway::dns::steering

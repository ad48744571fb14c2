// The assigner with clients and gateways around it, on virtual time.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/manager/assigner_model.h"
#include "tests/support/scale.h"

namespace ringway::manager::assigner {

namespace {

const std::uint64_t kSeeds = scaled(5);
constexpr double kFrontendCapacity = 600;

/// Four POPs of three front-ends, two centres of three back-ends, a shop and eleven sites beside it.
Model make_world(std::uint64_t seed) {
  Model model(seed);
  model.add_place("berlin", {52.5, 13.4}, Role::frontend, 3, kFrontendCapacity);
  model.add_place("lisbon", {38.7, -9.1}, Role::frontend, 3, kFrontendCapacity);
  model.add_place("milan", {45.5, 9.2}, Role::frontend, 3, kFrontendCapacity);
  model.add_place("oslo", {59.9, 10.8}, Role::frontend, 3, kFrontendCapacity);
  model.add_place("east", {50.1, 8.7}, Role::backend, 3, 1600);
  model.add_place("west", {48.9, 2.4}, Role::backend, 3, 1600);
  model.add_site("shop", 2, 12, 1);
  for (int i = 1; i <= 11; ++i) model.add_site(fmt::format("site{:02}", i), 1, 12, 1);
  model.step();
  for (unsigned i = 1; i <= 11; ++i) model.set_clients(fmt::format("site{:02}", i), 80 + 16 * i);
  model.set_clients("shop", 480);
  model.run(600);
  return model;
}

std::string told(const Model& model) { return fmt::format("{}", fmt::join(model.log, "\n")); }

void expect_sound(const Model& model) {
  EXPECT_TRUE(model.faults.empty()) << fmt::format("{}\n", fmt::join(model.faults, "\n")) << told(model);
}

double worst_refusal(const Model& model) {
  double worst = 0;
  for (const auto& [site, served] : model.served) worst = std::max(worst, served.refused_share());
  return worst;
}

double fullest(const Model& model) {
  double most = 0;
  for (const auto& [gateway, load] : model.load) most = std::max(most, load);
  return most;
}

/// Seconds until the last one, of the next `watched`, in which a site had more than 1 % refused.
unsigned seconds_to_quality(Model& model, unsigned watched) {
  unsigned bad = 0;
  for (unsigned second = 1; second <= watched; ++second) {
    model.step();
    if (worst_refusal(model) > 0.01) bad = second;
  }
  return bad;
}

void crowd(Model& model, const std::string& site, std::size_t from, std::size_t to, unsigned seconds) {
  for (unsigned i = 1; i <= seconds; ++i) {
    model.set_clients(site, from + (to - from) * i / seconds);
    model.step();
  }
}

}  // namespace

TEST(AssignerSimulation, CalmWorldDoesNotMove) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    const std::size_t before = model.moves();
    model.run(1200);
    EXPECT_EQ(model.moves(), before) << told(model);
    EXPECT_EQ(model.serving("shop", Role::frontend).size(), 2U);
    expect_sound(model);
  }
}

TEST(AssignerSimulation, CrowdOfMoreThanTwiceTheCapacityIsServedWithin30Seconds) {
  const auto clients = static_cast<std::size_t>(2.2 * 2 * kFrontendCapacity);
  for (std::uint64_t seed = 1; seed <= 2 * kSeeds; ++seed) {
    Model model = make_world(seed);
    crowd(model, "shop", 480, clients, 5);
    const unsigned restored = 5 + seconds_to_quality(model, 295);
    EXPECT_LE(restored, 30U) << told(model);
    EXPECT_LE(fullest(model), 1.0);
    EXPECT_GE(model.serving("shop", Role::frontend).size(), 5U);
    expect_sound(model);
    fmt::print("seed {}: {} s, {} front-ends, fullest {:.2f}, {} moves\n", seed, restored,
               model.serving("shop", Role::frontend).size(), fullest(model), model.moves());
  }
}

TEST(AssignerSimulation, GatewaysOfACrowdThatSubsidedServeTheNextOne) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    crowd(model, "shop", 480, 2640, 5);
    model.run(300);
    const auto at_most = model.serving("shop", Role::frontend);
    model.set_clients("shop", 480);
    model.run(1200);
    const auto left = model.serving("shop", Role::frontend);
    EXPECT_EQ(left.size(), 2U) << told(model);
    crowd(model, "site05", 160, static_cast<std::size_t>(2.2 * kFrontendCapacity), 5);
    EXPECT_LE(5 + seconds_to_quality(model, 120), 30U) << told(model);
    const auto next = model.serving("site05", Role::frontend);
    const bool given = std::any_of(next.begin(), next.end(),
                                   [&](const auto& name) { return at_most.contains(name) && !left.contains(name); });
    EXPECT_TRUE(given);
    expect_sound(model);
  }
}

TEST(AssignerSimulation, LoadThatSwingsSlowlyDoesNotFlap) {
  const std::uint64_t half = scaled(2 * 3600);
  for (const unsigned period : {120U, 300U, 600U, 1800U}) {
    Model model = make_world(period);
    std::size_t before = 0;
    for (std::uint64_t second = 0; second < 2 * half; ++second) {
      if (second == half) before = model.moves();
      const double phase = 2 * std::numbers::pi * static_cast<double>(second) / period;
      model.set_clients("shop", static_cast<std::size_t>(1200 + 600 * std::sin(phase)));
      model.step();
    }
    fmt::print("period {}: {} moves in the first {} s, {} in the next\n", period, before, half, model.moves() - before);
    EXPECT_LE(model.moves() - before, 12U) << told(model);  // of 12 sites, in two hours
    expect_sound(model);
  }
}

TEST(AssignerSimulation, SitesOfADeadPopGoOnElsewhere) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    const auto before = model.assignment.sites;
    model.kill("milan");
    model.run(limits::kGatewaySilence.count() + 2);
    for (const auto& [site, plan] : model.plan.sites) {
      EXPECT_GE(model.serving(site, Role::frontend).size(), plan.frontends.min) << site;
    }
    model.run(22);
    model.run(120);  // every tenth client keeps its answer for so long
    EXPECT_LE(worst_refusal(model), 0.01) << told(model);
    const std::size_t moves = model.moves();
    model.revive("milan");
    model.run(30);
    for (const auto& [site, assigned] : before) {
      for (const auto& [name, seat] : assigned.frontends.seats) {
        EXPECT_TRUE(model.serving(site, Role::frontend).contains(name)) << site << " " << name;
      }
    }
    EXPECT_EQ(model.moves(), moves);
    model.run(900);
    expect_sound(model);
  }
}

TEST(AssignerSimulation, WhoLosesItsBackendGetsAnother) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    const std::string victim = *model.serving("shop", Role::backend).begin();
    model.kill(victim);
    EXPECT_LE(seconds_to_quality(model, 120), 10U) << told(model);
    EXPECT_FALSE(model.serving("shop", Role::backend).contains(victim));
    expect_sound(model);
  }
}

TEST(AssignerSimulation, DrainEmptiesAndUndrainBringsBack) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    const std::string drained = *model.serving("shop", Role::frontend).begin();
    const std::size_t before = model.clients_at(drained);
    ASSERT_GT(before, 0U);
    model.plan.frontends.at(drained).admin = Admin::draining;
    model.step();
    EXPECT_EQ(model.assignment.sites.at("shop").frontends.seats.at(drained).weight, 0U);
    model.run(25);
    EXPECT_LE(model.clients_at(drained), before / 5);
    model.run(100);
    EXPECT_EQ(model.clients_at(drained), 0U);
    model.plan.frontends.at(drained).admin = Admin::serving;
    model.step();
    EXPECT_GT(model.assignment.sites.at("shop").frontends.seats.at(drained).weight, 0U);
    model.run(900);
    EXPECT_TRUE(model.serving("shop", Role::frontend).contains(drained)) << told(model);
    EXPECT_EQ(model.serving("shop", Role::frontend).size(), 2U);
    expect_sound(model);
  }
}

TEST(AssignerSimulation, DrainedPopAndBackendAreLeftAndTakenAgain) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    const std::string backend = *model.serving("shop", Role::backend).begin();
    model.plan.places.at("berlin").admin = Admin::draining;
    model.plan.backends.at(backend).admin = Admin::draining;
    model.step();
    for (const auto& [site, assigned] : model.assignment.sites) {
      for (const auto& [name, seat] : assigned.frontends.seats) {
        EXPECT_TRUE(seat.weight == 0 || !name.starts_with("berlin"));
        EXPECT_EQ(std::count(seat.backends.begin(), seat.backends.end(), backend), 0) << site;
      }
    }
    model.run(200);
    EXPECT_LE(worst_refusal(model), 0.01) << told(model);
    model.plan.places.at("berlin").admin = Admin::serving;
    model.plan.backends.at(backend).admin = Admin::serving;
    model.run(600);
    EXPECT_TRUE(model.serving("shop", Role::backend).contains(backend));
    expect_sound(model);
  }
}

TEST(AssignerSimulation, WhateverHappensNoGatewayIsReassignedTwiceAMinute) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Model model = make_world(seed);
    SeededRandom random(seed);
    const std::vector<std::string> places = {"berlin", "lisbon", "milan", "oslo", "east", "west"};
    for (unsigned second = 0; second < 1200; ++second) {
      const std::string& place = places[random.below(places.size())];
      switch (random.below(120)) {
        case 0: model.kill(fmt::format("{}-{}", place, 1 + random.below(3))); break;
        case 1: model.revive(fmt::format("{}-{}", place, 1 + random.below(3))); break;
        case 2: model.plan.places.at(place).admin = Admin::draining; break;
        case 3: model.plan.places.at(place).admin = Admin::serving; break;
        case 4: model.set_clients("shop", random.below(2400)); break;
        case 5: model.set_clients(fmt::format("site{:02}", 1 + random.below(11)), random.below(600)); break;
        default: break;
      }
      model.step();
    }
    expect_sound(model);
  }
}

TEST(AssignerSimulation, NewLeaderWaitsForItsGateways) {
  Model model = make_world(1);
  const auto before = model.assignment.sites;
  model.measurements = {};
  model.measurements.since = model.now;
  model.kill("");  // nobody has found the new leader yet
  for (unsigned second = 1; second < limits::kUnheardGrace.count(); ++second) {
    model.now += std::chrono::seconds(1);
    const Round round = assign(model.plan, model.measurements, model.assignment, model.now);
    EXPECT_TRUE(round.moves.empty());
    model.assignment = round.next;
  }
  model.revive("");
  model.run(300);
  for (const auto& [site, assigned] : before) {
    for (const auto& [name, seat] : assigned.frontends.seats) {
      EXPECT_TRUE(model.serving(site, Role::frontend).contains(name));
    }
  }
}

TEST(AssignerSimulation, WhenNobodyIsHeardClientsGoWhereTheyWent) {
  Model model = make_world(1);
  model.kill("");
  model.run(60);
  for (const auto& [site, assigned] : model.assignment.sites) {
    unsigned weights = 0;
    for (const auto& [name, seat] : assigned.frontends.seats) weights += seat.weight;
    EXPECT_GE(weights, 990U) << site;
    for (const auto& [name, seat] : assigned.frontends.seats) EXPECT_FALSE(seat.backends.empty());
  }
}

}  // namespace ringway::manager::assigner

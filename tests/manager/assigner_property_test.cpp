// What holds in any world: random plans, loads that follow the weights at once, and things that happen.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "manager/assigner/assigner.h"
#include "manager/assigner/nearness.h"
#include "tests/support/scale.h"

namespace ringway::manager::assigner {

namespace {

using std::chrono::seconds;

const std::uint64_t kSeeds = scaled(25);

/// Everything is heard each second but those in `silent`.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {
    places_ = 2 + random_.below(4);
    for (std::uint64_t i = 0; i < places_; ++i) {
      PlacePlan& place = plan.places[fmt::format("p{}", i)];
      place.latitude = random_.unit() * 120 - 60;
      place.longitude = random_.unit() * 300 - 150;
    }
    make_gateways(plan.frontends, "f", 4 + random_.below(12));
    make_gateways(plan.backends, "b", 2 + random_.below(8));
    const std::uint64_t sites = 1 + random_.below(40);
    for (std::uint64_t i = 0; i < sites; ++i) make_site(fmt::format("s{:02}", i));
  }

  void step() {
    now += seconds(1);
    measure();
    round = assign(plan, measurements, assignment, now);
    assignment = round.next;
    check();
  }

  /// Rounds until `quiet` in a row had no move but the ends of others; 0 where it never was so quiet.
  unsigned settle(unsigned quiet, unsigned most) {
    unsigned still = 0;
    for (unsigned i = 1; i <= most; ++i) {
      step();
      still = round.moves.empty() ? still + 1 : 0;
      if (still == quiet) return i;
    }
    return 0;
  }

  void happen() {
    auto& gateways = random_.below(2) == 0 ? plan.frontends : plan.backends;
    auto gateway = gateways.begin();
    std::advance(gateway, static_cast<std::ptrdiff_t>(random_.below(gateways.size())));
    auto site = plan.sites.begin();
    std::advance(site, static_cast<std::ptrdiff_t>(random_.below(plan.sites.size())));
    Wanted& wanted = &gateways == &plan.frontends ? site->second.frontends : site->second.backends;
    switch (random_.below(8)) {
      case 0: gateway->second.admin = Admin::draining; break;
      case 1: gateway->second.admin = Admin::serving; break;
      case 2: silent.insert(gateway->first); break;
      case 3: silent.clear(); break;
      case 4: wanted.pinned = {gateway->first}; break;
      case 5: wanted.excluded = {gateway->first}; break;
      case 6: demand[site->first] = 300 * random_.unit(); break;
      case 7:
        if (gateways.size() > 2) gateways.erase(gateway);
        break;
    }
  }

  void scale_demand(double by) {
    for (auto& [site, exchanges] : demand) exchanges *= 1 + by * (2 * random_.unit() - 1);
  }

  std::size_t seats() const {
    std::size_t count = 0;
    for (const auto& [site, assigned] : assignment.sites) {
      count += assigned.frontends.seats.size() + assigned.backends.seats.size();
    }
    return count;
  }

  bool well(Role role, const std::string& name) const {
    const auto& gateways = role == Role::frontend ? plan.frontends : plan.backends;
    const auto& measured = role == Role::frontend ? measurements.frontends : measurements.backends;
    const auto gateway = gateways.find(name);
    if (gateway == gateways.end() || gateway->second.admin == Admin::draining) return false;
    const auto known = measured.find(name);
    return known != measured.end() && now - known->second.heard <= limits::kGatewaySilence;
  }

  Plan plan;
  Measurements measurements;
  Assignment assignment;
  Round round;
  Time now{};
  std::set<std::string> silent;
  std::map<std::string, double> demand;
  std::vector<std::string> faults;

 private:
  void make_gateways(std::map<std::string, GatewayPlan>& gateways, const char* prefix, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      GatewayPlan& gateway = gateways[fmt::format("{}{:02}", prefix, i)];
      gateway.place = fmt::format("p{}", random_.below(places_));
      gateway.exchanges_per_s = 100 + static_cast<double>(random_.below(400));
    }
  }

  void make_site(const std::string& name) {
    SitePlan& site = plan.sites[name];
    site.frontends.min = 1 + static_cast<unsigned>(random_.below(3));
    site.frontends.max = site.frontends.min + static_cast<unsigned>(random_.below(5));
    site.backends.min = 1 + static_cast<unsigned>(random_.below(2));
    site.backends.max = site.backends.min + static_cast<unsigned>(random_.below(3));
    demand[name] = random_.below(4) == 0 ? 200 * random_.unit() : 20 * random_.unit();
  }

  void measure() {
    measure(plan.frontends, measurements.frontends, &SiteAssignment::frontends);
    measure(plan.backends, measurements.backends, &SiteAssignment::backends);
  }

  void measure(const std::map<std::string, GatewayPlan>& gateways, std::map<std::string, Measured>& measured,
               Seating SiteAssignment::*role) {
    std::map<std::string, GatewayFigures> reports;
    for (const auto& [name, gateway] : gateways) reports[name];
    for (const auto& [site, assigned] : assignment.sites) {
      for (const auto& [name, seat] : (assigned.*role).seats) {
        const auto report = reports.find(name);
        if (report == reports.end()) continue;
        const double asked = demand[site] * seat.weight / 1000;
        report->second.sites[site].requests_per_s = asked;
        report->second.exchanges_per_s += asked;
      }
    }
    for (const auto& [name, report] : reports) {
      if (!silent.contains(name)) hear(measured, name, report, now);
    }
  }

  void check() {
    for (const auto& [name, site] : plan.sites) {
      check(name, Role::frontend, site.frontends, assignment.sites.at(name).frontends, plan.frontends);
      check(name, Role::backend, site.backends, assignment.sites.at(name).backends, plan.backends);
    }
  }

  void check(const std::string& site, Role role, const Wanted& wanted, const Seating& seating,
             const std::map<std::string, GatewayPlan>& gateways) {
    const auto fault = [&](const std::string& what) {
      faults.push_back(fmt::format("{} s, {} {}: {}", to_seconds(now.time_since_epoch()), site, role_name(role), what));
    };
    std::size_t serving = 0, able = 0, pins = 0;
    for (const auto& [name, seat] : seating.seats) {
      if (!gateways.contains(name)) fault(name + " is unknown");
      if (seat.state != SeatState::serving) continue;
      ++serving;
      if (!well(role, name)) fault(name + " is not well and serves");
      if (wanted.excluded.contains(name)) fault(name + " is excluded and serves");
    }
    for (const auto& [name, gateway] : gateways) {
      if (wanted.excluded.contains(name)) continue;
      able += well(role, name) ? 1 : 0;
      if (!wanted.pinned.contains(name)) continue;
      ++pins;
      if (!seating.seats.contains(name)) fault(name + " is pinned and has no seat");
    }
    if (serving < std::min<std::size_t>(wanted.min, able)) fault(fmt::format("{} of {} serve", serving, wanted.min));
    // One more may serve while one takes over from another, and those that came back until others have left.
    const auto changed = std::count_if(seating.seats.begin(), seating.seats.end(), [&](const auto& entry) {
      return now - entry.second.changed <= limits::kSettleTime + seconds(1);
    });
    if (serving > std::max<std::size_t>({wanted.min, wanted.max, pins}) && changed == 0) {
      fault(fmt::format("{} serve, {} may", serving, wanted.max));
    }
  }

  SeededRandom random_;
  std::uint64_t places_ = 0;
};

std::size_t places(const RandomWorld& world, const Seating& seating) {
  std::set<std::string> found;
  for (const auto& [name, seat] : seating.seats) {
    if (seat.state == SeatState::serving) found.insert(world.plan.frontends.at(name).place);
  }
  return found.size();
}

}  // namespace

TEST(AssignerProperties, ConstantLoadComesToRest) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomWorld world(seed);
    EXPECT_NE(world.settle(400, 5000), 0U) << "seed " << seed;
    EXPECT_TRUE(world.faults.empty()) << "seed " << seed << fmt::format("\n{}", fmt::join(world.faults, "\n"));
    const auto before = world.assignment.sites;
    world.step();
    EXPECT_TRUE(world.round.moves.empty());
    for (const auto& [site, assigned] : world.assignment.sites) {
      for (const auto& [name, seat] : assigned.frontends.seats) {
        EXPECT_EQ(seat.backends, before.at(site).frontends.seats.at(name).backends);
      }
    }
  }
}

TEST(AssignerProperties, MinimumsStandInDifferentPlaces) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomWorld world(seed);
    world.step();  // nothing was heard before and nothing is loaded
    std::set<std::string> all;
    for (const auto& [name, gateway] : world.plan.frontends) all.insert(gateway.place);
    for (const auto& [name, site] : world.plan.sites) {
      const Seating& seating = world.assignment.sites.at(name).frontends;
      EXPECT_EQ(places(world, seating), std::min<std::size_t>(all.size(), site.frontends.min)) << seed << name;
    }
  }
}

TEST(AssignerProperties, FirstSeatsAreDealtOutEvenly) {
  RandomWorld world(3);
  for (auto& [name, gateway] : world.plan.frontends) gateway.exchanges_per_s = 100;
  for (auto& [name, gateway] : world.plan.frontends) gateway.place.clear();
  world.plan.sites.clear();
  for (int i = 0; i < 300; ++i) world.plan.sites[fmt::format("s{:03}", i)].frontends.min = 2;
  world.step();
  std::map<std::string, int> seats;
  for (const auto& [site, assigned] : world.assignment.sites) {
    for (const auto& [name, seat] : assigned.frontends.seats) ++seats[name];
  }
  const int fair = 600 / static_cast<int>(world.plan.frontends.size());
  for (const auto& [name, count] : seats) EXPECT_NEAR(count, fair, 1) << name;
}

TEST(AssignerProperties, LittleMoreLoadMovesLittle) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomWorld world(seed);
    if (world.settle(400, 5000) == 0) continue;  // told by the other test
    const std::size_t seats = world.seats();
    std::size_t moves = 0;
    world.scale_demand(0.02);
    for (int i = 0; i < 120; ++i) {
      world.step();
      moves += world.round.moves.size();
    }
    EXPECT_LE(moves, 2 + seats / 50) << "seed " << seed;
  }
}

TEST(AssignerProperties, WhateverHappensThePlanHolds) {
  for (std::uint64_t seed = 100; seed < 100 + kSeeds; ++seed) {
    RandomWorld world(seed);
    SeededRandom random(seed);
    for (int i = 0; i < 600; ++i) {
      if (random.below(10) == 0) world.happen();
      world.step();
    }
    EXPECT_TRUE(world.faults.empty()) << "seed " << seed << fmt::format("\n{}", fmt::join(world.faults, "\n"));
    world.silent.clear();
    EXPECT_NE(world.settle(400, 8000), 0U) << "seed " << seed;
  }
}

}  // namespace ringway::manager::assigner

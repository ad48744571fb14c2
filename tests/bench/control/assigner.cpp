// How long a round of the assigner takes, in the sizes that are promised: 1,000 sites, 100 front-ends, 100 back-ends.
// Demand is heavy-tailed and clients follow their weights at once. Prints a line of JSON for each kind of round.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <vector>

#include "base/random.h"
#include "manager/assigner/assigner.h"

namespace {

using namespace ringway;
using namespace ringway::manager::assigner;

constexpr int kSites = 1000;
constexpr int kGateways = 100;
constexpr int kPlaces = 25;
constexpr double kCapacity = 1000;  // exchanges/s of each gateway

struct Bench {
  Bench() {
    for (int i = 0; i < kPlaces; ++i) {
      plan.places[fmt::format("place{:02}", i)] = {random.unit() * 120 - 60, random.unit() * 300 - 150};
    }
    for (int i = 0; i < kGateways; ++i) {
      const std::string place = fmt::format("place{:02}", i % kPlaces);
      plan.frontends[fmt::format("pop-frontend-{:03}", i)] = {place, kCapacity};
      plan.backends[fmt::format("host-backend-{:03}", i)] = {place, kCapacity};
    }
    for (int i = 0; i < kSites; ++i) {
      const std::string site = fmt::format("customer-site-{:04}", i);
      plan.sites[site].frontends.min = 2;
      demand[site] = 25 / std::sqrt(random.unit() + 1e-3);  // 48 on average, so half of all capacity; 800 at most
    }
  }

  void report(const std::map<std::string, GatewayPlan>& gateways, std::map<std::string, Measured>& measured,
              Seating SiteAssignment::*role) {
    std::map<std::string, GatewayFigures> reports;
    for (const auto& [site, assigned] : assignment.sites) {
      for (const auto& [gateway, seat] : (assigned.*role).seats) {
        const double asked = demand[site] * seat.weight / 1000;
        reports[gateway].sites[site].requests_per_s = asked;
        reports[gateway].exchanges_per_s += asked;
      }
    }
    for (const auto& [name, gateway] : gateways) {
      if (gateway.place == dead) continue;
      if (role == &SiteAssignment::frontends) {
        for (const auto& [backend, unused] : plan.backends) reports[name].links[backend] = {40, 0.001, 0.2};
      }
      hear(measured, name, reports[name], now);
    }
  }

  /// Milliseconds of CPU that the round took: what others do on the machine is not the assigner's.
  double round() {
    now += std::chrono::seconds(1);
    report(plan.frontends, measurements.frontends, &SiteAssignment::frontends);
    report(plan.backends, measurements.backends, &SiteAssignment::backends);
    const std::clock_t begun = std::clock();
    Round result = assign(plan, measurements, assignment, now);
    const std::clock_t ended = std::clock();
    moves += result.moves.size();
    assignment = std::move(result.next);
    return 1e3 * static_cast<double>(ended - begun) / CLOCKS_PER_SEC;
  }

  void measure(const char* what, int rounds) {
    std::vector<double> ms;
    moves = 0;
    for (int i = 0; i < rounds; ++i) ms.push_back(round());
    std::sort(ms.begin(), ms.end());
    fmt::print("{{\"assigner\": \"{}\", \"rounds\": {}, \"median_ms\": {:.2f}, \"most_ms\": {:.2f}, \"moves\": {}}}\n",
               what, rounds, ms[ms.size() / 2], ms.back(), moves);
  }

  SeededRandom random{1};
  Plan plan;
  Measurements measurements;
  Assignment assignment;
  Time now{};
  std::map<std::string, double> demand;
  std::string dead;
  std::size_t moves = 0;
};

}  // namespace

int main() {
  Bench bench;
  bench.measure("first", 1);
  bench.measure("settling", 600);
  bench.measure("calm", 120);
  int nth = 0;
  for (auto& [site, exchanges] : bench.demand) exchanges *= nth++ % 20 == 0 ? 8 : 1;
  bench.measure("crowds", 60);
  bench.dead = "place03";
  bench.measure("dead_pop", 60);
  return 0;
}

#pragma once
// What a simulation is to the program that runs the seeds: a name, and a run that says what went wrong.

#include <cstdint>
#include <string>

namespace ringway::sim {

struct Simulation {
  const char* name;
  /// Empty where every invariant held. The same seed gives the same run.
  std::string (*run)(std::uint64_t seed);
};

/// Two TMP endpoints and many streams between them (stream_simulation.cpp).
std::string simulate_streams(std::uint64_t seed);

/// The same where UDP is blocked and carriers pass, and break: the link lasts and moves (stream_simulation.cpp).
std::string simulate_fallback(std::uint64_t seed);

/// Clients, a front-end, two back-ends and two origins (gateway_simulation.cpp).
std::string simulate_gateways(std::uint64_t seed);

/// One of two back-ends is cut off (gateway_simulation.cpp).
std::string simulate_failover(std::uint64_t seed);

/// A site with 500 exchanges of ring 0 beside one with 20 (greedy_simulation.cpp).
std::string simulate_greedy_site(std::uint64_t seed);

/// Downloads, pages and probes on one narrow path (crowd_simulation.cpp).
std::string simulate_crowd(std::uint64_t seed);

/// Pages over a lossy path (page_simulation.cpp).
std::string simulate_pages(std::uint64_t seed);

}  // namespace ringway::sim

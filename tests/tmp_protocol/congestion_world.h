#pragma once
// Links and plain TCP connections on one simulated path, for the tests of what the parts do together.

#include <memory>
#include <vector>

#include "bottleneck_simulation.h"
#include "cubic_sender.h"

namespace ringway::tmp::simulation {

struct World {
  Timeline time;
  Bottleneck path;
  Time begun = time.now();
  std::vector<std::unique_ptr<LinkSender>> links;
  std::vector<std::unique_ptr<CubicSender>> rivals;

  World(const PathShape& shape, std::uint64_t seed) : path(time, shape, seed) {}

  LinkSender& link(std::uint32_t hosted, const CongestionSettings& settings = {}) {
    links.push_back(std::make_unique<LinkSender>(time, path, settings, hosted));
    return *links.back();
  }
  void add_rivals(int count, Duration within = std::chrono::milliseconds(500)) {
    for (int i = 0; i < count; ++i) {
      rivals.push_back(std::make_unique<CubicSender>(time, path));
      soon([rival = rivals.back().get()] { rival->start(); }, within);
    }
  }
  void soon(std::function<void()> action, Duration within = std::chrono::milliseconds(500)) {
    time.at(time.now() + from_seconds(path.random().unit() * to_seconds(within)), std::move(action));
  }
  void run(Duration length) { time.run_until(time.now() + length); }
  /// Megabits a second of the last `length`.
  [[nodiscard]] double rate(const Arrivals& arrivals, Duration length) const {
    return arrivals.rate(time.now() - length, time.now());
  }
  [[nodiscard]] double rival_rate(Duration length) const {
    double sum = 0;
    for (const auto& rival : rivals) sum += rate(rival->arrivals(), length);
    return sum / static_cast<double>(rivals.size());
  }
};

}  // namespace ringway::tmp::simulation

// Prints how long pages and small answers take over paths of many kinds, on virtual time: page_table [PAGES [CELL]].

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/sim/pages.h"

namespace {

using namespace ringway::sim;
using namespace std::chrono_literals;

struct Cell {
  const char* name;
  double loss;
  double burst;
  int rtt_ms;
  int megabits;
  int jitter_ms;
};

constexpr Cell kCells[] = {
    {"0", 0, 1, 80, 50, 0},         {"1", 0.01, 1, 80, 50, 0},      {"3", 0.03, 1, 80, 50, 0},
    {"burst1", 0.01, 4, 80, 50, 0}, {"burst3", 0.03, 4, 80, 50, 0}, {"rtt200", 0.01, 1, 200, 50, 0},
    {"slow", 0.01, 1, 80, 10, 0},   {"jitter", 0, 1, 80, 50, 10},   {"jitter1", 0.01, 1, 80, 50, 10},
};

PathConditions path_of(const Cell& cell) {
  PathConditions path;
  path.delay = std::chrono::microseconds(cell.rtt_ms * 500);
  path.jitter = std::chrono::milliseconds(cell.jitter_ms);
  path.loss = cell.loss;
  path.mean_burst = cell.burst;
  path.octets_per_s = static_cast<std::uint64_t>(cell.megabits) * 125'000 * 1472 / 1500;  // without IP and UDP
  path.queue_octets = path.octets_per_s * static_cast<std::uint64_t>(cell.rtt_ms) / 1000;
  path.mtu_octets = 1472;
  return path;
}

void print_answers(std::uint64_t seed) {
  fmt::print("\n{:10}{:>8}{:>8}{:>10}{:>9}{:>9}\n", "answers", "p50 ms", "p99", "octets", "of none", "slow %");
  for (const double loss : {0.0, 0.005, 0.01, 0.02, 0.03, 0.05}) {
    PathConditions path = path_of({"", loss, 1, 50, 100, 0});
    double without = 0;
    for (const double repair : {0.0, 0.05}) {
      const AnswerLoads loads = load_answers(seed, path, 300s, repair);
      const auto octets = static_cast<double>(loads.octets + 28 * loads.packets);
      const double each = octets / static_cast<double>(loads.milliseconds.size());
      if (repair == 0) without = each;
      fmt::print("{:10}{:8.0f}{:8.0f}{:10.0f}{:9.2f}\n",
                 fmt::format("{:.1f}%{}", 100 * loss, repair == 0 ? " off" : ""), quantile(loads.milliseconds, 0.5),
                 quantile(loads.milliseconds, 0.99), each, each / without,
                 100.0 *
                     static_cast<double>(std::count_if(loads.milliseconds.begin(), loads.milliseconds.end(),
                                                       [](double ms) { return ms > 90; })) /
                     static_cast<double>(loads.milliseconds.size()));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int pages = argc > 1 ? std::atoi(argv[1]) : 100;
  fmt::print("{:10}{:>8}{:>8}{:>8}{:>8}{:>10}{:>9}\n", "cell", "p50 ms", "p95", "max", "lost %", "KB/page", "resent %");
  for (const Cell& cell : kCells) {
    if (argc > 2 && std::strcmp(argv[2], cell.name) != 0) continue;
    const PageLoads loads = load_pages(1, path_of(cell), pages);
    if (!loads.fault.empty()) fmt::print("{}\n", loads.fault);
    if (loads.milliseconds.empty()) continue;
    const auto sent = static_cast<double>(loads.back.octets_sent);
    fmt::print("{:10}{:8.0f}{:8.0f}{:8.0f}{:8.2f}{:10.0f}{:9.2f}\n", cell.name, quantile(loads.milliseconds, 0.5),
               quantile(loads.milliseconds, 0.95), quantile(loads.milliseconds, 1),
               100.0 * static_cast<double>(loads.back.packets_lost) / static_cast<double>(loads.back.packets_sent),
               sent / 1000 / (pages + 2), 100.0 * static_cast<double>(loads.back.octets_resent) / sent);
    std::fflush(stdout);
    if (argc > 3) {
      for (const double time : loads.milliseconds) fmt::print(" {:.0f}", time);
      fmt::print("\n");
    }
  }
  if (argc < 3 || std::strcmp(argv[2], "answers") == 0)
    print_answers(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
}

// Runs the simulations for many seeds, or for one again.

#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/result.h"
#include "tests/sim/simulation.h"

namespace {

using ringway::Error;
using ringway::Result;

constexpr ringway::sim::Simulation kSimulations[] = {
    {"streams", ringway::sim::simulate_streams},
    {"fallback", ringway::sim::simulate_fallback},
    {"gateways", ringway::sim::simulate_gateways},
    {"failover", ringway::sim::simulate_failover},
    {"greedy site", ringway::sim::simulate_greedy_site},
    {"pages", ringway::sim::simulate_pages},
    {"crowd", ringway::sim::simulate_crowd},
};

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 300;
};

// For the signal handler: what to type to see it again.
char replay_text[128] = "";

extern "C" void say_seed_and_die(int signal) {
  const auto ignored = ::write(STDERR_FILENO, replay_text, std::strlen(replay_text));
  static_cast<void>(ignored);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void remember_seed(std::uint64_t seed) {
  std::snprintf(replay_text, sizeof replay_text, "simulation crashed; replay it with: ./run sim %llu\n",
                static_cast<unsigned long long>(seed));
}

Result<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') return ringway::internal_error(std::string("not a number: ") + text);
  return value;
}

Result<Options> parse(int argc, char** argv) {
  Options options;
  if (const char* seeds = std::getenv("RINGWAY_SIM_SEEDS"); seeds != nullptr) {
    const Result<std::uint64_t> count = number(seeds);
    if (!count.ok()) return count.error();
    options.count = *count;
  }
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc || (name != "--seed" && name != "--seeds")) {
      return ringway::internal_error("usage: sim_test [--seed FIRST] [--seeds COUNT]");
    }
    const Result<std::uint64_t> value = number(argv[i + 1]);
    if (!value.ok()) return value.error();
    if (name == "--seed") options.first = *value;
    if (name == "--seed" && argc == 3) options.count = 1;
    if (name == "--seeds") options.count = *value;
  }
  return options;
}

bool run_seed(std::uint64_t seed) {
  remember_seed(seed);
  for (const ringway::sim::Simulation& simulation : kSimulations) {
    const std::string fault = simulation.run(seed);
    if (fault.empty()) continue;
    std::printf("seed %llu, %s: %s\n  replay it with: ./run sim %llu\n", static_cast<unsigned long long>(seed),
                simulation.name, fault.c_str(), static_cast<unsigned long long>(seed));
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const Result<Options> options = parse(argc, argv);
  if (!options.ok()) {
    std::fprintf(stderr, "%s\n", options.error().message.c_str());
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, say_seed_and_die);
  std::uint64_t failures = 0;
  for (std::uint64_t seed = options->first; seed < options->first + options->count; ++seed) {
    if (!run_seed(seed)) ++failures;
  }
  std::printf("%llu seeds, %llu failed\n", static_cast<unsigned long long>(options->count),
              static_cast<unsigned long long>(failures));
  return failures == 0 ? 0 : 1;
}

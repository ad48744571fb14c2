#include "manager/assigner/routes.h"

#include <algorithm>

namespace ringway::manager::assigner {

namespace {

/// A back-end that sends all its new work past it is as bad as one so much farther away.
constexpr double kMsPerShed = 100;
constexpr double kBetterShare = 0.9;
constexpr double kBetterMs = 5;

struct Candidate {
  const std::string* name;
  double ms;
  std::size_t place;  // in the order before; those that are new have none and come by their cost
};

bool clearly_better(const Candidate& a, const Candidate& b) {
  return a.ms < kBetterShare * b.ms && a.ms < b.ms - kBetterMs;
}

}  // namespace

std::vector<std::string> route(const Group& group, const std::vector<Gateway>& backends, const Nearness& nearness,
                               std::size_t frontend, const std::vector<std::string>& before) {
  std::vector<Candidate> candidates;
  for (const Member& member : group.members) {
    if (member.seat.weight == 0) continue;
    const std::string* name = backends[member.gateway].name;
    const auto known = std::find(before.begin(), before.end(), *name);
    candidates.push_back({name, nearness.ms(frontend, member.gateway) + kMsPerShed * member.seat.shed,
                          static_cast<std::size_t>(known - before.begin())});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.place, a.ms, *a.name) < std::tie(b.place, b.ms, *b.name);
  });
  for (std::size_t i = 1; i < candidates.size(); ++i) {  // what is new, and what became better, moves forward
    for (std::size_t k = i; k > 0; --k) {
      const bool fresh = candidates[k].place == before.size() && candidates[k].ms < candidates[k - 1].ms;
      if (!fresh && !clearly_better(candidates[k], candidates[k - 1])) break;
      std::swap(candidates[k], candidates[k - 1]);
    }
  }
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const Candidate& candidate : candidates) names.push_back(*candidate.name);
  return names;
}

}  // namespace ringway::manager::assigner

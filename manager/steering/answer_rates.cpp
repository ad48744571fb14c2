#include "manager/steering/answer_rates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace ringway::manager {

double AnswerRates::Rate::now(Time now) const { return per_s * std::exp(-to_seconds(now - at) / to_seconds(kMemory)); }

void AnswerRates::hear(const std::string& redirector, const agent::SteeringReport& report,
                       const dns::steering::Atlas& atlas, Time now) {
  const std::vector<std::uint64_t> before = std::exchange(before_[redirector], report.pops);
  if (before.size() != report.pops.size() || report.pops.size() != atlas.pops.size()) return;
  if (!std::equal(before.begin(), before.end(), report.pops.begin(), std::less_equal<>())) return;  // it began anew
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (report.pops[i] == before[i]) continue;
    Rate& rate = pops_[atlas.pops[i].name];
    rate.per_s = rate.now(now) + static_cast<double>(report.pops[i] - before[i]) / to_seconds(kMemory);
    rate.at = now;
  }
}

double AnswerRates::of(const std::string& pop, Time now) const {
  const auto found = pops_.find(pop);
  return found == pops_.end() ? 0 : found->second.now(now);
}

}  // namespace ringway::manager

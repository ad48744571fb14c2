#include "manager/assigner/measurements.h"

#include <cmath>

#include "base/limits.h"

namespace ringway::manager::assigner {

namespace {

/// How much of a new value counts `gap` after the one before.
double share_of_new(Duration gap, Duration memory) {
  return gap.count() <= 0 ? 0 : 1 - std::exp(-to_seconds(gap) / to_seconds(memory));
}

void follow(double& value, double report, double share) { value += share * (report - value); }

void follow(SiteFigures& value, const SiteFigures& report, double share) {
  follow(value.requests_per_s, report.requests_per_s, share);
  follow(value.refused_per_s, report.refused_per_s, share);
  follow(value.origins_busy, report.origins_busy, share);
  value.origins_up = report.origins_up;
}

void follow(LinkFigures& value, const LinkFigures& report, double share) {
  follow(value.rtt_ms, report.rtt_ms, share);
  follow(value.loss, report.loss, share);
  follow(value.used, report.used, share);
}

/// `values` gets the keys of `reports`; what is new there begins with what is reported.
template <class T>
void follow_all(std::map<std::string, T>& values, const std::map<std::string, T>& reports, double share) {
  std::erase_if(values, [&](const auto& entry) { return !reports.contains(entry.first); });
  for (const auto& [name, report] : reports) {
    const auto [value, fresh] = values.try_emplace(name, report);
    if (!fresh) follow(value->second, report, share);
  }
}

}  // namespace

void hear(std::map<std::string, Measured>& gateways, const std::string& name, const GatewayFigures& report, Time now) {
  const auto [entry, fresh] = gateways.try_emplace(name);
  Measured& known = entry->second;
  const Duration gap = now - known.heard;
  known.heard = now;
  if (fresh || gap > limits::kGatewaySilence) {
    known.alive_since = now;
    known.figures = report;
    return;
  }
  const double share = share_of_new(gap, limits::kLoadMemory);
  known.figures.health = report.health;
  follow(known.figures.cpu, report.cpu, share);
  follow(known.figures.exchanges_per_s, report.exchanges_per_s, share);
  follow(known.figures.bits_per_s, report.bits_per_s, share);
  follow_all(known.figures.sites, report.sites, share);
  follow_all(known.figures.links, report.links, share_of_new(gap, limits::kLinkMemory));
}

}  // namespace ringway::manager::assigner

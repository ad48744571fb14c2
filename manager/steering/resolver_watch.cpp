#include "manager/steering/resolver_watch.h"

#include <algorithm>
#include <cmath>

namespace ringway::manager {

double ResolverWatch::Rate::now(Time now) const {
  return per_s * std::exp(-to_seconds(now - at) / to_seconds(kMemory));
}

void ResolverWatch::Rate::add(double count, Time when) {
  per_s = now(when) + count / to_seconds(kMemory);
  at = when;
}

void ResolverWatch::hear(const std::string& redirector, const agent::SteeringReport& report, Time now) {
  if (since_ == kNever) since_ = now;
  const auto [counted, fresh] = queries_.try_emplace(redirector, report.queries);
  if (!fresh) {
    const bool anew = report.queries < counted->second;  // the redirector began anew
    all_.add(static_cast<double>(anew ? report.queries : report.queries - counted->second), now);
    counted->second = report.queries;
  }
  for (const agent::ResolverReport& each : report.resolvers) {
    const Result<IpAddress> address = IpAddress::parse(each.address);
    if (!address || (resolvers_.size() >= kMost && !resolvers_.contains(*address))) continue;
    resolvers_[*address].rate.add(each.queries, now);
  }
}

void ResolverWatch::restore(const std::vector<IpAddress>& slotted, Time now) {
  resolvers_.clear();
  queries_.clear();
  all_ = {};
  since_ = kNever;
  for (const IpAddress& address : slotted) resolvers_[address] = {{0, now}, true};
}

std::vector<IpAddress> ResolverWatch::slotted(Time now) {
  const double all = all_.now(now);
  const bool known = since_ != kNever && now - since_ >= kMemory;
  std::vector<IpAddress> found;
  for (auto& [address, resolver] : resolvers_) {
    const double rate = resolver.rate.now(now);
    if (all >= kLeastQueriesPerS && rate >= kManyQueries * all) resolver.slotted = true;
    if (known && rate < kFewQueries * std::max(all, kLeastQueriesPerS)) resolver.slotted = false;
    if (resolver.slotted) found.push_back(address);
  }
  std::erase_if(resolvers_, [&](const auto& each) {
    return !each.second.slotted && each.second.rate.now(now) * to_seconds(kMemory) < 1;
  });
  return found;
}

double ResolverWatch::queries_per_s(Time now) const { return all_.now(now); }

}  // namespace ringway::manager

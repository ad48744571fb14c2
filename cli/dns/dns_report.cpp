#include "cli/dns/dns_report.h"

#include <algorithm>
#include <utility>

namespace ringway::cli {

namespace {

/// No more can ask for a hundredth of all each.
constexpr std::size_t kReportedResolvers = 100;

std::vector<agent::ResolverReport> busiest(const std::map<IpAddress, std::uint32_t>& queries) {
  std::vector<std::pair<IpAddress, std::uint32_t>> most(queries.begin(), queries.end());
  std::sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (most.size() > kReportedResolvers) most.resize(kReportedResolvers);
  std::vector<agent::ResolverReport> reports;
  reports.reserve(most.size());
  for (const auto& [address, count] : most) reports.push_back({address.text(), count});
  return reports;
}

}  // namespace

agent::SteeringReport steering_report(const std::vector<DnsCount>& counts, const dns::steering::SteeringTable* table,
                                      bool told) {
  agent::SteeringReport report;
  std::map<std::string, std::uint64_t> pops;
  std::map<IpAddress, std::uint32_t> resolvers;
  for (const DnsCount& count : counts) {
    report.queries += count.queries;
    for (const auto& [pop, steered] : count.pops) pops[pop] += steered;
    for (const ResolverCount& resolver : count.resolvers) resolvers[resolver.address] += resolver.queries;
  }
  report.resolvers = busiest(resolvers);
  if (table == nullptr) return report;
  if (told) report.table = table->number();
  report.pops.reserve(table->atlas().pops.size());
  for (const dns::steering::Pop& pop : table->atlas().pops) report.pops.push_back(pops[pop.name]);
  return report;
}

}  // namespace ringway::cli

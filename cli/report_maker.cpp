#include "cli/report_maker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <span>
#include <utility>

#include "base/metrics.h"

namespace ringway::cli {

namespace {

/// So many reports back a p95 looks.
constexpr std::size_t kReportsInView = 5;

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

std::uint32_t in_us(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX));
}

double share(double part) { return std::clamp(part, 0.0, 1.0); }

/// Below which 95 % lie, in milliseconds: as if those of a bucket were spread evenly over it.
double p95_of(const std::vector<std::uint64_t>& buckets) {
  const std::span<const double> bounds = latency_bounds();
  double left = 0.95 * static_cast<double>(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}));
  for (std::size_t i = 0; i < std::min(buckets.size(), bounds.size()); ++i) {
    const double here = static_cast<double>(buckets[i]);
    const double from = i == 0 ? 0 : bounds[i - 1];
    if (here > 0 && left <= here) return 1e3 * (from + (bounds[i] - from) * left / here);
    left -= here;
  }
  return buckets.empty() || left <= 0 ? 0 : 1e3 * bounds.back();
}

}  // namespace

ProcessUse process_use() {
  ProcessUse use;
  rusage spent{};
  if (::getrusage(RUSAGE_SELF, &spent) == 0) use.cpu = duration_of(spent.ru_utime) + duration_of(spent.ru_stime);
  if (std::FILE* const file = std::fopen("/proc/self/statm", "re")) {
    unsigned long long pages = 0;
    if (std::fscanf(file, "%*u %llu", &pages) == 1)  // NOLINT(cert-err34-c): the kernel's own
      use.memory_octets = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::fclose(file);
  }
  return use;
}

agent::Report ReportMaker::make(Time now, const ProcessUse& use, ShareCount count,
                                const std::vector<tmp::Link*>& links) {
  agent::Report report;
  const Duration passed = last_ == kNever ? Duration() : now - last_;
  if (passed > Duration()) {
    report.cpu = share(to_seconds(use.cpu - cpu_) / to_seconds(passed) / static_cast<double>(workers_));
  }
  last_ = now;
  cpu_ = use.cpu;
  report.memory_octets = use.memory_octets;
  report.exchanges = count.exchanges;
  report.connections = count.connections;
  for (const tmp::Link* const link : links) {
    report.octets += link->counters().octets_sent + link->counters().octets_received;
    agent::LinkReport told = link_report(*link, now, passed);
    if (link->up()) report.links.push_back(std::move(told));
  }
  for (auto& [name, site] : count.sites) report.sites.push_back(site_report(name, std::move(site)));
  report.clients = count.clients.reports();
  return report;
}

agent::SiteReport ReportMaker::site_report(const std::string& name, SiteCount count) {
  agent::SiteReport report;
  report.name = name;
  report.requests = count.requests;
  report.refused = count.refused;
  report.errors = count.errors;
  if (!count.durations.empty()) {
    report.rings.assign(count.rings.begin(), count.rings.end());
    report.p95_ms = p95_ms(name, std::move(count.durations));
  }
  report.origins = std::move(count.origins);
  return report;
}

std::uint32_t ReportMaker::p95_ms(const std::string& site, Durations durations) {
  std::deque<Durations>& view = durations_[site];
  view.push_back(std::move(durations));
  if (view.size() > kReportsInView + 1) view.pop_front();
  Durations lately = view.back();
  for (std::size_t i = 0; i < std::min(lately.size(), view.front().size()); ++i) {
    // The first look at a site is at all of it.
    if (view.size() > 1) lately[i] -= std::min(lately[i], view.front()[i]);
  }
  return static_cast<std::uint32_t>(p95_of(lately));
}

/// The capacity is what the congestion window lets through in a round trip.
agent::LinkReport ReportMaker::link_report(const tmp::Link& link, Time now, Duration passed) {
  const tmp::LinkQuality quality = link.quality();
  const tmp::LinkCounters& counters = link.counters();
  LinkPast& past = links_.try_emplace(&link, LinkPast{0, 0, now}).first->second;
  const std::uint64_t sent = counters.octets_sent - std::exchange(past.octets_sent, counters.octets_sent);
  if (std::exchange(past.packets_received, counters.packets_received) != counters.packets_received) past.heard = now;
  agent::LinkReport report;
  report.peer = link.peer();
  report.rtt_us = in_us(quality.smoothed_rtt);
  report.loss_out = share(quality.sent_loss);
  report.loss_in = share(quality.received_loss);
  const double capacity = static_cast<double>(quality.window_octets) * to_seconds(passed) /
                          std::max(1e-4, to_seconds(quality.smoothed_rtt));
  if (capacity > 0) report.used = share(static_cast<double>(sent) / capacity);
  report.silent_ms = static_cast<std::uint32_t>(to_milliseconds(now - past.heard));
  return report;
}

}  // namespace ringway::cli

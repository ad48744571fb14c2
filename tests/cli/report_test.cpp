#include <gtest/gtest.h>

#include <thread>

#include "../support/fake_stream.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "cli/client_networks.h"
#include "cli/report_maker.h"
#include "cli/share_count.h"

namespace ringway::cli {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

TEST(ClientNetworks, TellTheMedianOfEachNetwork) {
  ClientNetworks clients;
  for (const int ms : {30, 10, 900})
    clients.add(ip("192.0.2." + std::to_string(ms % 256)), std::chrono::milliseconds(ms));
  clients.add(ip("2001:db8:1:2::3"), 5ms);
  clients.add(ip("2001:db8:1:9::1"), 5ms);
  clients.add(ip("198.51.100.1"), 0ms);  // the kernel does not know
  const auto reports = clients.reports();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].network, "192.0.2.0/24");
  EXPECT_EQ(reports[0].count, 3U);
  EXPECT_EQ(reports[0].rtt_us, 30'000U);
  EXPECT_EQ(reports[1].network, "2001:db8:1::/48");
  EXPECT_EQ(reports[1].count, 2U);
}

TEST(ClientNetworks, ForgetTheLeastUsed) {
  ClientNetworks clients;
  for (int round = 0; round < 3; ++round) clients.add(ip("192.0.2.1"), 5ms);
  for (unsigned i = 0; i < 10'000; ++i) {
    clients.add(IpAddress::v4({10, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 1}), 1ms);
    ASSERT_LE(clients.size(), 2 * limits::kMaxReportedNetworks);
  }
  const auto reports = clients.reports();
  EXPECT_EQ(reports.size(), limits::kMaxReportedNetworks);
  EXPECT_EQ(reports[0].network, "192.0.2.0/24");
}

SiteCount site_with(std::size_t bucket, std::uint64_t requests) {
  SiteCount count;
  count.requests = requests;
  count.rings[2] = requests;
  count.durations.resize(latency_bounds().size() + 1);
  count.durations[bucket] = requests;
  return count;
}

TEST(ShareCount, SumsWhatWorkersCount) {
  std::vector<ShareCount> counts(2);
  counts[0].sites["shop"] = site_with(1, 10);
  counts[1].sites["shop"] = site_with(2, 5);
  counts[1].sites["blog"].origins.push_back({"127.0.0.1:8000", 1, 64, 2, 0, true});
  counts[0].clients.add(ip("192.0.2.1"), 5ms);
  counts[1].clients.add(ip("192.0.2.7"), 7ms);
  const ShareCount sum = together(std::move(counts));
  EXPECT_EQ(sum.sites.at("shop").requests, 15U);
  EXPECT_EQ(sum.sites.at("shop").durations[1], 10U);
  EXPECT_EQ(sum.sites.at("shop").durations[2], 5U);
  EXPECT_EQ(sum.sites.at("blog").origins.size(), 1U);
  EXPECT_EQ(sum.clients.reports().at(0).count, 2U);
}

TEST(ShareCount, IsOfTheSitesThatAreServed) {
  ShareCount count;
  count.sites["shop"] = site_with(1, 10);
  count.sites["gone"] = site_with(1, 5);
  keep_sites({"shop", "new"}, count);
  ASSERT_EQ(count.sites.size(), 2U);
  EXPECT_EQ(count.sites.at("shop").requests, 10U);
  EXPECT_EQ(count.sites.at("new").requests, 0U);
}

TEST(CountBoard, WaitsForNobody) {
  auto first = net::Worker::make(0);
  ASSERT_TRUE(first);
  auto team = WorkerTeam::open(**first, 3);
  ASSERT_TRUE(team);
  std::atomic<bool> stuck = true;
  CountBoard board(**team, [&](std::size_t worker) {
    while (worker == 2 && stuck) std::this_thread::sleep_for(1ms);
    ShareCount count;
    count.exchanges = worker == 0 ? 1 : 10;
    return count;
  });
  for (int i = 0; i < 100; ++i) EXPECT_LE(board.take().exchanges, 11U);
  stuck = false;
  (*team)->each([](std::size_t) {});
  EXPECT_EQ(board.take().exchanges, 21U);
  (*team)->each([](std::size_t) {});
}

TEST(ReportMaker, LooksAtTheLastSeconds) {
  ReportMaker maker(2);
  Time now{1000s};
  const auto report = [&](SiteCount site, Duration cpu) {
    ShareCount count;
    count.sites["shop"] = std::move(site);
    now += 1s;
    return maker.make(now, {cpu, 1 << 20}, std::move(count), {});
  };
  // Bucket 4 is 10 to 20 ms, bucket 6 is 50 to 100 ms.
  SiteCount site = site_with(4, 100);
  EXPECT_EQ(report(site, 10s).cpu, 0);
  const agent::Report second = report(site, 11s);
  EXPECT_DOUBLE_EQ(second.cpu, 0.5);
  EXPECT_EQ(second.memory_octets, 1U << 20);
  site.durations[6] += 100;
  EXPECT_EQ(report(site, 11s).sites[0].p95_ms, 97U);
  for (int i = 0; i < 6; ++i) report(site, 11s);
  EXPECT_EQ(report(site, 11s).sites[0].p95_ms, 0U);
  EXPECT_EQ(report(site, 11s).sites[0].rings, (std::vector<std::uint64_t>{0, 0, 100, 0, 0}));
}

TEST(ReportMaker, TellsOfLinksThatAreUp) {
  ReportMaker maker(1);
  ringway::testing::FakeLink up("host-1");
  ringway::testing::FakeLink down("host-2");
  down.set_up(false);
  const agent::Report report = maker.make(Time{1000s}, {}, {}, {&up, &down});
  ASSERT_EQ(report.links.size(), 1U);
  EXPECT_EQ(report.links[0].peer, "host-1");
  EXPECT_EQ(report.links[0].rtt_us, 10'000U);
}

TEST(ReportMaker, TellsForHowLongALinkIsSilent) {
  ReportMaker maker(1);
  ringway::testing::FakeLink link("host-1");
  Time now{1000s};
  const auto silent_ms = [&] {
    now += 1s;
    return maker.make(now, {}, {}, {&link}).links[0].silent_ms;
  };
  link.hear();
  EXPECT_EQ(silent_ms(), 0U);
  EXPECT_EQ(silent_ms(), 1000U);
  EXPECT_EQ(silent_ms(), 2000U);
  link.hear();
  EXPECT_EQ(silent_ms(), 0U);
}

TEST(ProcessUse, IsSome) {
  const ProcessUse use = process_use();
  EXPECT_GT(use.cpu, Duration());
  EXPECT_GT(use.memory_octets, 1U << 20);
}

}  // namespace
}  // namespace ringway::cli

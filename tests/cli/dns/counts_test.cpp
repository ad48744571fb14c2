#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "cli/dns/answerer.h"
#include "cli/dns/busy_resolvers.h"
#include "cli/dns/dns_report.h"
#include "cli/dns/query_log.h"
#include "cli/dns/steered_counts.h"
#include "tests/cli/dns/steered_world.h"
#include "tests/support/manual_loop.h"

namespace ringway::cli {
namespace {

IpAddress address(std::uint64_t number) {
  return IpAddress::v4({10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
}

/// Ten ask for 5 % each, thirty for 1 %, and thousands for the rest.
IpAddress some_resolver(SeededRandom& random) {
  const std::uint64_t percent = random.below(100);
  if (percent < 50) return address(random.below(10));
  return address(percent < 80 ? 10 + random.below(30) : 40 + random.below(5000));
}

/// Against a count of all: nobody who asks often is missed, no count is too high, and none of those too low by more
/// than a thousandth of all.
TEST(BusyResolvers, FindsThoseThatAskMost) {
  SeededRandom random(7);
  BusyResolvers busy;
  for (int round = 0; round < 20; ++round) {
    std::map<IpAddress, std::uint32_t> all;
    constexpr std::uint32_t kQueries = 20'000;
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      const IpAddress who = some_resolver(random);
      busy.count(who);
      ++all[who];
    }
    std::map<IpAddress, std::uint32_t> told;
    for (const ResolverCount& count : busy.take()) told[count.address] = count.queries;
    EXPECT_LE(told.size(), BusyResolvers::kSets * BusyResolvers::kWays);
    for (const auto& [who, count] : told) EXPECT_LE(count, all[who]);
    for (const auto& [who, count] : all) {
      if (count < kQueries / 200) continue;
      ASSERT_TRUE(told.contains(who)) << who.text();
      EXPECT_GE(told[who] + kQueries / 1000, count);
    }
  }
  EXPECT_TRUE(busy.take().empty());
}

TEST(QueryLog, DrawsTheShareThatIsAsked) {
  SeededRandom random(5);
  QueryLog log(random);
  const auto drawn = [&](int queries) {
    int count = 0;
    for (int i = 0; i < queries; ++i) count += log.draws() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(drawn(1000), 0) << "until it is told";
  log.set_sample(1);
  EXPECT_EQ(drawn(1000), 1000);
  log.set_sample(0.1);
  EXPECT_NEAR(drawn(100'000), 10'000, 500);
  log.set_sample(1e-9);
  EXPECT_LE(drawn(100'000), 1);
  log.set_sample(0);
  EXPECT_EQ(drawn(1000), 0);
}

TEST(QueryLog, IsBounded) {
  SeededRandom random(5);
  QueryLog log(random);
  const dns::Sender sender{IpAddress::v4({192, 0, 2, 1}), dns::Transport::udp};
  const std::uint8_t query[] = {0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, '"', '\\', 0, 0, 1, 0, 1};
  const dns::Reply reply{0, dns::Outcome::refused, dns::ZoneSet::kNoZone};
  const dns::steering::TableSteering steering;
  const AnsweredQuery answered{{}, sender, query, reply, steering};
  EXPECT_EQ(
      query_line(answered),
      R"({"time":"1970-01-01T00:00:00.000Z","client":"192.0.2.1","name":"\\\"\\\\.","type":"A","transport":"udp",)"
      R"("outcome":"refused"})");
  for (int i = 0; i < 10'000; ++i) log.write(answered);
  EXPECT_LE(log.take().size(), QueryLog::kWaitingOctets + 1000);
  EXPECT_GT(log.dropped(), 5000U);
  const std::uint64_t dropped = log.dropped();
  log.write(answered);
  EXPECT_EQ(log.dropped(), dropped);
  EXPECT_EQ(log.take().back(), '\n');
}

dns::steering::Atlas atlas_of(const std::vector<std::string>& pops) {
  dns::steering::Atlas atlas;
  for (const std::string& name : pops) atlas.pops.push_back({name});
  return atlas;
}

TEST(SteeredCounts, StayWithAPopFromAtlasToAtlas) {
  SteeredCounts counts;
  counts.use(atlas_of({"oslo", "zurich"}));
  dns::steering::Choice choice;
  choice.pop = 1;
  choice.reason = dns::steering::Reason::by_lot;
  counts.count(choice);
  counts.use(atlas_of({"zurich", "bern"}));
  choice.pop = 0;
  counts.count(choice);
  ASSERT_EQ(counts.by_pop().size(), 2U);
  EXPECT_EQ(counts.by_pop().at("zurich"), (SteeredCounts::Reasons{0, 0, 2, 0}));
  EXPECT_EQ(counts.by_pop().at("bern"), SteeredCounts::Reasons{});
}

/// Of www.shop.test, by UDP and without EDNS.
std::vector<std::uint8_t> query_of(dns::RecordType type) {
  std::vector<std::uint8_t> query = {0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (const char c : std::string_view("\3www\4shop\4test\0", 15)) query.push_back(static_cast<std::uint8_t>(c));
  query.insert(query.end(), {0, static_cast<std::uint8_t>(type), 0, 1});
  return query;
}

std::string logged(const std::string& type, const std::string& pop, const std::string& reason, unsigned ttl_s) {
  return R"("type":")" + type + R"(","transport":"udp","outcome":"steered","site":"shop","pop":")" + pop +
         R"(","reason":")" + reason + R"(","scope":24,"ttl":)" + std::to_string(ttl_s);
}

/// Where only one POP has IPv6, and drains: AAAA is sent there all the same, and no type may live longer than that.
TEST(Answerer, CountsAndLogsWhatWasAnsweredToTheType) {
  testing::ManualLoop loop;
  std::string file = steered_file("198.51.100.1", "198.51.100.2, \"2001:db8::2\"");
  const std::string oslo = "longitude: 10.7";
  file.replace(file.find(oslo), oslo.size(), oslo + ", draining: true");
  const SteeredWorld world(file);
  Answerer answerer({}, loop.loop());
  answerer.set_zones(world.content.zones);
  answerer.set_table(world.content.table);
  answerer.log().set_sample(1);
  const dns::Sender near_zurich{IpAddress::v4({203, 0, 113, 7}), dns::Transport::udp};
  std::array<std::uint8_t, 512> out{};
  const auto ttl_of = [&](dns::RecordType type) {
    const auto query = query_of(type);
    EXPECT_EQ(answerer.answer(near_zurich, query, out).outcome, dns::Outcome::steered);
    return load_u32(out.data() + query.size() + 6);  // behind a pointer to the name, the type and the class
  };
  const unsigned sent = ttl_of(dns::RecordType::a);
  EXPECT_LT(sent, 20U);
  EXPECT_EQ(ttl_of(dns::RecordType::aaaa), sent);
  EXPECT_EQ(answerer.steered().by_pop().at("zurich"), (SteeredCounts::Reasons{1, 0, 0, 0}));
  EXPECT_EQ(answerer.steered().by_pop().at("oslo"), (SteeredCounts::Reasons{0, 0, 1, 0}));
  const std::string lines = answerer.log().take();
  EXPECT_NE(lines.find(logged("A", "zurich", "first", sent)), std::string::npos) << lines;
  EXPECT_NE(lines.find(logged("AAAA", "oslo", "by lot", sent)), std::string::npos) << lines;
}

TEST(DnsReport, IsTheSumOfAllWorkers) {
  const auto atlas = std::make_shared<const dns::steering::Atlas>(atlas_of({"zurich", "oslo"}));
  const dns::steering::SteeringTable table(9, atlas, {});
  std::vector<DnsCount> counts(3);
  counts[1] = {5, 0, {{"oslo", 3}}, {{address(1), 2}}};
  counts[2] = {6, 0, {{"oslo", 1}, {"zurich", 2}, {"gone", 9}}, {{address(1), 2}, {address(2), 3}}};
  const agent::SteeringReport report = steering_report(counts, &table, true);
  EXPECT_EQ(report.table, 9U);
  EXPECT_EQ(report.queries, 11U);
  EXPECT_EQ(report.pops, (std::vector<std::uint64_t>{2, 4}));
  ASSERT_EQ(report.resolvers.size(), 2U);
  EXPECT_EQ(report.resolvers[0].address, "10.0.0.1");
  EXPECT_EQ(report.resolvers[0].queries, 4U);
  EXPECT_EQ(steering_report(counts, &table, false).table, 0U) << "its own";
  EXPECT_TRUE(steering_report(counts, nullptr, false).pops.empty());
}

}  // namespace
}  // namespace ringway::cli

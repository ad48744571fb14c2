// What a link takes beside others, over a simulated bottleneck of 50 Mbit/s and 80 ms: medians of a few seeds, since
// chance alone moves a single CUBIC connection by half of its share within a minute.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "bbr_sender.h"
#include "congestion_world.h"

namespace ringway::tmp::simulation {
namespace {

using namespace std::chrono_literals;

/// Not fewer where sanitizers slow everything down: the median of three is chance again.
constexpr std::uint64_t kSeeds = 9;
constexpr Duration kSettled = 5s;
constexpr Duration kLength = 60s;
/// Whoever begins half a second earlier keeps a deep queue to itself for a minute, also among CUBIC's own.
constexpr Duration kTogether = 100ms;

double median(const std::function<double(std::uint64_t seed)>& measure) {
  std::vector<double> values;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) values.push_back(measure(seed));
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The least that one of them got in any 5 s, of what each connection of the path would have by right.
double least_share(const World& world, std::uint32_t hosted) {
  const double right = world.path.shape().megabits / (hosted + static_cast<double>(world.rivals.size()));
  double least = right;
  for (const auto& rival : world.rivals) {
    for (Time from = world.begun + kSettled; from + 5s <= world.time.now(); from += 500ms) {
      least = std::min(least, rival->arrivals().rate(from, from + 5s));
    }
  }
  return least / right;
}

struct Shares {
  double ratio = 0;  // a hosted connection's rate over a rival's
  double least = 0;  // see least_share()
};

Shares beside_cubic(std::uint32_t hosted, const PathShape& shape, std::uint64_t seed,
                    const CongestionSettings& settings = {}) {
  World world(shape, seed);
  LinkSender& link = world.link(hosted, settings);
  world.add_rivals(4, kTogether);
  link.start();
  world.run(kLength);
  const Duration measured = kLength - kSettled;
  return {world.rate(link.arrivals(), measured) / hosted / world.rival_rate(measured), least_share(world, hosted)};
}

struct ShareCase {
  std::uint32_t hosted;
  double queue_bdp;
  double least = 0.8;
};

class FairShare : public testing::TestWithParam<ShareCase> {};

TEST_P(FairShare, OfEachHostedConnectionBesideCubic) {
  PathShape shape;
  shape.queue_bdp = GetParam().queue_bdp;
  std::vector<double> least;
  const double ratio = median([&](std::uint64_t seed) {
    const Shares shares = beside_cubic(GetParam().hosted, shape, seed);
    least.push_back(shares.least);
    return shares.ratio;
  });
  std::sort(least.begin(), least.end());
  EXPECT_GE(ratio, GetParam().least);
  EXPECT_LE(ratio, 1.25);
  EXPECT_GE(least[least.size() / 2], 0.3);
}

// In four bandwidth-delay products CUBIC takes minutes to even out what each began with, and many connections of one
// link begin with less.
INSTANTIATE_TEST_SUITE_P(Queues, FairShare,
                         testing::Values(ShareCase{1, 0.25}, ShareCase{4, 0.25}, ShareCase{16, 0.25},
                                         ShareCase{64, 0.25}, ShareCase{1, 1}, ShareCase{4, 1}, ShareCase{16, 1},
                                         ShareCase{64, 1}, ShareCase{1, 4}, ShareCase{4, 4}, ShareCase{16, 4, 0.55},
                                         ShareCase{64, 4, 0.65}));

/// What one of `hosted` connections (of a link, or CUBIC's own) gets beside four of BBR, of what one of those gets.
enum class Newcomers : std::uint8_t { link, cubic };
double beside_bbr(Newcomers newcomers, std::uint32_t hosted, double queue_bdp, std::uint64_t seed) {
  PathShape shape;
  shape.queue_bdp = queue_bdp;
  World world(shape, seed);
  std::vector<std::unique_ptr<BbrSender>> bbr;
  for (int i = 0; i < 4; ++i) {
    bbr.push_back(std::make_unique<BbrSender>(world.time, world.path));
    world.soon([sender = bbr.back().get()] { sender->start(); });
  }
  const Duration measured = kLength - kSettled;
  double rate = 0;
  if (newcomers == Newcomers::link) {
    LinkSender& link = world.link(hosted);
    world.soon([&] { link.start(); });
    world.run(kLength);
    rate = world.rate(link.arrivals(), measured) / hosted;
  } else {
    world.add_rivals(static_cast<int>(hosted));
    world.run(kLength);
    rate = world.rival_rate(measured);
  }
  double others = 0;
  for (const auto& sender : bbr) others += world.rate(sender->arrivals(), measured) / 4;
  return rate / others;
}

class BesideBbr : public testing::TestWithParam<ShareCase> {};

TEST_P(BesideBbr, TakesNoMoreThanOneOfThem) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_LT(beside_bbr(Newcomers::link, GetParam().hosted, GetParam().queue_bdp, seed), 1) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, BesideBbr,
                         testing::Values(ShareCase{1, 0.25}, ShareCase{4, 0.25}, ShareCase{16, 0.25},
                                         ShareCase{64, 0.25}, ShareCase{1, 1}, ShareCase{4, 1}, ShareCase{16, 1},
                                         ShareCase{64, 1}, ShareCase{16, 4}, ShareCase{64, 4}));

// BBR leaves a deep queue to who fills it, as a few CUBIC connections do, five times its own share for one of them.
TEST(Fairness, InADeepQueueItTakesWhatCubicTakesBesideBbr) {
  for (const std::uint32_t hosted : {1U, 4U}) {
    const auto ratio = [&](Newcomers newcomers) {
      return median([&](std::uint64_t seed) { return beside_bbr(newcomers, hosted, 4, seed); });
    };
    EXPECT_LT(ratio(Newcomers::link), 1.6 * ratio(Newcomers::cubic)) << hosted;
  }
}

TEST(Fairness, TwoLinksShareEvenly) {
  const double uneven = median([](std::uint64_t seed) {
    World world({}, seed);
    LinkSender& first = world.link(8);
    LinkSender& second = world.link(8);
    first.start();
    world.time.at(world.time.now() + 200ms, [&] { second.start(); });
    world.run(kLength);
    const Duration measured = kLength - kSettled;
    const double ratio = world.rate(first.arrivals(), measured) / world.rate(second.arrivals(), measured);
    return std::max(ratio, 1 / ratio);
  });
  EXPECT_LT(uneven, 1.1);
}

TEST(Fairness, ToleranceIsNotAnAdvantageWithoutNoise) {
  CongestionSettings literal;
  literal.tolerated_noise = 0;
  const auto ratio = [](const CongestionSettings& settings) {
    return median([&](std::uint64_t seed) { return beside_cubic(4, {}, seed, settings).ratio; });
  };
  EXPECT_NEAR(ratio({}), ratio(literal), 0.2);
}

TEST(Fairness, FindsOthersAndFindsThemGone) {
  World world({}, 4);
  LinkSender& link = world.link(4);
  link.start();
  world.run(5s);
  EXPECT_FALSE(link.recovery().path_is_shared());
  world.add_rivals(4);
  world.run(6s);
  EXPECT_TRUE(link.recovery().path_is_shared());
  for (const auto& rival : world.rivals) rival->stop();
  world.run(15s);
  EXPECT_FALSE(link.recovery().path_is_shared());
  EXPECT_GT(world.rate(link.arrivals(), 5s), 0.93 * world.path.shape().megabits);
}

TEST(Fairness, FewerConnectionsTakeLessBesideOthers) {
  World world({}, 5);
  LinkSender& link = world.link(16);
  world.add_rivals(4);
  link.start();
  world.run(30s);
  const double before = world.rate(link.arrivals(), 10s);
  link.set_hosted(2);
  world.run(20s);
  const double after = world.rate(link.arrivals(), 10s);
  EXPECT_LT(after, before * 0.75);
  EXPECT_LT(after / 2 / world.rival_rate(10s), 2.5);
}

TEST(Fairness, MoreConnectionsTakeMoreBesideOthers) {
  World world({}, 5);
  LinkSender& link = world.link(1);
  world.add_rivals(4);
  link.start();
  world.run(30s);
  const double before = world.rate(link.arrivals(), 10s);
  link.set_hosted(12);
  world.run(30s);
  EXPECT_GT(world.rate(link.arrivals(), 10s), before * 1.8);
}

}  // namespace
}  // namespace ringway::tmp::simulation

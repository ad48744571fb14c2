#include "tmp_protocol/mtu_discovery.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

/// Sends every probe that is due over a path that takes datagrams up to `path`.
void search(MtuDiscovery& mtu, std::size_t path, Time now) {
  for (int i = 0; i < 100; ++i) {
    const std::size_t octets = mtu.probe(now);
    if (octets == 0) return;
    mtu.on_probe_sent(octets);
    EXPECT_EQ(mtu.probe(now), 0U);  // one at a time
    if (octets <= path) {
      mtu.on_probe_acked(octets, now);
    } else {
      mtu.on_probe_lost(octets, now);
    }
  }
  FAIL() << "the search does not end";
}

TEST(MtuDiscovery, BeginsAtTheLeastAndReachesTheMost) {
  MtuDiscovery mtu(1472);
  EXPECT_EQ(mtu.packet_octets(), limits::kMinPacketOctets);
  search(mtu, 1500, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
}

TEST(MtuDiscovery, FindsTheLadderStepThatFits) {
  for (const auto& [path, found] : {std::pair<std::size_t, std::size_t>{1471, 1452},
                                    {1410, 1400},
                                    {1399, 1350},
                                    {1349, 1280},
                                    {1279, 1200},
                                    {1200, 1200}}) {
    MtuDiscovery mtu(1472);
    search(mtu, path, kStart);
    EXPECT_EQ(mtu.packet_octets(), found) << path;
  }
}

TEST(MtuDiscovery, KeepsToItsCeiling) {
  MtuDiscovery ipv6(1452);
  EXPECT_EQ(ipv6.probe(kStart), 1452U);
  MtuDiscovery least(1000);
  EXPECT_EQ(least.probe(kStart), 0U);
  EXPECT_EQ(least.packet_octets(), limits::kMinPacketOctets);
}

TEST(MtuDiscovery, OneLostProbeDecidesNothing) {
  MtuDiscovery mtu(1472);
  mtu.on_probe_sent(1472);
  mtu.on_probe_lost(1472, kStart);
  EXPECT_EQ(mtu.probe(kStart), 1472U);
  mtu.on_probe_sent(1472);
  mtu.on_probe_acked(1472, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
}

TEST(MtuDiscovery, TriesHigherAgainAfterTenMinutes) {
  MtuDiscovery mtu(1472);
  search(mtu, 1400, kStart);
  EXPECT_EQ(mtu.probe(kStart + 599s), 0U);
  EXPECT_EQ(mtu.probe(kStart + 600s), 1472U);
  search(mtu, 1472, kStart + 600s);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
  EXPECT_EQ(mtu.probe(kStart + 24h), 0U);
}

TEST(MtuDiscovery, LossOfAllSizesIsNoBlackHole) {
  MtuDiscovery mtu(1472);
  search(mtu, 1472, kStart);
  SeededRandom random(1);
  for (std::uint64_t number = 0; number < 20000; ++number) {
    if (random.below(10) == 0) {
      mtu.on_lost(number, 1472, kStart);
    } else {
      mtu.on_acked(1472);
    }
    ASSERT_EQ(mtu.packet_octets(), 1472U);
  }
}

TEST(MtuDiscovery, FallsBackWhereOnlyLargePacketsVanish) {
  MtuDiscovery mtu(1472);
  search(mtu, 1472, kStart);
  for (std::uint64_t number = 0; number < 40 && mtu.packet_octets() == 1472; number += 2) {
    mtu.on_lost(number, 1472, kStart);
    mtu.on_acked(100);
  }
  EXPECT_EQ(mtu.packet_octets(), limits::kMinPacketOctets);
  search(mtu, 1400, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1400U);
}

TEST(MtuDiscovery, OneBurstOfLossIsNoBlackHole) {
  MtuDiscovery mtu(1472);
  search(mtu, 1472, kStart);
  for (std::uint64_t number = 0; number < 100; ++number) mtu.on_lost(number, 1472, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
}

TEST(MtuDiscovery, AFalseAlarmEndsWithOneProbe) {
  MtuDiscovery mtu(1472);
  search(mtu, 1472, kStart);
  mtu.on_pto(1, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
  mtu.on_pto(2, kStart);
  EXPECT_EQ(mtu.packet_octets(), limits::kMinPacketOctets);
  EXPECT_EQ(mtu.probe(kStart), 1472U);
  mtu.on_probe_sent(1472);
  mtu.on_probe_acked(1472, kStart);
  EXPECT_EQ(mtu.packet_octets(), 1472U);
}

TEST(MtuDiscovery, AProbeOfAnOldSearchDoesNotExceedANewCeiling) {
  MtuDiscovery mtu(1472);
  mtu.on_probe_sent(1472);
  mtu.restart(1400, kStart);
  mtu.on_probe_acked(1472, kStart);
  EXPECT_EQ(mtu.packet_octets(), limits::kMinPacketOctets);
}

}  // namespace
}  // namespace ringway::tmp

// Cells against the slow way: look through all networks for each address.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/random.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/steering/cell_cutter.h"

namespace ringway::dns::steering {

namespace {

Network net(std::string_view text) { return *Network::parse(text); }

std::uint64_t number(std::string_view text) { return number_of(*IpAddress::parse(text)); }

/// The profile of the longest of `patches` around the number, else 0.
std::uint32_t slow_profile(const std::vector<Patch>& patches, Family family, std::uint64_t number) {
  std::uint32_t profile = 0;
  int longest = -1;
  for (const Patch& patch : patches) {
    if (!patch.network.contains(Network::around(family, number, width_of(family)))) continue;
    if (patch.network.bits > longest) profile = patch.profile;
    longest = std::max<int>(longest, patch.network.bits);
  }
  return profile;
}

/// Networks inside 10.9.0.0/16, nested and side by side, some of them busy.
std::vector<Patch> random_patches(SeededRandom& random, std::size_t count) {
  std::set<Network> networks;
  while (networks.size() < count) {
    const auto bits = static_cast<unsigned>(17 + random.below(16));
    networks.insert(Network::around(Family::v4, number("10.9.0.0") | random.below(1 << 16) << 32, bits));
  }
  std::vector<Patch> patches;
  patches.reserve(networks.size());
  for (const Network& network : networks) {
    const double demand = random.below(3) == 0 ? 30 * random.unit() : 0;
    patches.push_back({network, static_cast<std::uint32_t>(random.below(4)), demand});
  }
  return patches;
}

/// What decides an address's answer.
using Answered = std::pair<std::uint32_t, std::uint64_t>;

std::vector<Located> locate_all(const CellMap& map) {
  std::vector<Located> all;
  all.reserve(1 << 16);
  for (std::uint64_t i = 0; i < 1 << 16; ++i) all.push_back(map.find(Family::v4, number("10.9.0.0") | i << 32));
  return all;
}

bool one_answer(const std::vector<Located>& all, std::size_t address, unsigned scope_bits) {
  const std::size_t size = std::size_t{1} << (32 - scope_bits);
  const std::size_t begin = address & ~(size - 1);
  for (std::size_t i = begin; i < begin + size; ++i) {
    if (Answered(all[i].profile, all[i].cell) != Answered(all[address].profile, all[address].cell)) return false;
  }
  return true;
}

}  // namespace

TEST(SteeringNetwork, ReadsWhatItWrites) {
  for (const char* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "::/0", "2001:db8::/48", "2001:db8:0:1::/64"}) {
    EXPECT_EQ(net(text).text(), text);
  }
}

TEST(SteeringNetwork, RefusesWhatItCannotTellApart) {
  for (const char* text : {"192.0.2.0", "192.0.2.1/24", "192.0.2.0/33", "2001:db8::/65", "2001:db8::1/64", "/24", "a/8",
                           "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/24/24"}) {
    EXPECT_FALSE(Network::parse(text).ok()) << text;
  }
}

TEST(SteeringCells, EveryAddressHasTheProfileOfItsLongestNetwork) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    const std::vector<Patch> patches = random_patches(random, 60);
    const CellMap map = cut_cells(patches, 0, std::vector<double>(4, 1.0), nullptr);
    for (std::uint64_t i = 0; i < 1 << 16; i += 7) {
      const std::uint64_t address = number("10.9.0.0") | i << 32;
      ASSERT_EQ(map.find(Family::v4, address).profile, slow_profile(patches, Family::v4, address)) << seed << " " << i;
    }
  }
}

/// The promise of RFC 7871 §7.2.1, by looking at each address of each scope; and no scope is longer than it must be.
TEST(SteeringCells, ScopesAreTheShortestInsideWhichEveryAddressIsAnsweredAlike) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed);
    const CellMap map = cut_cells(random_patches(random, 40), 0, std::vector<double>(4, 4.0), nullptr);
    const std::vector<Located> all = locate_all(map);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const unsigned scope = all[i].scope_bits;
      ASSERT_GE(scope, all[i].grain);
      ASSERT_LE(scope, 32U);
      if (scope < 16) continue;
      if (i % 16 == 0) {
        ASSERT_TRUE(one_answer(all, i, scope)) << seed << " " << i;
      }
      if (i % 16 == 0 && scope > std::max(16U, all[i].grain)) {
        ASSERT_FALSE(one_answer(all, i, scope - 1)) << seed << " " << i;
      }
    }
  }
}

TEST(SteeringCells, AnythingElseIsCutIntoNetworksOfOneSize) {
  const CellMap map;
  EXPECT_EQ(map.find(Family::v4, number("192.0.2.77")).scope_bits, 16U);
  EXPECT_EQ(map.find(Family::v4, number("192.0.2.77")).cell, number("192.0.0.0"));
  EXPECT_EQ(map.find(Family::v6, number("2001:db8:1:2::3")).scope_bits, 32U);
  EXPECT_EQ(map.find(Family::v6, number("2001:db8:1:2::3")).cell, number("2001:db8::"));
  EXPECT_EQ(map.find(Family::v4, ~std::uint64_t{0}).scope_bits, 16U);
  EXPECT_EQ(map.find(Family::v6, ~std::uint64_t{0}).scope_bits, 32U);
}

/// Few and many, close together and far apart, up to the last number; at and beside each of their ends.
TEST(SteeringCells, RangesAreFoundWhereverTheyAre) {
  SeededRandom random(7);
  for (unsigned round = 0; round < 400; ++round) {
    std::vector<std::uint64_t> firsts{0};
    const std::uint64_t base = random.next();
    const unsigned spread = static_cast<unsigned>(random.below(64));
    for (std::uint64_t i = random.below(300); i > 0; --i) firsts.push_back(base + (random.next() >> spread));
    if (round % 4 == 0) firsts.push_back(~std::uint64_t{0});
    if (round % 4 == 1) firsts.push_back(1);
    std::sort(firsts.begin(), firsts.end());
    firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
    std::vector<CellRange> ranges;
    for (std::uint32_t i = 0; i < firsts.size(); ++i) ranges.push_back({firsts[i], i, 0});
    const CellMap map({{0, 0, 0}}, ranges);
    for (std::uint32_t i = 0; i < firsts.size(); ++i) {
      ASSERT_EQ(map.find(Family::v6, firsts[i]).profile, i) << round;
      if (i > 0) {
        ASSERT_EQ(map.find(Family::v6, firsts[i] - 1).profile, i - 1) << round;
      }
    }
    ASSERT_EQ(map.find(Family::v6, ~std::uint64_t{0}).profile, firsts.size() - 1) << round;
  }
}

TEST(SteeringCells, NeighboursThatPreferAlikeAreOneCell) {
  std::vector<Patch> patches;
  for (int i = 0; i < 256; ++i) {
    patches.push_back({Network::around(Family::v4, number("10.9.0.0") + (std::uint64_t(i) << 40), 24), 1, 0.001});
  }
  const CellMap map = cut_cells(patches, 0, std::vector<double>{1, 1}, nullptr);
  EXPECT_EQ(map.ranges(Family::v4).size(), 3U);
  EXPECT_EQ(map.find(Family::v4, number("10.9.200.1")).scope_bits, 16U);
}

TEST(SteeringCells, ANetworkThatPrefersAsItsSurroundingsIsOneWithThem) {
  const CellMap map = cut_cells(std::vector<Patch>{{net("10.9.0.0/16"), 1, 0}, {net("10.9.128.0/24"), 1, 0.5}}, 0,
                                std::vector<double>{1, 1}, nullptr);
  EXPECT_EQ(map.ranges(Family::v4).size(), 3U);
}

TEST(SteeringCells, HolesLengthenTheScopesAroundThem) {
  const CellMap map = cut_cells(std::vector<Patch>{{net("10.9.0.0/16"), 1, 0}, {net("10.9.128.0/24"), 2, 0}}, 0,
                                std::vector<double>{1, 1, 1}, nullptr);
  EXPECT_EQ(map.find(Family::v4, number("10.9.1.1")).scope_bits, 17U);
  EXPECT_EQ(map.find(Family::v4, number("10.9.128.1")).scope_bits, 24U);
  EXPECT_EQ(map.find(Family::v4, number("10.9.129.1")).scope_bits, 24U);
  EXPECT_EQ(map.find(Family::v4, number("10.9.200.1")).scope_bits, 18U);
  EXPECT_EQ(map.find(Family::v4, number("10.9.1.1")).cell, map.find(Family::v4, number("10.9.200.1")).cell);
}

TEST(SteeringCells, WhatCarriesMuchIsCutFiner) {
  const CellMap map = cut_cells(std::vector<Patch>{{net("10.9.0.0/16"), 1, 100}, {net("2001:db8::/32"), 1, 1e9}}, 0,
                                std::vector<double>{1, 7}, nullptr);
  EXPECT_EQ(map.find(Family::v4, number("10.9.1.1")).grain, 20U);  // 100 / 16 = 6.25
  EXPECT_EQ(map.find(Family::v6, number("2001:db8::1")).grain, limits::kFinestCellV6);
}

TEST(SteeringCells, DemandThatWaversMovesNoBorders) {
  const auto grain_of = [](const CellMap& map) { return map.find(Family::v4, number("10.9.0.1")).grain; };
  const auto cut = [](double demand, const CellMap* before) {
    return cut_cells(std::vector<Patch>{{net("10.9.0.0/17"), 1, demand}, {net("10.9.128.0/17"), 1, demand}}, 0,
                     std::vector<double>{1, 1}, before);
  };
  const CellMap whole = cut(0.49, nullptr);
  EXPECT_EQ(grain_of(whole), 16U);
  const CellMap halved = cut(0.51, &whole);
  EXPECT_EQ(grain_of(halved), 17U);
  const CellMap still = cut(0.49, &halved);
  EXPECT_EQ(grain_of(still), 17U);
  const CellMap joined = cut(0.24, &still);
  EXPECT_EQ(grain_of(joined), 16U);
}

TEST(SteeringCells, ACellThatIsHalvedKeepsItsNameForItsFirstHalf) {
  const auto cut = [](double demand) {
    return cut_cells(std::vector<Patch>{{net("10.9.0.0/16"), 1, demand}}, 0, std::vector<double>{1, 1}, nullptr);
  };
  EXPECT_EQ(cut(1).find(Family::v4, number("10.9.1.1")).cell, cut(2).find(Family::v4, number("10.9.1.1")).cell);
  EXPECT_NE(cut(1).find(Family::v4, number("10.9.201.1")).cell, cut(2).find(Family::v4, number("10.9.201.1")).cell);
}

}  // namespace ringway::dns::steering

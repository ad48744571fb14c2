// What the blending promises (the model test says that it is the design's; this says what the design gives).
#include "tmp_protocol/ring_blender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <numeric>

namespace ringway::tmp {
namespace {

constexpr std::size_t kPacketOctets = 1443;
constexpr std::uint64_t kPlenty = 1ULL << 40;

struct TestBuffer : RingBlender::Buffer {
  std::string site;
  std::uint32_t connection = 0;
  std::uint64_t sent = 0;
};

/// A blender whose packets are counted.
class Blend {
 public:
  explicit Blend(const RingSettings& settings = {}, std::vector<SiteWeight> weights = {}) : blender(settings, weights) {
    blender.set_packet_octets(kPacketOctets);
  }
  ~Blend() {
    for (TestBuffer& buffer : buffers_) {
      if (buffer.added()) blender.remove(buffer);
    }
  }

  TestBuffer& add(std::uint8_t ring, std::uint64_t octets, const std::string& site = "a",
                  std::uint32_t connection = 1) {
    TestBuffer& buffer = buffers_.emplace_back();
    buffer.site = site;
    buffer.connection = connection;
    blender.add(buffer, ring, site, connection);
    if (octets > 0) blender.set_waiting(buffer, {octets, 0});
    return buffer;
  }

  /// Builds one packet; its sub-packets' buffers in order.
  std::vector<TestBuffer*> packet() {
    std::vector<TestBuffer*> order;
    std::size_t room = kPacketOctets;
    while (const RingBlender::Grant grant = blender.next(room, NewOctets::allowed)) {
      auto& buffer = static_cast<TestBuffer&>(*grant.buffer);
      const Waiting before = buffer.waiting();
      const std::uint64_t lost = before.lost > grant.octets ? before.lost - grant.octets : 0;
      blender.wrote(grant.octets, {before.octets - grant.octets, lost});
      buffer.sent += grant.octets;
      ring_octets[buffer.ring()] += grant.octets;
      site_octets[buffer.site] += grant.octets;
      largest = std::max(largest, grant.octets);
      order.push_back(&buffer);
      room -= grant.octets;
    }
    return order;
  }

  void packets(int count) {
    while (count-- > 0) packet();
  }

  void forget_counts() {
    ring_octets = {};
    site_octets.clear();
    largest = 0;
  }

  [[nodiscard]] double ring_share(std::size_t ring) const {
    const std::uint64_t all = std::accumulate(ring_octets.begin(), ring_octets.end(), std::uint64_t{0});
    return static_cast<double>(ring_octets[ring]) / static_cast<double>(all);
  }
  [[nodiscard]] double site_share(const std::string& site) {
    std::uint64_t all = 0;
    for (const auto& [name, octets] : site_octets) all += octets;
    return static_cast<double>(site_octets[site]) / static_cast<double>(all);
  }

  RingBlender blender;
  std::array<std::uint64_t, kRings> ring_octets{};
  std::map<std::string, std::uint64_t> site_octets;
  std::size_t largest = 0;

 private:
  std::deque<TestBuffer> buffers_;
};

bool contains(const std::vector<TestBuffer*>& order, const TestBuffer& buffer) {
  return std::find(order.begin(), order.end(), &buffer) != order.end();
}

TEST(RingBlender, GrantsNothingWhereNothingWaits) {
  Blend blend;
  blend.add(0, 0);
  EXPECT_FALSE(blend.blender.next(kPacketOctets, NewOctets::allowed));
  EXPECT_TRUE(blend.packet().empty());
}

TEST(RingBlender, FillsThePacketForTheOnlyReadyBuffer) {
  Blend blend;
  TestBuffer& only = blend.add(2, 100'000);
  blend.add(2, 0);
  EXPECT_EQ(blend.blender.next(kPacketOctets, NewOctets::allowed).octets, kPacketOctets);
  blend.packet();
  EXPECT_EQ(only.sent, kPacketOctets);
}

TEST(RingBlender, SharesThePacketWhileSeveralAreReady) {
  Blend blend;
  blend.add(2, kPlenty, "a", 1);
  blend.add(2, kPlenty, "a", 2);
  for (int i = 0; i < 100; ++i) EXPECT_GE(blend.packet().size(), 3u);
  EXPECT_LE(blend.largest, 512u);
}

TEST(RingBlender, FillsPacketsWhereManyOfOneRingAreReady) {
  Blend blend;
  for (std::uint32_t i = 0; i < 8; ++i) blend.add(2, kPlenty, "a", i);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(blend.packet().size(), 1u);
  blend.add(4, kPlenty, "a", 100);
  EXPECT_GE(blend.packet().size(), 3u);
}

TEST(RingBlender, SharesThePacketWhereManyOfSeveralSitesAreReady) {
  Blend blend;
  for (std::uint32_t i = 0; i < 16; ++i) blend.add(2, kPlenty, i % 2 == 0 ? "a" : "b", i);
  for (int i = 0; i < 100; ++i) EXPECT_GE(blend.packet().size(), 3u);
}

TEST(RingBlender, PutsEachOfManySmallAnswersIntoPacketsThatFollowEachOther) {
  Blend blend;
  for (std::uint32_t i = 0; i < 12; ++i) blend.add(2, 1100, "a", i);
  std::vector<TestBuffer*> order;
  while (blend.blender.ready_buffers() > 0) {
    for (TestBuffer* buffer : blend.packet()) order.push_back(buffer);
  }
  order.erase(std::unique(order.begin(), order.end()), order.end());
  EXPECT_EQ(order.size(), 12u);
}

TEST(RingBlender, SharesInOctetsThoughSomeTurnsAreCutOffByTheEndOfAPacket) {
  Blend blend;
  std::vector<TestBuffer*> large;
  std::deque<TestBuffer*> small;
  for (std::uint32_t i = 0; i < 12; ++i) {
    (i % 3 == 0 ? small.emplace_back() : large.emplace_back()) = &blend.add(2, i % 3 == 0 ? 900 : kPlenty, "a", i);
  }
  for (int i = 0; i < 6000; ++i) {
    blend.packet();
    for (TestBuffer* buffer : small) {
      if (buffer->waiting().octets == 0) blend.blender.set_waiting(*buffer, {900, 0});
    }
  }
  for (const TestBuffer* buffer : large) {
    EXPECT_NEAR(static_cast<double>(buffer->sent), static_cast<double>(large.front()->sent), 3 * kPacketOctets);
  }
}

TEST(RingBlender, KeepsTheTriangleAcrossPackets) {
  Blend blend;
  for (std::uint8_t ring = 0; ring < kRings; ++ring) {
    for (std::uint32_t i = 0; i < 4; ++i) blend.add(ring, kPlenty, "a", i);
  }
  std::vector<int> rings;
  while (rings.size() < 15) {
    for (const TestBuffer* buffer : blend.packet()) rings.push_back(buffer->ring());
  }
  rings.resize(15);
  EXPECT_EQ(rings, (std::vector<int>{0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4}));
}

TEST(RingBlender, ServesTheFirstRingWithBudgetInWeightedOrder) {
  RingSettings settings;
  settings.order = RingOrder::weighted;
  Blend blend(settings);
  for (std::uint8_t ring = 0; ring < kRings; ++ring) blend.add(ring, kPlenty, "a", ring);
  std::vector<int> rings;
  while (blend.blender.rounds() < 2) {
    for (const TestBuffer* buffer : blend.packet()) rings.push_back(buffer->ring());
  }
  const auto second = std::find(std::find(rings.begin(), rings.end(), 4), rings.end(), 0);
  EXPECT_TRUE(std::is_sorted(rings.begin(), second));
  EXPECT_EQ(rings.front(), 0);
}

TEST(RingBlender, PutsALateUrgentBufferIntoTheVeryNextPacket) {
  for (std::uint8_t downloads = 1; downloads < kRings; ++downloads) {
    for (int packets = 0; packets < 60; ++packets) {
      Blend blend;
      TestBuffer& probe = blend.add(0, 0, "a", 100);
      for (std::uint32_t i = 0; i < 8; ++i) blend.add(downloads, 256 * 1024, "a", i);
      blend.packets(packets);
      blend.blender.set_waiting(probe, {200, 0});
      ASSERT_TRUE(contains(blend.packet(), probe)) << "ring " << int{downloads} << " after " << packets;
      ASSERT_EQ(probe.sent, 200u);
    }
  }
}

TEST(RingBlender, PutsALateUrgentBufferFirstWhateverRowTheOrderIsIn) {
  for (int packets = 0; packets < 60; ++packets) {
    Blend blend;
    TestBuffer& probe = blend.add(0, 0, "a", 100);
    for (std::uint32_t i = 0; i < 8; ++i) blend.add(static_cast<std::uint8_t>(1 + i % 4), 256 * 1024, "a", i);
    blend.packets(packets);
    blend.blender.set_waiting(probe, {200, 0});
    ASSERT_EQ(blend.packet().front(), &probe) << "after " << packets;
  }
}

TEST(RingBlender, LetsThePlacePassThatARingTookInAdvance) {
  Blend blend;
  std::vector<int> rings;
  TestBuffer& probe = blend.add(0, 0, "a", 100);
  for (std::uint8_t ring = 1; ring < kRings; ++ring) blend.add(ring, kPlenty, "a", ring);
  // 1, 1 2, 1 2 3, and in the row 1 2 3 4 the probe comes after 1; its own place next is left out, the one after not.
  const auto grant_one = [&] {
    const RingBlender::Grant grant = blend.blender.next(kPacketOctets, NewOctets::allowed);
    rings.push_back(grant.buffer->ring());
    blend.blender.wrote(100, {grant.buffer->waiting().octets - 100, 0});
  };
  for (int i = 0; i < 7; ++i) grant_one();
  blend.blender.set_waiting(probe, {5000, 0});
  for (int i = 0; i < 6; ++i) grant_one();
  EXPECT_EQ(rings, (std::vector<int>{1, 1, 2, 1, 2, 3, 1, 0, 2, 3, 4, 0, 1}));
}

TEST(RingBlender, GivesALateBufferItsShareOncePerRound) {
  // A buffer of a low ring that is emptied and filled again and again gets no more than one that stays full.
  Blend blend;
  for (std::uint32_t i = 0; i < 4; ++i) blend.add(1, kPlenty, "a", i);
  TestBuffer& drip = blend.add(4, 512, "a", 100);
  for (int i = 0; i < 2000; ++i) {
    blend.packet();
    if (drip.waiting().octets == 0) blend.blender.set_waiting(drip, {512, 0});
  }
  EXPECT_LT(blend.ring_share(4), 0.03);
  EXPECT_GT(blend.ring_share(4), 0.01);
}

TEST(RingBlender, OpensTheShareOfWhatIsWrittenAfterABufferBecameReady) {
  Blend blend;
  for (std::uint32_t i = 0; i < 8; ++i) blend.add(2, kPlenty, "a", i);
  blend.packets(57);
  TestBuffer& probe = blend.add(0, 1, "a", 100);  // an opening alone
  blend.blender.set_waiting(probe, {300, 0});     // and then its data
  EXPECT_TRUE(contains(blend.packet(), probe));
  EXPECT_EQ(probe.sent, 300u);
}

TEST(RingBlender, KeepsARoundAboutSixteenPacketsWhateverBecomesReadyInIt) {
  Blend blend;
  blend.add(4, kPlenty, "a", 1);
  blend.packet();  // a round in which S is large
  for (std::uint32_t i = 0; i < 300; ++i) blend.add(static_cast<std::uint8_t>(i % kRings), kPlenty, "a", i);
  std::uint64_t budgets = 0;
  for (std::size_t i = 0; i < kRings; ++i) budgets += blend.blender.ring(i).budget_left();
  EXPECT_LE(budgets, 16 * kPacketOctets + kRings * 512);
  const std::uint64_t round = blend.blender.rounds();
  int packets = 0;
  for (; blend.blender.rounds() == round; ++packets) blend.packet();
  EXPECT_LE(packets, 19);
}

TEST(RingBlender, GivesEveryRingItsWeightedShare) {
  for (const RingOrder order : {RingOrder::triangle, RingOrder::weighted}) {
    RingSettings settings;
    settings.order = order;
    settings.weights = {8192, 4096, 2048, 1024, 512};
    Blend blend(settings);
    for (std::uint8_t ring = 0; ring < kRings; ++ring) {
      for (std::uint32_t i = 0; i < 3; ++i) blend.add(ring, kPlenty, "a", i);
    }
    blend.packets(20'000);
    for (std::size_t ring = 0; ring < kRings; ++ring) {
      const double weight = static_cast<double>(settings.weights[ring]) / 15872;
      EXPECT_NEAR(blend.ring_share(ring) / weight, 1.0, 0.02) << ring;
    }
  }
}

TEST(RingBlender, StarvesNoRing) {
  Blend blend;
  for (std::uint32_t i = 0; i < 400; ++i) blend.add(static_cast<std::uint8_t>(i % 2), kPlenty, "a", i);
  TestBuffer& last = blend.add(4, kPlenty, "a", 1000);
  blend.packets(200);
  EXPECT_GE(last.sent, 200 / 17 * 512u);
}

TEST(RingBlender, LeavesTheOtherSiteItsPartOfTheLink) {
  for (std::uint8_t ring = 0; ring < kRings; ++ring) {
    for (const std::uint32_t connections : {1U, 25U, 500U}) {
      Blend blend;
      for (std::uint32_t i = 0; i < 500; ++i) blend.add(0, kPlenty, "greedy", i % connections);
      for (std::uint32_t i = 0; i < 20; ++i) blend.add(ring, kPlenty, "modest", i);
      blend.packets(50);
      blend.forget_counts();
      blend.packets(3000);
      EXPECT_GE(blend.site_share("modest"), 0.4) << int{ring} << " of " << connections;
      EXPECT_GE(blend.site_share("greedy"), 0.4) << int{ring} << " of " << connections;
    }
  }
}

TEST(RingBlender, LetsOneSiteHaveAllWhileNoOtherWaits) {
  Blend blend;
  blend.add(0, kPlenty, "greedy", 1);
  blend.add(1, kPlenty, "greedy", 2);
  TestBuffer& other = blend.add(2, 0, "modest", 1);
  for (int i = 0; i < 500; ++i) ASSERT_GE(blend.packet().size(), 3u);
  EXPECT_EQ(other.sent, 0u);
}

TEST(RingBlender, FillsTheLinkWhereEverySiteIsOverItsHighShare) {
  RingSettings settings;
  settings.high_rings_share = 0.1;
  Blend blend(settings);
  blend.add(0, kPlenty, "a", 1);
  blend.add(0, kPlenty, "b", 1);
  for (int i = 0; i < 500; ++i) ASSERT_GE(blend.packet().size(), 3u);
  EXPECT_NEAR(blend.site_share("a"), 0.5, 0.01);
}

TEST(RingBlender, SharesARingBetweenSitesByWeight) {
  Blend blend({}, {{"gold", 3}, {"silver", 1}});
  for (std::uint32_t i = 0; i < 5; ++i) blend.add(2, kPlenty, "gold", i);
  for (std::uint32_t i = 0; i < 50; ++i) blend.add(2, kPlenty, "silver", i);
  blend.packets(5000);
  EXPECT_NEAR(blend.site_share("gold"), 0.75, 0.01);
}

TEST(RingBlender, SharesARingInOctetsThoughOneSiteSendsSmallPieces) {
  Blend blend;
  blend.add(2, kPlenty, "large", 1);
  std::deque<TestBuffer*> small;
  for (std::uint32_t i = 0; i < 40; ++i) small.push_back(&blend.add(2, 60, "small", i));
  for (int i = 0; i < 5000; ++i) {
    blend.packet();
    for (TestBuffer* buffer : small) {
      if (buffer->waiting().octets == 0) blend.blender.set_waiting(*buffer, {60, 0});
    }
  }
  EXPECT_NEAR(blend.site_share("small"), 0.5, 0.02);
}

TEST(RingBlender, ScalesLargeSiteWeightsDown) {
  Blend blend({}, {{"gold", 4'000'000'000U}, {"silver", 2'000'000'000U}});
  blend.add(2, kPlenty, "gold", 1);
  blend.add(2, kPlenty, "silver", 1);
  blend.packets(2000);
  EXPECT_NEAR(blend.site_share("gold"), 2.0 / 3, 0.02);
}

TEST(RingBlender, TurnsOverConnectionsNotOverBuffers) {
  Blend blend;
  for (int i = 0; i < 100; ++i) blend.add(2, kPlenty, "a", 1);
  TestBuffer& alone = blend.add(2, kPlenty, "a", 2);
  blend.packets(1000);
  EXPECT_NEAR(static_cast<double>(alone.sent) / (1000.0 * kPacketOctets), 0.5, 0.02);
}

TEST(RingBlender, SharesOneConnectionBetweenItsBuffers) {
  Blend blend;
  std::vector<TestBuffer*> all;
  for (int i = 0; i < 7; ++i) all.push_back(&blend.add(2, kPlenty, "a", 1));
  blend.packets(1400);
  for (const TestBuffer* buffer : all) {
    EXPECT_NEAR(static_cast<double>(buffer->sent), 1400.0 * kPacketOctets / 7, 3 * kPacketOctets);
  }
}

TEST(RingBlender, CountsOnlySoManyBuffersOfOneConnection) {
  Blend blend;
  std::vector<TestBuffer*> all;
  for (int i = 0; i < 40; ++i) all.push_back(&blend.add(3, 1000, "a", 1));
  blend.add(3, 1000, "a", 2);
  EXPECT_EQ(blend.blender.ring(3).nSockets, 41u);
  EXPECT_EQ(blend.blender.ring(3).nReady, 17u);
  EXPECT_EQ(blend.blender.ring(3).nBytes, 41'000u);
  for (int i = 0; i < 30; ++i) blend.blender.set_waiting(*all[static_cast<std::size_t>(i)], {});
  EXPECT_EQ(blend.blender.ring(3).nReady, 11u);
  RingSettings fewer;
  fewer.ready_per_connection = 4;
  blend.blender.update(fewer, {});
  EXPECT_EQ(blend.blender.ring(3).nReady, 5u);
}

TEST(RingBlender, TurnsOnlyAfterASubPacketThatCarriedData) {
  Blend blend;
  TestBuffer& first = blend.add(2, kPlenty, "a", 1);
  blend.add(2, kPlenty, "a", 2);
  for (int i = 0; i < 5; ++i) {
    const RingBlender::Grant grant = blend.blender.next(30, NewOctets::allowed);
    ASSERT_EQ(grant.buffer, &first);
    blend.blender.wrote(0, first.waiting());
  }
  EXPECT_EQ(blend.blender.ring(2).spent, 0u);
}

TEST(RingBlender, SendsLostOctetsFirstInTheirRing) {
  Blend blend;
  for (std::uint32_t i = 0; i < 10; ++i) blend.add(2, kPlenty, "a", i);
  blend.packets(10);
  TestBuffer& losing = blend.add(2, 0, "b", 1);
  blend.blender.set_waiting(losing, {900, 900});
  const std::vector<TestBuffer*> order = blend.packet();
  EXPECT_EQ(order[0], &losing);
  EXPECT_EQ(order[1], &losing);
  EXPECT_EQ(losing.sent, 900u);
}

TEST(RingBlender, SendsOnlyLostOctetsWhereTheLinkIsBlocked) {
  Blend blend;
  TestBuffer& fresh = blend.add(0, 5000, "a", 1);
  EXPECT_FALSE(blend.blender.next(kPacketOctets, NewOctets::blocked));
  blend.blender.set_waiting(fresh, {5000, 300});
  const RingBlender::Grant grant = blend.blender.next(kPacketOctets, NewOctets::blocked);
  EXPECT_EQ(grant.buffer, &fresh);
  EXPECT_EQ(grant.octets, 300u);
}

TEST(RingBlender, MovesABufferWithWhatItHas) {
  Blend blend;
  TestBuffer& moved = blend.add(4, 5000, "a", 1);
  blend.add(2, kPlenty, "a", 2);
  blend.blender.move(moved, 0);
  EXPECT_EQ(blend.blender.ring(4).nBytes, 0u);
  EXPECT_EQ(blend.blender.ring(4).nSockets, 0u);
  EXPECT_EQ(blend.blender.ring(0).nBytes, 5000u);
  EXPECT_EQ(blend.packet().front(), &moved);
}

TEST(RingBlender, PutsWhatIsMovedToAHigherRingIntoTheVeryNextPacket) {
  Blend blend;
  TestBuffer& moved = blend.add(4, 5000, "a", 100);
  for (std::uint32_t i = 0; i < 8; ++i) blend.add(2, kPlenty, "a", i);
  blend.packets(57);
  blend.blender.move(moved, 0);
  EXPECT_TRUE(contains(blend.packet(), moved));
}

TEST(RingBlender, ForgetsSitesThatOnlyPeersHeardOf) {
  Blend blend;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    TestBuffer& buffer = blend.add(2, 10, "site" + std::to_string(i), i);
    blend.packet();
    blend.blender.remove(buffer);
  }
  EXPECT_EQ(blend.blender.ring(2).nSockets, 0u);
  EXPECT_LE(blend.blender.sites(), 257u);
}

TEST(RingBlender, TakesSettingsThatMakeNoSense) {
  RingSettings settings;
  settings.weights = {};
  settings.sub_packet_octets = 0;
  settings.round_packets = 0;
  settings.ready_per_connection = 0;
  settings.high_rings_share = 0;
  Blend blend(settings, {{"a", 0}});
  TestBuffer& a = blend.add(0, 5000, "a", 1);
  TestBuffer& b = blend.add(0, 5000, "b", 1);
  for (int i = 0; i < 20; ++i) blend.packet();
  EXPECT_EQ(a.sent + b.sent, 10'000u);
}

}  // namespace
}  // namespace ringway::tmp

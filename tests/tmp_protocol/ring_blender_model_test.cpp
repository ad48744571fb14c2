// The blender gives the grants that the naive one gives, whatever happens to its buffers.

#include <gtest/gtest.h>

#include <memory>

#include "base/random.h"
#include "naive_blender.h"

namespace ringway::tmp {
namespace {

using testing::NaiveBlender;

struct TestBuffer : RingBlender::Buffer {
  int id = 0;
};

/// How often in ten a buffer is of the same ring and site as most others.
constexpr std::uint64_t kMixed = 0;
constexpr std::uint64_t kMostlyAlike = 9;

/// Both blenders, driven by the same random operations.
class Twins {
 public:
  Twins(std::uint64_t seed, RingOrder order, std::uint64_t alike)
      : random_(seed),
        settings_(make_settings(order)),
        alike_(alike),
        real_(settings_, weights()),
        naive_(settings_, kScaled, 1443) {
    real_.set_packet_octets(1443);
  }

  void operate() {
    const std::uint64_t what = random_.below(100);
    if (buffers_.empty() || (what < 8 && buffers_.size() < 120)) return add();
    const int id = pick();
    TestBuffer& buffer = *buffers_[id];
    if (what < 12) {
      real_.remove(buffer);
      naive_.remove(id);
      buffers_.erase(id);
    } else if (what < 16) {
      const std::uint8_t ring = pick_ring();
      real_.move(buffer, ring);
      naive_.move(id, ring);
    } else if (what < 45) {
      const Waiting waiting = random_waiting();
      real_.set_waiting(buffer, waiting);
      naive_.set_waiting(id, waiting);
    } else {
      build_packet();
    }
  }

  void compare() {
    for (std::size_t i = 0; i < kRings; ++i) {
      ASSERT_EQ(real_.ring(i).nSockets, naive_.nSockets(i)) << i;
      ASSERT_EQ(real_.ring(i).nReady, naive_.nReady(i)) << i;
      ASSERT_EQ(real_.ring(i).nBytes, naive_.nBytes(i)) << i;
    }
  }

  void finish() {
    for (auto& [id, buffer] : buffers_) real_.remove(*buffer);
  }

  std::uint64_t granted = 0;

 private:
  static std::vector<SiteWeight> weights() { return {{"gold", 3}, {"silver", 2}}; }
  inline static const std::map<std::string, std::uint32_t> kScaled = {{"gold", 3}, {"silver", 2}};

  RingSettings make_settings(RingOrder order) {
    RingSettings settings;
    settings.order = order;
    settings.ready_per_connection = 3;
    settings.high_rings_share = 0.25 * static_cast<double>(random_.below(5));
    return settings;
  }

  void add() {
    static const std::vector<std::string> kSites = {"gold", "silver", "bronze", "tin"};
    const int id = next_id_++;
    auto buffer = std::make_unique<TestBuffer>();
    buffer->id = id;
    const std::uint8_t ring = pick_ring();
    const std::string& site = kSites[random_.below(10) < alike_ ? 0 : random_.below(kSites.size())];
    const auto connection = static_cast<std::uint32_t>(random_.below(6));
    real_.add(*buffer, ring, site, connection);
    naive_.add(id, ring, site, connection);
    buffers_[id] = std::move(buffer);
  }

  std::uint8_t pick_ring() {
    return random_.below(10) < alike_ ? std::uint8_t{2} : static_cast<std::uint8_t>(random_.below(kRings));
  }

  int pick() {
    auto at = buffers_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.below(buffers_.size())));
    return at->first;
  }

  Waiting random_waiting() {
    if (random_.below(4) == 0) return {};
    const std::uint64_t octets = random_.below(3) == 0 ? 1 + random_.below(20) : 1 + random_.below(20'000);
    return {octets, random_.below(5) == 0 ? 1 + random_.below(octets) : 0};
  }

  void build_packet() {
    std::size_t room = 200 + random_.below(1244);
    const NewOctets new_octets = random_.below(8) == 0 ? NewOctets::blocked : NewOctets::allowed;
    while (room > 0) {
      const RingBlender::Grant grant = real_.next(room, new_octets);
      const NaiveBlender::Grant expected = naive_.next(room, new_octets);
      ASSERT_EQ(static_cast<bool>(grant), expected.id >= 0);
      if (!grant) return;
      const int id = static_cast<TestBuffer&>(*grant.buffer).id;
      ASSERT_EQ(id, expected.id);
      ASSERT_EQ(grant.octets, expected.octets);
      ++granted;
      if (random_.below(20) == 0) return;  // the packet leaves, and this grant was not used
      const std::size_t octets = random_.below(10) == 0 ? random_.below(grant.octets + 1) : grant.octets;
      const Waiting left = after(grant.buffer->waiting(), octets);
      real_.wrote(octets, left);
      naive_.wrote(octets, left);
      if (octets == 0) return;
      room -= octets;
    }
  }

  /// What waits when `octets` of it were sent, lost ones first.
  static Waiting after(const Waiting& before, std::uint64_t octets) {
    return {before.octets - octets, before.lost > octets ? before.lost - octets : 0};
  }

  SeededRandom random_;
  RingSettings settings_;
  std::uint64_t alike_;
  RingBlender real_;
  NaiveBlender naive_;
  std::map<int, std::unique_ptr<TestBuffer>> buffers_;
  int next_id_ = 0;
};

void compare_with_model(RingOrder order, std::uint64_t alike) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Twins twins(seed, order, alike);
    for (int i = 0; i < 1200 && !::testing::Test::HasFatalFailure(); ++i) {
      twins.operate();
      if (i % 8 == 0) twins.compare();
    }
    twins.finish();
    ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed;
    ASSERT_GT(twins.granted, 500u);
  }
}

TEST(RingBlenderModel, GrantsAsTheNaiveOneInTriangleOrder) { compare_with_model(RingOrder::triangle, kMixed); }

TEST(RingBlenderModel, GrantsAsTheNaiveOneInWeightedOrder) { compare_with_model(RingOrder::weighted, kMixed); }

TEST(RingBlenderModel, GrantsAsTheNaiveOneWhereManyWaitInOneRing) {
  compare_with_model(RingOrder::triangle, kMostlyAlike);
}

}  // namespace
}  // namespace ringway::tmp

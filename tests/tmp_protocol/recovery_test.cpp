#include "tmp_protocol/recovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

struct Recorder final : SentContentHandler {
  std::vector<std::uint64_t> acked;
  std::vector<std::uint64_t> lost;
  void on_content_acked(SentContent content) override {
    for (const SentItem& item : content) acked.push_back(item.offset);
  }
  void on_content_lost(SentContent content) override {
    for (const SentItem& item : content) lost.push_back(item.offset);
  }
};

/// A path of 80 ms; the content of packet n is the item of offset n.
struct RecoveryTest : testing::Test {
  SeededRandom random{9};
  CongestionSettings settings;
  Recovery recovery{settings, 1472, random};
  Recorder heard;
  Time now = Time{} + 10s;
  std::uint64_t newest = 0;

  void send(std::size_t octets = 1200, PacketClass cls = PacketClass::data) {
    SentItem item;
    item.kind = SentKind::stream;
    item.offset = recovery.next_number();
    newest = item.offset;
    recovery.stage(item);
    recovery.on_sent(octets, cls, now);
  }
  Status ack(std::vector<PacketRange> ranges) {
    AckInfo info;
    info.count = ranges.size();
    std::copy(ranges.begin(), ranges.end(), info.ranges.begin());
    return recovery.on_ack(info, now, heard);
  }
  /// Sends what may leave; packets.
  int fill() {
    int sent = 0;
    for (; recovery.gate(now) != SendGate::window; ++sent) {
      if (recovery.gate(now) == SendGate::paced) now = recovery.release_time();
      send();
    }
    return sent;
  }
};

TEST_F(RecoveryTest, HandsContentBackOnAcknowledgementAndOnLoss) {
  for (int i = 0; i < 6; ++i) send();
  now += 80ms;
  ASSERT_TRUE(ack({{1, 5}}).ok());
  EXPECT_EQ(heard.acked, (std::vector<std::uint64_t>{5, 4, 3, 2, 1}));
  EXPECT_EQ(heard.lost, (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(recovery.losses().lost(), 1U);
  ASSERT_TRUE(ack({{0, 5}}).ok());
  EXPECT_EQ(heard.acked.back(), 0U);
  EXPECT_EQ(recovery.losses().lost(), 0U);  // it was late
}

TEST_F(RecoveryTest, ALinkWhoseStartALossEndedIsBoundByDelayFromThere) {
  fill();
  now += 80ms;
  ASSERT_TRUE(ack({{0, newest}}).ok());
  settings.tolerated_noise = 0;
  recovery.update(settings);
  const std::uint64_t lost = recovery.next_number();
  fill();
  now += 80ms;
  ASSERT_TRUE(ack({{lost + 1, newest}}).ok());
  ASSERT_FALSE(recovery.ensemble().starting());
  send();
  now += 80ms;
  ASSERT_TRUE(ack({{newest, newest}}).ok());
  EXPECT_TRUE(recovery.ensemble().held());
}

TEST_F(RecoveryTest, RefusesWhatWasNeverSent) {
  send();
  EXPECT_FALSE(ack({{0, 1}}).ok());
  EXPECT_TRUE(heard.acked.empty());
}

TEST_F(RecoveryTest, TheWindowClosesTheGateAndAcknowledgementsOpenIt) {
  EXPECT_EQ(fill(), 10);
  EXPECT_EQ(recovery.gate(now), SendGate::window);
  now += 80ms;
  ASSERT_TRUE(ack({{0, 9}}).ok());
  EXPECT_EQ(recovery.gate(now), SendGate::open);
  EXPECT_EQ(fill(), 20);
}

TEST_F(RecoveryTest, PacesOnceTheRttIsKnown) {
  fill();
  now += 80ms;
  ASSERT_TRUE(ack({{0, 9}}).ok());
  send();
  send();
  EXPECT_EQ(recovery.gate(now), SendGate::paced);
  EXPECT_GT(recovery.release_time(), now);
  EXPECT_LE(recovery.release_time(), now + 5ms);
}

TEST_F(RecoveryTest, AcknowledgementsAloneTakeNoWindow) {
  for (int i = 0; i < 100; ++i) send(50, PacketClass::ack_only);
  EXPECT_EQ(recovery.sent().packets_in_flight(), 0U);
  EXPECT_EQ(recovery.timeout(), kNever);
}

TEST_F(RecoveryTest, ATimeoutOwesTwoProbesWithTheOldestContent) {
  fill();
  now = recovery.timeout();
  recovery.on_timer(now, heard);
  EXPECT_EQ(heard.lost, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(recovery.losses().lost(), 0U);  // asked for again, not given up
  EXPECT_EQ(recovery.gate(now), SendGate::probe);
  send();
  EXPECT_EQ(recovery.gate(now), SendGate::probe);
  send();
  EXPECT_EQ(recovery.gate(now), SendGate::window);
}

TEST_F(RecoveryTest, ASilentPathGetsProbesOnly) {
  send();
  for (int i = 0; i < 2; ++i) {
    now = recovery.timeout();
    recovery.on_timer(now, heard);
    send();
    send();
  }
  EXPECT_EQ(recovery.gate(now), SendGate::window);
  ASSERT_TRUE(ack({{4, 4}}).ok());
  EXPECT_EQ(recovery.gate(now), SendGate::open);
}

TEST_F(RecoveryTest, ProbesTheMtuWhileTrafficFlows) {
  EXPECT_EQ(recovery.mtu_probe(now), 0U);  // idle
  send();
  EXPECT_EQ(recovery.mtu_probe(now), 0U);  // nothing is known to get through
  now += 80ms;
  ASSERT_TRUE(ack({{0, 0}}).ok());
  send();
  EXPECT_EQ(recovery.mtu_probe(now), 1472U);
  send(1472, PacketClass::mtu_probe);
  EXPECT_EQ(recovery.mtu_probe(now), 0U);
  now += 80ms;
  ASSERT_TRUE(ack({{0, 2}}).ok());
  EXPECT_EQ(recovery.packet_octets(), 1472U);
}

TEST_F(RecoveryTest, ALostMtuProbeIsNoLoss) {
  send();
  now += 80ms;
  ASSERT_TRUE(ack({{0, 0}}).ok());
  const std::size_t window = recovery.ensemble().window();
  send();
  send(1472, PacketClass::mtu_probe);
  for (int i = 0; i < 5; ++i) send();
  now += 80ms;
  ASSERT_TRUE(ack({{3, 7}, {0, 1}}).ok());
  EXPECT_EQ(recovery.losses().lost(), 0U);
  EXPECT_GE(recovery.ensemble().window(), window);
  EXPECT_EQ(recovery.packet_octets(), limits::kMinPacketOctets);
}

TEST_F(RecoveryTest, TheMaximumCountsOctetsAtThePresentPacketSize) {
  settings.max_window_octets = 12000;
  recovery.update(settings);
  for (int round = 0; round < 5; ++round) {
    fill();
    now += 80ms;
    ASSERT_TRUE(ack({{0, recovery.next_number() - 1}}).ok());
  }
  EXPECT_EQ(recovery.ensemble().window(), 10U);
}

TEST_F(RecoveryTest, SkipsNumbersThatALiarWouldName) {
  Status status;
  for (int i = 0; i < 400 && status.ok(); ++i) {
    send();
    if (recovery.gate(now) == SendGate::paced) now = recovery.release_time();
    // Acknowledges every number up to the newest, whatever was sent.
    now += 1ms;
    status = ack({{0, recovery.next_number() - 1}});
  }
  EXPECT_FALSE(status.ok());
}

TEST_F(RecoveryTest, TellsItsQuality) {
  recovery.set_hosted(5);
  send();
  now += 80ms;
  ASSERT_TRUE(ack({{0, 0}}).ok());
  const DirectionQuality quality = recovery.quality();
  EXPECT_EQ(quality.smoothed_rtt_us, 80000U);
  EXPECT_EQ(quality.min_rtt_us, 80000U);
  EXPECT_EQ(quality.hosted, 5U);
  EXPECT_EQ(quality.packets_sent, 1U);
  EXPECT_EQ(quality.window_packets, recovery.ensemble().window());
}

TEST_F(RecoveryTest, AnotherRouteIsLearntAnew) {
  send();
  now += 80ms;
  ASSERT_TRUE(ack({{0, 0}}).ok());
  send();
  send(1472, PacketClass::mtu_probe);
  now += 80ms;
  ASSERT_TRUE(ack({{0, 2}}).ok());
  EXPECT_EQ(recovery.packet_octets(), 1472U);
  recovery.on_route_changed(Travel::udp, now);
  EXPECT_FALSE(recovery.rtt().measured());
  EXPECT_EQ(recovery.packet_octets(), limits::kMinPacketOctets);
}

}  // namespace
}  // namespace ringway::tmp

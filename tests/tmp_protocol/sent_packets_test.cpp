#include "tmp_protocol/sent_packets.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

SentItem item(std::uint64_t offset) {
  SentItem out;
  out.kind = SentKind::stream;
  out.offset = offset;
  return out;
}

std::uint64_t send(SentPackets& sent, std::initializer_list<std::uint64_t> offsets, std::size_t octets = 1200,
                   PacketClass cls = PacketClass::data) {
  for (const std::uint64_t offset : offsets) sent.stage(item(offset));
  return sent.commit(kStart, octets, cls, {});
}

std::vector<std::uint64_t> offsets(const SentPackets& sent, std::uint64_t number) {
  std::vector<std::uint64_t> out;
  for (const SentItem& each : sent.content(sent.record(number))) out.push_back(each.offset);
  return out;
}

std::vector<std::uint64_t> outstanding(const SentPackets& sent) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t at = sent.oldest_outstanding(); at != SentPackets::kNone; at = sent.after(at)) out.push_back(at);
  return out;
}

TEST(SentPackets, NumbersAndCountsWhatIsInFlight) {
  SentPackets sent;
  EXPECT_EQ(send(sent, {1, 2}, 1000), 0U);
  EXPECT_EQ(send(sent, {3}, 500), 1U);
  EXPECT_EQ(sent.packets_in_flight(), 2U);
  EXPECT_EQ(sent.octets_in_flight(), 1500U);
  EXPECT_EQ(offsets(sent, 0), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(offsets(sent, 1), (std::vector<std::uint64_t>{3}));
}

TEST(SentPackets, OnlyAcknowledgementsLeaveNoTrace) {
  SentPackets sent;
  send(sent, {1}, 40, PacketClass::ack_only);
  EXPECT_EQ(sent.packets_in_flight(), 0U);
  EXPECT_EQ(sent.oldest_outstanding(), SentPackets::kNone);
  EXPECT_TRUE(sent.staged().empty());
  sent.release(kStart);
  EXPECT_EQ(sent.tracked(), 0U);
}

TEST(SentPackets, MtuProbesAreOutstandingButNotInFlight) {
  SentPackets sent;
  send(sent, {1}, 1472, PacketClass::mtu_probe);
  EXPECT_EQ(sent.packets_in_flight(), 0U);
  EXPECT_EQ(sent.octets_in_flight(), 0U);
  EXPECT_EQ(outstanding(sent), (std::vector<std::uint64_t>{0}));
}

TEST(SentPackets, ForgetsWhatWasStagedForNothing) {
  SentPackets sent;
  sent.stage(item(1));
  sent.stage(item(2));
  EXPECT_EQ(sent.staged().size(), 2U);
  sent.unstage();
  send(sent, {3});
  EXPECT_EQ(offsets(sent, 0), (std::vector<std::uint64_t>{3}));
}

TEST(SentPackets, UnlinksFromBothEndsAndTheMiddle) {
  SentPackets sent;
  for (std::uint64_t i = 0; i < 5; ++i) send(sent, {i});
  sent.mark_acked(2);
  EXPECT_EQ(outstanding(sent), (std::vector<std::uint64_t>{0, 1, 3, 4}));
  sent.mark_lost(0, kStart);
  EXPECT_EQ(outstanding(sent), (std::vector<std::uint64_t>{1, 3, 4}));
  sent.mark_acked(4);
  EXPECT_EQ(outstanding(sent), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(sent.newest_outstanding(), 3U);
  sent.mark_acked(1);
  sent.mark_acked(3);
  EXPECT_EQ(sent.oldest_outstanding(), SentPackets::kNone);
  EXPECT_EQ(sent.newest_outstanding(), SentPackets::kNone);
}

TEST(SentPackets, KeepsLostRecordsUntilTheirTime) {
  SentPackets sent;
  send(sent, {7});
  send(sent, {8});
  sent.mark_lost(0, kStart + 1s);
  sent.mark_acked(1);
  sent.release(kStart + 1s);
  EXPECT_EQ(sent.begin(), 0U);
  EXPECT_EQ(offsets(sent, 0), (std::vector<std::uint64_t>{7}));
  sent.release(kStart + 1s + 1ns);
  EXPECT_EQ(sent.tracked(), 0U);
}

TEST(SentPackets, SkipsNumbers) {
  SentPackets sent;
  send(sent, {1});
  sent.skip();
  EXPECT_EQ(sent.skipped(), 1U);
  EXPECT_EQ(send(sent, {2}), 2U);
  EXPECT_EQ(outstanding(sent), (std::vector<std::uint64_t>{0, 2}));
}

TEST(SentPackets, OnePacketsItemsStayTogetherAtTheRingsEdge) {
  SentPackets sent;
  for (std::uint64_t packet = 0; packet < 3000; ++packet) {
    // Eleven does not divide the ring: the items of some packets begin before its edge.
    for (std::uint64_t i = 0; i < 11; ++i) sent.stage(item(packet * 11 + i));
    EXPECT_EQ(sent.commit(kStart, 1200, PacketClass::data, {}), packet);
    if (packet >= 10) sent.mark_acked(packet - 10);
    const std::vector<std::uint64_t> got = offsets(sent, packet);
    ASSERT_EQ(got.size(), 11U);
    ASSERT_EQ(got.front(), packet * 11);
    ASSERT_EQ(got.back(), packet * 11 + 10);
    sent.release(kStart);
  }
  EXPECT_LE(sent.tracked(), 10U);
}

/// Random sending, acknowledging and losing against a map.
TEST(SentPackets, MatchesAMapUnderRandomUse) {
  SeededRandom random(3);
  SentPackets sent;
  struct Model {
    std::vector<std::uint64_t> content;
    bool lost = false;
  };
  std::map<std::uint64_t, Model> model;
  std::uint64_t offset = 0;
  Time now = kStart;
  for (int step = 0; step < 20000; ++step) {
    now += 1ms;
    const bool send_more = model.size() < 700 && random.below(100) < (step % 4000 < 2000 ? 60U : 40U);
    if (send_more || model.empty()) {
      Model entry;
      for (std::uint64_t i = random.below(6); i != 0; --i) {
        sent.stage(item(offset));
        entry.content.push_back(offset++);
      }
      if (random.below(20) == 0) {
        sent.unstage();
        entry.content.clear();
      }
      model[sent.commit(now, 100, PacketClass::data, {})] = entry;
      continue;
    }
    auto victim = model.begin();
    std::advance(victim, static_cast<std::ptrdiff_t>(random.below(model.size())));
    ASSERT_EQ(offsets(sent, victim->first), victim->second.content);
    if (!victim->second.lost && random.below(4) == 0) {
      sent.mark_lost(victim->first, now);
      victim->second.lost = true;
    } else {
      sent.mark_acked(victim->first);
      model.erase(victim);
    }
    sent.release(Time{});
    std::size_t in_flight = 0;
    for (const auto& [number, entry] : model) in_flight += entry.lost ? 0 : 1;
    ASSERT_EQ(sent.packets_in_flight(), in_flight);
    ASSERT_EQ(outstanding(sent).size(), in_flight);
    if (!model.empty()) {
      ASSERT_EQ(sent.begin(), model.begin()->first);
    }
  }
}

}  // namespace
}  // namespace ringway::tmp

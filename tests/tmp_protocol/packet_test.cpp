#include "tmp_protocol/packet.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"

namespace ringway::tmp {
namespace {

constexpr std::uint32_t kKnown[] = {kVersion1};

LongHeader header_of(PacketKind kind, Bytes cookie = {}) {
  LongHeader header;
  header.kind = kind;
  header.destination = {0x1111};
  header.source = {0x2222};
  header.cookie = cookie;
  header.number = 0xfedcba98;
  return header;
}

Octets packet_of(const LongHeader& header, std::size_t rest) {
  Octets packet(long_header_octets(header) + rest);
  write_long_header(header, packet);
  return packet;
}

TEST(Packet, ReadsBackTheHeadersOfAHandshake) {
  const Octets cookie(24, 7);
  for (const PacketKind kind : {PacketKind::initial, PacketKind::handshake}) {
    const LongHeader header = header_of(kind, kind == PacketKind::initial ? Bytes(cookie) : Bytes());
    const std::size_t mac = kind == PacketKind::initial ? kMacOctets : 0;
    const Octets packet = packet_of(header, 40 + mac);
    const auto read = read_long_packet(packet, kKnown);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header.kind, kind);
    EXPECT_EQ(read->header.version, kVersion1);
    EXPECT_EQ(read->header.destination, header.destination);
    EXPECT_EQ(read->header.source, header.source);
    EXPECT_EQ(to_hex(read->header.cookie), to_hex(header.cookie));
    EXPECT_EQ(read->header.number, header.number);
    EXPECT_EQ(read->header_octets, long_header_octets(header));
    EXPECT_EQ(read->protected_octets, 40U);
  }
}

TEST(Packet, ReadsBackAnswersWithoutFrames) {
  std::array<std::uint8_t, kMaxAnswerOctets> out{};
  const Octets cookie(24, 7);
  std::size_t size = write_retry(header_of(PacketKind::retry, cookie), out);
  auto read = read_long_packet(Bytes(out).first(size), kKnown);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.kind, PacketKind::retry);
  EXPECT_EQ(to_hex(read->header.cookie), to_hex(cookie));

  const std::vector<std::uint32_t> versions = {9, 4, 1};
  size = write_version({1}, {2}, versions, out);
  read = read_long_packet(Bytes(out).first(size), kKnown);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.kind, PacketKind::version);
  EXPECT_EQ(listed_versions(*read), versions);
}

TEST(Packet, RefusesEveryCutOfAHandshakePacket) {
  const Octets cookie(24, 7);
  const LongHeader header = header_of(PacketKind::initial, cookie);
  const Octets packet = packet_of(header, kTagOctets + kMacOctets);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(read_long_packet(Bytes(packet).first(size), kKnown)) << size;
  }
  EXPECT_TRUE(read_long_packet(packet, kKnown));
}

TEST(Packet, RefusesMalformedAnswers) {
  std::array<std::uint8_t, kMaxAnswerOctets> out{};
  const std::vector<std::uint32_t> versions = {1};
  const std::size_t size = write_version({1}, {2}, versions, out);
  EXPECT_TRUE(read_long_packet(Bytes(out).first(size), kKnown));
  EXPECT_FALSE(read_long_packet(Bytes(out).first(size - 4), kKnown)) << "no version";
  EXPECT_FALSE(read_long_packet(Bytes(out).first(size - 1), kKnown)) << "part of one";
  const Octets too_many = packet_of(header_of(PacketKind::version), 4 * (kMaxVersions + 1) + kMacOctets);
  EXPECT_FALSE(read_long_packet(too_many, kKnown));
  const Octets no_cookie = packet_of(header_of(PacketKind::retry), kMacOctets);
  EXPECT_FALSE(read_long_packet(no_cookie, kKnown));
}

TEST(Packet, RefusesACookieThatIsTooLong) {
  Octets packet(1200);
  write_long_header(header_of(PacketKind::initial), packet);
  store_u16(packet.data() + 21, kMaxCookieOctets + 1);
  EXPECT_FALSE(read_long_packet(packet, kKnown));
  store_u16(packet.data() + 21, kMaxCookieOctets);
  EXPECT_TRUE(read_long_packet(packet, kKnown));
}

TEST(Packet, ReadsOnlyTheInvariantPartOfAnotherVersion) {
  Octets packet(60, 0xff);  // nothing behind the IDs is as version 1 has it
  LongHeader header = header_of(PacketKind::retry);
  header.version = 77;
  write_long_header(header, packet);
  store_u16(packet.data() + 21, 0xffff);
  const auto read = read_long_packet(packet, kKnown);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.version, 77U);
  EXPECT_EQ(read->header.source, header.source);
  EXPECT_EQ(read->protected_octets, 0U);
}

TEST(Packet, TellsTheFormsApart) {
  Octets data(kDataOverheadOctets, 0);
  data[0] = 0x40;
  ConnectionId{0x0102030405060708}.write(data.data() + 1);
  EXPECT_FALSE(is_long(data));
  ASSERT_TRUE(data_destination(data));
  EXPECT_EQ(data_destination(data)->value, 0x0102030405060708U);
  EXPECT_FALSE(data_destination(Bytes(data).first(data.size() - 1)));
  for (const int first : {0x00, 0x3f, 0x60, 0x80, 0xc0, 0xff}) {
    data[0] = static_cast<std::uint8_t>(first);
    EXPECT_FALSE(data_destination(data)) << first;
  }
  EXPECT_FALSE(is_long({}));
  EXPECT_TRUE(is_long(data));
}

// The number nearest to the expected one, found by trying the neighbours.
std::uint64_t nearest(std::uint32_t wire, std::uint64_t expected) {
  const std::uint64_t span = 1ULL << 32;
  std::uint64_t best = (expected & ~(span - 1)) | wire;
  for (const std::uint64_t candidate : {best + span, best >= span ? best - span : best}) {
    const auto distance = [&](std::uint64_t number) {
      return number > expected ? number - expected : expected - number;
    };
    if (distance(candidate) < distance(best)) best = candidate;
  }
  return best;
}

TEST(Packet, ExpandsNumbersToTheNearest) {
  SeededRandom random(5);
  for (int round = 0; round < 100000; ++round) {
    const std::uint64_t expected = random.below(1ULL << (1 + random.below(50)));
    const auto wire = static_cast<std::uint32_t>(random.next());
    if (((expected - wire) & 0xffffffff) == 0x80000000) continue;  // both neighbours are as near
    ASSERT_EQ(expand_number(wire, expected), nearest(wire, expected)) << wire << ' ' << expected;
  }
  EXPECT_EQ(expand_number(0xffffffff, 0), 0xffffffffU) << "never below zero";
  EXPECT_EQ(expand_number(0, 0xffffffff), 0x100000000U);
  EXPECT_EQ(expand_number(0xffffffff, 0x100000000), 0xffffffffU);
}

TEST(Version, PicksTheHighestCommonOne) {
  const std::vector<std::uint32_t> mine = {1, 3, 2};
  const std::vector<std::uint32_t> theirs = {4, 2, 1};
  EXPECT_EQ(best_common(mine, theirs), 2U);
  EXPECT_EQ(best_common(theirs, mine), 2U);
  EXPECT_FALSE(best_common(mine, std::vector<std::uint32_t>{7}));
  EXPECT_FALSE(best_common(mine, {}));
  const std::vector<std::uint32_t> mixed = {1, 0, 5, 1, 3};
  EXPECT_EQ(ordered(mixed), (std::vector<std::uint32_t>{5, 3, 1}));
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/packet_protection.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/tmp_protocol/wire_support.h"

namespace ringway::tmp {
namespace {

const ConnectionId kDestination = {0x0102030405060708};
constexpr std::uint32_t kPath = 1;

Secret secret_of(std::string_view text) { return derive_secret(as_bytes(text), "test"); }

Octets sealed(SealingKeys& keys, std::uint64_t number, std::string_view frames = "some frames") {
  Octets packet(kDataOverheadOctets + frames.size());
  copy_bytes(as_bytes(frames), packet.data() + kDataHeaderOctets);
  EXPECT_TRUE(keys.seal(packet, kDestination, kPath, number));
  return packet;
}

struct OpenedText {
  OpenStatus status;
  KeyStep step;
  std::string text;
};

OpenedText open(OpeningKeys& keys, Octets packet, ReplayWindow& window) {
  const OpenedPacket opened = keys.open(packet, kPath, window);
  const bool whole = opened.status == OpenStatus::opened;
  return {opened.status, opened.step, whole ? std::string(as_text(opened.frames)) : std::string()};
}

class Protection : public ::testing::TestWithParam<Suite> {
 protected:
  Secret first_ = secret_of("first");
  SealingKeys sealing_{GetParam(), first_};
  OpeningKeys opening_{GetParam(), first_};
  ReplayWindow window_;

  OpenStatus status(const Octets& packet) { return open(opening_, packet, window_).status; }
};

INSTANTIATE_TEST_SUITE_P(Suites, Protection, ::testing::Values(Suite::aes_128_gcm, Suite::chacha20_poly1305),
                         [](const auto& suite) { return suite.param == Suite::aes_128_gcm ? "Aes" : "ChaCha"; });

TEST_P(Protection, CarriesFramesAndNumber) {
  for (const std::uint64_t number : {0ULL, 1ULL, 77ULL, (1ULL << 31) - 1, (1ULL << 32) - 9, (1ULL << 32) + 3}) {
    Octets packet = sealed(sealing_, number);
    EXPECT_EQ(data_destination(packet), kDestination);
    const OpenedPacket opened = opening_.open(packet, kPath, window_);
    ASSERT_EQ(opened.status, OpenStatus::opened) << number;
    EXPECT_EQ(opened.number, number);
    EXPECT_EQ(opened.step, KeyStep::none);
    EXPECT_EQ(as_text(opened.frames), "some frames");
  }
  EXPECT_EQ(sealing_.sealed(), 6U);
}

TEST_P(Protection, CarriesAPacketWithoutFrames) { EXPECT_EQ(status(sealed(sealing_, 0, "")), OpenStatus::opened); }

TEST_P(Protection, OpensAPacketOnce) {
  const Octets packet = sealed(sealing_, 9);
  EXPECT_EQ(status(packet), OpenStatus::opened);
  EXPECT_EQ(status(packet), OpenStatus::replayed);
}

TEST_P(Protection, RefusesEveryAlteredBitAndTakesNoNumberForIt) {
  const Octets packet = sealed(sealing_, 9);
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    Octets altered = packet;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const OpenStatus found = status(altered);
    EXPECT_TRUE(found == OpenStatus::altered || found == OpenStatus::no_key) << bit;
  }
  EXPECT_EQ(window_.next(), 0U);
  EXPECT_EQ(status(packet), OpenStatus::opened);
}

TEST_P(Protection, RefusesEveryCut) {
  const Octets packet = sealed(sealing_, 9);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const OpenStatus found = status(Octets(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_NE(found, OpenStatus::opened) << size;
    if (size < kDataOverheadOctets) {
      EXPECT_EQ(found, OpenStatus::cut) << size;
    }
  }
}

TEST_P(Protection, BindsThePath) {
  Octets packet = sealed(sealing_, 9);
  EXPECT_EQ(opening_.open(packet, kPath + 1, window_).status, OpenStatus::altered);
}

TEST_P(Protection, HidesNumberAndPhase) {
  SealingKeys other(GetParam(), first_);
  std::set<std::uint8_t> firsts;
  std::set<std::uint32_t> numbers;
  for (std::uint64_t number = 0; number < 200; ++number) {
    const Octets packet = sealed(other, number);
    firsts.insert(packet[0]);
    numbers.insert(load_u32(packet.data() + 9));
    EXPECT_EQ(packet[0] & 0xe0, 0x40);
  }
  EXPECT_GT(firsts.size(), 25U) << "of 32";
  EXPECT_EQ(numbers.size(), 200U);
}

TEST_P(Protection, FollowsTheSenderThroughManyPhases) {
  for (std::uint64_t number = 0; number < 20; ++number) {
    const OpenedText opened = open(opening_, sealed(sealing_, number), window_);
    ASSERT_EQ(opened.status, OpenStatus::opened) << number;
    EXPECT_EQ(opened.step, number == 0 ? KeyStep::none : KeyStep::phase);
    sealing_.next_phase();
    EXPECT_EQ(sealing_.sealed(), 0U);
  }
}

TEST_P(Protection, OpensLatePacketsOfThePhaseBeforeUntilToldToForgetIt) {
  const Octets late = sealed(sealing_, 0);
  const Octets later = sealed(sealing_, 1);
  sealing_.next_phase();
  EXPECT_EQ(open(opening_, sealed(sealing_, 2), window_).step, KeyStep::phase);
  EXPECT_TRUE(opening_.previous_kept());
  const OpenedText opened = open(opening_, late, window_);
  EXPECT_EQ(opened.status, OpenStatus::opened);
  EXPECT_EQ(opened.step, KeyStep::none);
  opening_.forget_previous();
  EXPECT_FALSE(opening_.previous_kept());
  EXPECT_EQ(status(later), OpenStatus::no_key);
  EXPECT_EQ(status(sealed(sealing_, 3)), OpenStatus::opened);
}

TEST_P(Protection, AStrangerCannotMoveThePhase) {
  SeededRandom random(3);
  for (int round = 0; round < 2000; ++round) {
    Octets junk(60);
    random.fill(junk);
    junk[0] = static_cast<std::uint8_t>(0x40 | (junk[0] & 0x1f));
    EXPECT_NE(status(junk), OpenStatus::opened);
  }
  EXPECT_FALSE(opening_.previous_kept());
  EXPECT_EQ(window_.next(), 0U);
  EXPECT_EQ(status(sealed(sealing_, 0)), OpenStatus::opened);
}

TEST_P(Protection, MovesToTheNextEpochWithTheSender) {
  const Octets late = sealed(sealing_, 0);
  const Secret second = secret_of("second");
  // The other suite: each handshake chooses anew.
  const Suite other = GetParam() == Suite::aes_128_gcm ? Suite::chacha20_poly1305 : Suite::aes_128_gcm;
  opening_.next_epoch(other, second);
  EXPECT_TRUE(opening_.next_epoch_known());
  EXPECT_EQ(status(sealed(sealing_, 1)), OpenStatus::opened) << "the old epoch is still read";
  EXPECT_EQ(opening_.epoch(), 0U);

  sealing_.next_epoch(other, second);
  EXPECT_EQ(sealing_.epoch(), 1U);
  EXPECT_EQ(open(opening_, sealed(sealing_, 2), window_).step, KeyStep::epoch);
  EXPECT_EQ(opening_.epoch(), 1U);
  EXPECT_FALSE(opening_.next_epoch_known());
  EXPECT_EQ(status(late), OpenStatus::opened);
  sealing_.next_phase();
  EXPECT_EQ(open(opening_, sealed(sealing_, 3), window_).step, KeyStep::phase);
  opening_.forget_previous();
  EXPECT_EQ(status(sealed(sealing_, 4)), OpenStatus::opened);
}

TEST_P(Protection, RefusesAnEpochThatIsNotKnownYet) {
  sealing_.next_epoch(GetParam(), secret_of("second"));
  EXPECT_EQ(status(sealed(sealing_, 0)), OpenStatus::no_key);
}

TEST_P(Protection, GoesThroughMoreEpochsThanTheHeaderCounts) {
  std::uint64_t number = 0;
  for (int epoch = 1; epoch < 12; ++epoch) {
    const Secret next = secret_of("epoch " + std::to_string(epoch));
    opening_.next_epoch(GetParam(), next);
    sealing_.next_epoch(GetParam(), next);
    EXPECT_EQ(open(opening_, sealed(sealing_, number++), window_).step, KeyStep::epoch);
    opening_.forget_previous();
  }
  EXPECT_EQ(opening_.epoch(), 11U);
}

TEST(HandshakeKeys, OpenWhatTheOtherEndSealed) {
  const HandshakeKeys client(kVersion1, {0x8394c8f03e515708}, End::client);
  const HandshakeKeys server(kVersion1, {0x8394c8f03e515708}, End::server);
  LongHeader header;
  header.kind = PacketKind::handshake;
  header.number = 5;
  const std::size_t size = long_header_octets(header);
  Octets packet(size + 11 + kTagOctets);
  write_long_header(header, packet);
  copy_bytes(octets_of("some frames"), packet.data() + size);
  ASSERT_TRUE(client.seal(packet, size, header.number));
  constexpr std::uint32_t kKnown[] = {kVersion1};
  const auto read = read_long_packet(packet, kKnown);
  ASSERT_TRUE(read);

  Octets copy = packet;
  const auto frames = server.open(copy, *read);
  ASSERT_TRUE(frames);
  EXPECT_EQ(as_text(*frames), "some frames");

  copy = packet;
  EXPECT_FALSE(client.open(copy, *read)) << "the own direction";
  const HandshakeKeys other(kVersion1, {0x8394c8f03e515709}, End::server);
  copy = packet;
  EXPECT_FALSE(other.open(copy, *read)) << "of another first destination";
  const HandshakeKeys version2(2, {0x8394c8f03e515708}, End::server);
  copy = packet;
  EXPECT_FALSE(version2.open(copy, *read)) << "of another version";
}

}  // namespace
}  // namespace ringway::tmp

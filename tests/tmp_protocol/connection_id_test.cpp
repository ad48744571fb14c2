#include "tmp_protocol/connection_id.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/tmp_protocol/wire_support.h"

namespace ringway::tmp {
namespace {

TEST(ConnectionId, LeadsBackToItsPlace) {
  SeededRandom random(1);
  const ConnectionIdCodec codec(octets_of("a key of this gateway"));
  const ConnectionIdCodec other_worker(octets_of("a key of this gateway"));
  for (int round = 0; round < 1000; ++round) {
    const ConnectionPlace place = {static_cast<std::uint8_t>(random.below(256)),
                                   static_cast<std::uint32_t>(random.below(kMaxConnectionSlots))};
    const ConnectionId id = codec.make(place, random);
    EXPECT_EQ(codec.read(id), place);
    EXPECT_EQ(other_worker.read(id), place);
  }
}

TEST(ConnectionId, HidesItsPlace) {
  SeededRandom random(1);
  const ConnectionIdCodec codec(octets_of("a key of this gateway"));
  const ConnectionIdCodec stranger(octets_of("another key"));
  std::set<ConnectionId> ids;
  std::set<std::uint32_t> low_halves;
  int guessed = 0;
  for (int round = 0; round < 1000; ++round) {
    const ConnectionId id = codec.make({3, 7}, random);
    ids.insert(id);
    low_halves.insert(static_cast<std::uint32_t>(id.value));
    if (stranger.read(id) == ConnectionPlace{3, 7}) ++guessed;
  }
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_GT(low_halves.size(), 990U);
  EXPECT_EQ(guessed, 0);
}

TEST(ConnectionId, StandsInNetworkOrder) {
  std::uint8_t octets[kConnectionIdOctets];
  ConnectionId{0x0102030405060708}.write(octets);
  EXPECT_EQ(to_hex(octets), "0102030405060708");
  EXPECT_EQ(ConnectionId::read(octets).value, 0x0102030405060708U);
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"

namespace ringway::tmp {
namespace {

constexpr std::size_t kBlock = Reassembly::kBlockOctets;

std::string text_of(std::size_t size, SeededRandom& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.below(256));
  return text;
}

class Receiver {
 public:
  StreamFault insert(std::uint64_t offset, std::string_view text, Fin fin = Fin::absent) {
    return reassembly.insert(offset, as_bytes(text), fin, out);
  }
  Reassembly reassembly;
  ByteQueue out;
};

TEST(Reassembly, PassesOnWhatIsInOrder) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(0, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.out.text(), "abc");
  EXPECT_EQ(receiver.reassembly.held_memory_octets(), 0u);
}

TEST(Reassembly, KeepsWhatIsEarly) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(3, "def"), StreamFault::none);
  EXPECT_EQ(receiver.out.text(), "");
  EXPECT_EQ(receiver.insert(0, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.out.text(), "abcdef");
  EXPECT_EQ(receiver.reassembly.delivered(), 6u);
  EXPECT_EQ(receiver.insert(6, "ghi", Fin::present), StreamFault::none);
  EXPECT_TRUE(receiver.reassembly.complete());
}

TEST(Reassembly, DropsDuplicateOctets) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(0, "abcd"), StreamFault::none);
  EXPECT_EQ(receiver.insert(0, "abcd"), StreamFault::none);
  EXPECT_EQ(receiver.insert(2, "cdef"), StreamFault::none);
  EXPECT_EQ(receiver.out.text(), "abcdef");
}

TEST(Reassembly, EndsWithoutOctets) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(0, "", Fin::present), StreamFault::none);
  EXPECT_TRUE(receiver.reassembly.complete());
}

TEST(Reassembly, RefusesTwoEnds) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(0, "abc", Fin::present), StreamFault::none);
  EXPECT_EQ(receiver.insert(0, "abc", Fin::present), StreamFault::none);
  EXPECT_EQ(receiver.insert(0, "ab", Fin::present), StreamFault::final_size);
  EXPECT_EQ(receiver.insert(3, "d"), StreamFault::final_size);
  EXPECT_EQ(receiver.reassembly.set_final_size(4), StreamFault::final_size);
  EXPECT_EQ(receiver.reassembly.set_final_size(3), StreamFault::none);
}

TEST(Reassembly, RefusesAnEndBeforeWhatCame) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(10, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.insert(0, "abc", Fin::present), StreamFault::final_size);
  EXPECT_EQ(receiver.reassembly.set_final_size(12), StreamFault::final_size);
  EXPECT_EQ(receiver.reassembly.set_final_size(13), StreamFault::none);
}

TEST(Reassembly, KnowsTheHighestOffset) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(1000, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.insert(0, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.reassembly.highest(), 1003u);
  EXPECT_EQ(receiver.reassembly.set_final_size(5000), StreamFault::none);
  EXPECT_EQ(receiver.reassembly.highest(), 5000u);
}

TEST(Reassembly, PassesOnNothingOnceDiscarded) {
  Receiver receiver;
  EXPECT_EQ(receiver.insert(5000, "late"), StreamFault::none);
  receiver.reassembly.discard();
  EXPECT_EQ(receiver.reassembly.held_memory_octets(), 0u);
  EXPECT_EQ(receiver.insert(0, "abc"), StreamFault::none);
  EXPECT_EQ(receiver.out.text(), "");
  EXPECT_FALSE(receiver.reassembly.complete());
  EXPECT_EQ(receiver.insert(5004, "", Fin::present), StreamFault::none);
  EXPECT_TRUE(receiver.reassembly.complete());
  EXPECT_EQ(receiver.insert(5003, "xy"), StreamFault::final_size);
}

TEST(Reassembly, HoldsLittleMoreThanTheWindowForTheSmallestPieces) {
  constexpr std::size_t kWindow = 256 * 1024;
  Receiver receiver;
  std::size_t most = 0;
  for (std::size_t left = kWindow; left > 0; left -= 2) {
    ASSERT_EQ(receiver.insert(left - 1, "x"), StreamFault::none);
    most = std::max(most, receiver.reassembly.held_memory_octets());
  }
  EXPECT_LE(most, kWindow * 5 / 4 + 2 * kBlock);
  EXPECT_EQ(receiver.out.size(), 0u);
  for (std::size_t offset = 0; offset < kWindow; offset += 2) {
    ASSERT_EQ(receiver.insert(offset, "y"), StreamFault::none);
  }
  EXPECT_EQ(receiver.out.size(), kWindow);
  EXPECT_LE(receiver.reassembly.held_memory_octets(), 1024u);
}

TEST(Reassembly, HoldsOneBlockForOneEarlyOctet) {
  Receiver receiver;
  ASSERT_EQ(receiver.insert(1, "x"), StreamFault::none);
  EXPECT_LE(receiver.reassembly.held_memory_octets(), kBlock * 5 / 4);
}

TEST(Reassembly, GivesOutTheChunksThatEarlyOctetsLieIn) {
  constexpr std::size_t kPacket = 1435;
  constexpr std::size_t kPackets = 1000;
  constexpr std::size_t kChunks = kPackets * kPacket / kChunkOctets + 1;
  SeededRandom random(5);
  const std::string text = text_of(kPackets * kPacket, random);
  const auto packet = [&text](std::size_t i) { return std::string_view(text).substr(i * kPacket, kPacket); };
  const std::size_t before = Chunk::alive();
  Receiver receiver;
  for (std::size_t i = 1; i < kPackets; ++i) {
    ASSERT_EQ(receiver.insert(i * kPacket, packet(i)), StreamFault::none);
    if (i % 100 != 50) continue;
    ASSERT_EQ(receiver.insert(i * kPacket, packet(i)), StreamFault::none);
  }
  EXPECT_LE(Chunk::alive() - before, kChunks);
  EXPECT_LE(receiver.reassembly.held_memory_octets(), text.size() * 103 / 100);
  ASSERT_EQ(receiver.insert(0, packet(0)), StreamFault::none);
  EXPECT_LE(Chunk::alive() - before, kChunks);
  EXPECT_LE(receiver.out.slices().size(), kChunks);
  EXPECT_EQ(receiver.out.text(), text);
}

TEST(Reassembly, HoldsLittleMoreThanWhatIsReadSlowly) {
  // Each packet passes the one before it, or always one is missing.
  for (const std::size_t missing : {0U, 1U}) {
    constexpr std::size_t kPacket = 1435;
    constexpr std::size_t kPackets = 1000;
    const std::string text(kPacket, 'x');
    const std::size_t before = Chunk::alive();
    Receiver receiver;
    for (std::size_t i = 0; i < kPackets; i += 2) {
      ASSERT_EQ(receiver.insert((i + 1 + 2 * missing) * kPacket, text), StreamFault::none);
      ASSERT_EQ(receiver.insert(i * kPacket, text), StreamFault::none);
    }
    ASSERT_EQ(receiver.insert(missing * kPacket, text), StreamFault::none);
    EXPECT_GE(receiver.out.size(), kPackets * kPacket);
    EXPECT_LE(Chunk::alive() - before, receiver.out.size() / kChunkOctets + 3);
  }
}

TEST(Reassembly, PutsPiecesTogetherInAnyOrder) {
  // Every order of pieces that are cut at and around the blocks' bounds.
  SeededRandom random(3);
  const std::string text = text_of(3 * kBlock, random);
  const std::vector<std::size_t> cuts = {0, 1, kBlock - 1, kBlock, kBlock + 1, 2 * kBlock + 63, 3 * kBlock};
  std::vector<std::size_t> order(cuts.size() - 1);
  std::iota(order.begin(), order.end(), 0);
  do {
    Receiver receiver;
    for (const std::size_t i : order) {
      const Fin fin = i + 2 == cuts.size() ? Fin::present : Fin::absent;
      ASSERT_EQ(receiver.insert(cuts[i], std::string_view(text).substr(cuts[i], cuts[i + 1] - cuts[i]), fin),
                StreamFault::none);
    }
    ASSERT_EQ(receiver.out.text(), text);
    ASSERT_TRUE(receiver.reassembly.complete());
    ASSERT_EQ(receiver.out.size(), text.size());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Reassembly, IsAMapOfOctets) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    const std::string text = text_of(1 + random.below(30'000), random);
    std::vector<bool> seen(text.size());
    const std::size_t window = 1 + random.below(text.size());
    const std::size_t largest = random.below(2) == 0 ? 3 : 1400;
    Receiver receiver;
    std::string got;
    std::vector<Slice> read;
    while (got.size() < text.size()) {
      const std::size_t offset =
          got.size() < 10 ? random.below(std::min(window, text.size())) : got.size() - 10 + random.below(window + 10);
      if (offset >= text.size()) continue;
      // Now and then what is next, so that it comes to an end.
      const std::size_t begin = random.below(4) == 0 ? got.size() : offset;
      const std::size_t size = std::min(1 + random.below(largest), text.size() - begin);
      const Fin fin = begin + size == text.size() ? Fin::present : Fin::absent;
      ASSERT_EQ(receiver.insert(begin, std::string_view(text).substr(begin, size), fin), StreamFault::none);
      std::fill_n(seen.begin() + static_cast<std::ptrdiff_t>(begin), size, true);
      const std::size_t had = got.size();
      while (!receiver.out.empty()) got += as_text(read.emplace_back(receiver.out.pop_front()).bytes());
      const auto missing = std::find(seen.begin() + static_cast<std::ptrdiff_t>(had), seen.end(), false);
      ASSERT_EQ(got.size(), static_cast<std::size_t>(missing - seen.begin())) << seed;
      ASSERT_EQ(std::string_view(got).substr(had), std::string_view(text).substr(had, got.size() - had)) << seed;
      ASSERT_EQ(receiver.reassembly.delivered(), got.size());
      ASSERT_EQ(receiver.reassembly.complete(), missing == seen.end());
    }
    // What was read has not changed since.
    std::string kept;
    for (const Slice& slice : read) kept += as_text(slice.bytes());
    ASSERT_EQ(kept, text) << seed;
  }
}

}  // namespace
}  // namespace ringway::tmp

#include "tmp_protocol/send_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace ringway::tmp {
namespace {

constexpr std::uint64_t kNoLimit = UINT64_MAX;

Slice slice_of(const std::string& text) {
  ByteQueue queue;
  queue.append(text);
  return queue.pop_front();
}

std::string octets_of(const SendBuffer& buffer, const SendRange& range) {
  std::string text(range.octets, '\0');
  buffer.copy_out(range.offset, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

TEST(SendBuffer, SendsInOrderAndThenFin) {
  SendBuffer buffer;
  buffer.write(slice_of("hello "));
  buffer.write(slice_of("world"));
  EXPECT_EQ(octets_of(buffer, buffer.take(8, kNoLimit)), "hello wo");
  buffer.finish();
  const SendRange rest = buffer.take(100, kNoLimit);
  EXPECT_EQ(octets_of(buffer, rest), "rld");
  EXPECT_EQ(rest.fin, Fin::present);
  EXPECT_FALSE(buffer.has_range(kNoLimit));
  EXPECT_FALSE(buffer.all_acked());
  buffer.on_acked({0, 8, Fin::absent});
  buffer.on_acked(rest);
  EXPECT_TRUE(buffer.all_acked());
}

TEST(SendBuffer, HoldsSmallWritesBetweenLargeOnesTogether) {
  const std::size_t before = Chunk::alive();
  {
    SendBuffer buffer;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
      const std::string header = std::to_string(1000 + i);
      const std::string content(kChunkOctets, static_cast<char>('a' + i % 26));
      buffer.write(slice_of(header));
      buffer.write(slice_of(content));
      expected += header + content;
    }
    EXPECT_EQ(Chunk::alive() - before, 101u);
    EXPECT_EQ(octets_of(buffer, buffer.take(expected.size(), kNoLimit)), expected);
    buffer.on_acked({0, static_cast<std::uint32_t>(expected.size()), Fin::absent});
    EXPECT_EQ(Chunk::alive(), before);
  }
  EXPECT_EQ(Chunk::alive(), before);
}

TEST(SendBuffer, SendsALoneFin) {
  SendBuffer buffer;
  EXPECT_FALSE(buffer.has_range(kNoLimit));
  buffer.finish();
  ASSERT_TRUE(buffer.has_range(0));
  const SendRange range = buffer.take(100, 0);
  EXPECT_EQ(range.octets, 0u);
  EXPECT_EQ(range.fin, Fin::present);
  buffer.on_lost(range);
  EXPECT_TRUE(buffer.fin_lost());
  EXPECT_EQ(buffer.take(100, 0).fin, Fin::present);
  buffer.on_acked(range);
  EXPECT_TRUE(buffer.all_acked());
}

TEST(SendBuffer, StopsAtTheLimitButSendsLostOctetsAgain) {
  SendBuffer buffer;
  buffer.write(slice_of(std::string(100, 'x')));
  const SendRange first = buffer.take(1000, 60);
  EXPECT_EQ(first.octets, 60u);
  EXPECT_FALSE(buffer.has_range(60));
  buffer.on_lost({10, 20, Fin::absent});
  EXPECT_EQ(buffer.sendable_octets(60), 20u);
  EXPECT_EQ(buffer.next_offset(), 10u);
  const SendRange again = buffer.take(1000, 60);
  EXPECT_EQ(again.offset, 10u);
  EXPECT_EQ(again.octets, 20u);
}

TEST(SendBuffer, DoesNotSendAgainWhatWasAcknowledgedAfterAll) {
  SendBuffer buffer;
  buffer.write(slice_of(std::string(3000, 'x')));
  buffer.take(1000, kNoLimit);
  buffer.take(1000, kNoLimit);
  buffer.take(1000, kNoLimit);
  buffer.on_acked({1000, 1000, Fin::absent});
  buffer.on_lost({0, 3000, Fin::absent});
  EXPECT_EQ(buffer.lost_octets(), 2000u);
  buffer.on_acked({0, 500, Fin::absent});
  EXPECT_EQ(buffer.lost_octets(), 1500u);
  EXPECT_EQ(buffer.next_offset(), 500u);
}

TEST(SendBuffer, LetsChunksGoAsTheyAreAcknowledged) {
  const std::size_t before = Chunk::alive();
  SendBuffer buffer;
  for (int i = 0; i < 64; ++i) buffer.write(slice_of(std::string(kChunkOctets, 'x')));
  EXPECT_EQ(Chunk::alive() - before, 64u);
  while (buffer.unsent_octets() > 0) buffer.take(1400, kNoLimit);
  buffer.on_acked({0, 40 * kChunkOctets, Fin::absent});
  EXPECT_EQ(Chunk::alive() - before, 24u);
  buffer.reset();
  EXPECT_EQ(Chunk::alive(), before);
  EXPECT_FALSE(buffer.has_range(kNoLimit));
}

TEST(SendBuffer, KeepsSmallWritesTogether) {
  const std::size_t before = Chunk::alive();
  SendBuffer buffer;
  for (int i = 0; i < 10'000; ++i) buffer.write(slice_of("0123456789"));
  EXPECT_LE(Chunk::alive() - before, 100'000 / kChunkOctets + 1);
}

/// What one octet is, told by the operations that it went through.
enum class Fate { unsent, in_flight, lost, acked };

TEST(SendBuffer, IsAMapOfOctets) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SeededRandom random(seed);
    SendBuffer buffer;
    std::string written;
    std::vector<Fate> fates;
    std::vector<SendRange> flight;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t limit = random.below(3) == 0 ? random.below(written.size() + 1) : kNoLimit;
      const std::uint64_t what = random.below(10);
      if (what < 3 && !buffer.finished()) {
        std::string text(1 + random.below(random.below(4) == 0 ? 5000 : 200), '\0');
        for (char& c : text) c = static_cast<char>(random.below(256));
        buffer.write(slice_of(text));
        written += text;
        fates.resize(written.size(), Fate::unsent);
      } else if (what < 7 && buffer.has_range(limit)) {
        const SendRange range = buffer.take(1 + random.below(1400), limit);
        ASSERT_EQ(octets_of(buffer, range), written.substr(range.offset, range.octets)) << seed;
        const auto first_lost = std::find(fates.begin(), fates.end(), Fate::lost);
        const auto first_unsent = std::find(fates.begin(), fates.end(), Fate::unsent);
        const auto expected = first_lost != fates.end() ? first_lost : first_unsent;
        ASSERT_EQ(range.offset, static_cast<std::uint64_t>(expected - fates.begin()));
        for (std::uint64_t i = range.offset; i < range.end(); ++i) {
          ASSERT_EQ(fates[i], first_lost != fates.end() ? Fate::lost : Fate::unsent);
          ASSERT_TRUE(first_lost != fates.end() || i < limit);
          fates[i] = Fate::in_flight;
        }
        flight.push_back(range);
      } else if (!flight.empty()) {
        const std::size_t at = random.below(flight.size());
        const SendRange range = flight[at];
        const bool lost = random.below(3) == 0;
        // A lost one may be acknowledged, or lost, once more.
        if (!lost || random.below(2) == 0) flight.erase(flight.begin() + static_cast<std::ptrdiff_t>(at));
        lost ? buffer.on_lost(range) : buffer.on_acked(range);
        for (std::uint64_t i = range.offset; i < range.end(); ++i) {
          if (!lost) fates[i] = Fate::acked;
          if (lost && fates[i] != Fate::acked) fates[i] = Fate::lost;
        }
      }
      if (step == 300) buffer.finish();
      ASSERT_EQ(buffer.lost_octets(), static_cast<std::uint64_t>(std::count(fates.begin(), fates.end(), Fate::lost)));
      ASSERT_EQ(buffer.unsent_octets(),
                static_cast<std::uint64_t>(std::count(fates.begin(), fates.end(), Fate::unsent)));
    }
    while (buffer.has_range(kNoLimit)) flight.push_back(buffer.take(1400, kNoLimit));
    for (const SendRange& range : flight) buffer.on_acked(range);
    // What was lost and taken again is in flight once only: all is acknowledged now.
    EXPECT_TRUE(buffer.all_acked()) << seed;
  }
}

}  // namespace
}  // namespace ringway::tmp

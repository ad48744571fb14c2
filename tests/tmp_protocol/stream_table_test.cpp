#include "tmp_protocol/stream_table.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using Standing = StreamTable::Standing;

constexpr Time kNow{std::chrono::seconds(1)};

std::uint64_t peers(std::uint64_t number) { return stream_id(Initiator::accepting, number); }

TEST(StreamTable, OpensOwnStreamsUpToThePeersLimit) {
  StreamTable table(Initiator::connecting, 10, 2);
  EXPECT_EQ(table.open({}, kNow)->id(), 0u);
  Stream* second = table.open({}, kNow);
  EXPECT_EQ(second->id(), 2u);
  EXPECT_EQ(table.open({}, kNow), nullptr);
  EXPECT_TRUE(table.must_tell_blocked());
  EXPECT_FALSE(table.must_tell_blocked());
  EXPECT_FALSE(table.raise_peer_limit(2));
  EXPECT_TRUE(table.raise_peer_limit(3));
  EXPECT_EQ(table.open({}, kNow)->id(), 4u);
  EXPECT_EQ(table.find(2), second);
  EXPECT_EQ(table.standing(6), Standing::never_opened);
  table.close(*second);
  EXPECT_EQ(table.find(2), nullptr);
  EXPECT_EQ(table.standing(2), Standing::closed);
}

TEST(StreamTable, KnowsStreamsInWhateverOrderTheyCome) {
  StreamTable table(Initiator::connecting, 10, 0);
  EXPECT_EQ(table.standing(peers(10)), Standing::beyond_limit);
  EXPECT_EQ(table.standing(peers(9)), Standing::fresh);
  table.accept(peers(9), {}, kNow);
  EXPECT_EQ(table.standing(peers(3)), Standing::fresh);
  Stream& third = table.accept(peers(3), {}, kNow);
  table.close(third);
  EXPECT_EQ(table.standing(peers(3)), Standing::closed);
  EXPECT_EQ(table.standing(peers(2)), Standing::fresh);
  EXPECT_EQ(table.standing(peers(4)), Standing::fresh);
}

TEST(StreamTable, CreditsAStreamOnceItIsClosed) {
  StreamTable table(Initiator::connecting, 8, 0);
  for (std::uint64_t i = 0; i < 8; ++i) table.accept(peers(i), {}, kNow);
  EXPECT_EQ(table.standing(peers(8)), Standing::beyond_limit);
  for (std::uint64_t i = 0; i < 2; ++i) table.close(*table.find(peers(i)));
  EXPECT_FALSE(table.credit_due());
  table.close(*table.find(peers(2)));
  EXPECT_TRUE(table.credit_due());
  table.renew_credit();
  EXPECT_EQ(table.limit(), 11u);
  EXPECT_EQ(table.standing(peers(10)), Standing::fresh);
}

TEST(StreamTable, CreditsAtOnceWhileThePeerWaits) {
  StreamTable table(Initiator::connecting, 8, 0);
  table.accept(peers(0), {}, kNow);
  table.on_peer_blocked(8);
  EXPECT_FALSE(table.credit_due());
  table.close(*table.find(peers(0)));
  EXPECT_TRUE(table.credit_due());
  table.renew_credit();
  EXPECT_FALSE(table.credit_due());
}

TEST(StreamTable, NeverLetsAStreamRiseAgain) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    StreamTable table(Initiator::connecting, 50, 0);
    std::set<std::uint64_t> open, closed;
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t number = random.below(table.limit() + 5);
      const std::uint64_t id = peers(number);
      if (open.contains(number)) {
        ASSERT_NE(table.find(id), nullptr);
        if (random.below(2) == 0) {
          table.close(*table.find(id));
          open.erase(number);
          closed.insert(number);
        }
      } else {
        ASSERT_EQ(table.find(id), nullptr);
        const Standing expected = number >= table.limit()   ? Standing::beyond_limit
                                  : closed.contains(number) ? Standing::closed
                                                            : Standing::fresh;
        ASSERT_EQ(table.standing(id), expected) << seed;
        if (expected == Standing::fresh) {
          table.accept(id, {}, kNow);
          open.insert(number);
        }
      }
      if (table.credit_due()) table.renew_credit();
      ASSERT_EQ(table.size(), open.size());
      ASSERT_LE(open.size(), 50u);
      std::set<std::uint64_t> visited;
      if (i % 100 == 0) {
        table.for_each([&](Stream& stream) { visited.insert(stream_number(stream.id())); });
        ASSERT_EQ(visited, open);
      }
    }
    EXPECT_GT(closed.size(), 200u);
  }
}

}  // namespace
}  // namespace ringway::tmp

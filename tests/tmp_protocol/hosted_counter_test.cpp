#include "tmp_protocol/hosted_counter.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart = Time{} + 1s;

TEST(HostedCounter, CountsConnectionsNotTouches) {
  HostedCounter counter(16);
  EXPECT_EQ(counter.count(), 1U);
  for (int i = 0; i < 5; ++i) counter.touch(7, kStart);
  counter.touch(8, kStart);
  counter.touch(7, kStart);
  EXPECT_EQ(counter.count(), 2U);
}

TEST(HostedCounter, ForgetsAfterASecondOrEightRoundTrips) {
  HostedCounter counter(16);
  counter.touch(1, kStart);
  counter.touch(2, kStart);
  counter.touch(3, kStart + 500ms);
  counter.expire(kStart + 1s, 50ms);
  EXPECT_EQ(counter.count(), 3U);
  counter.expire(kStart + 1001ms, 300ms);  // 8 RTT: 2.4 s
  EXPECT_EQ(counter.count(), 3U);
  counter.expire(kStart + 1001ms, 50ms);
  EXPECT_EQ(counter.count(), 1U);
}

TEST(HostedCounter, SaturatesAtItsCapacity) {
  HostedCounter counter(4);
  for (std::uint32_t connection = 0; connection < 10; ++connection) counter.touch(connection, kStart);
  EXPECT_EQ(counter.count(), 4U);
  counter.expire(kStart + 2s, 10ms);
  counter.touch(9, kStart + 2s);
  EXPECT_EQ(counter.count(), 1U);
}

TEST(HostedCounter, MatchesAMapUnderRandomUse) {
  SeededRandom random(5);
  HostedCounter counter(200);
  std::map<std::uint32_t, Time> model;
  Time now = kStart;
  for (int step = 0; step < 20000; ++step) {
    now += from_seconds(random.unit() * 0.02);
    const auto connection = static_cast<std::uint32_t>(random.below(150) * 0x10001);
    counter.touch(connection, now);
    model[connection] = now;
    counter.expire(now, 10ms);
    std::erase_if(model, [now](const auto& entry) { return now - entry.second > 1s; });
    ASSERT_EQ(counter.count(), model.size());
  }
}

}  // namespace
}  // namespace ringway::tmp

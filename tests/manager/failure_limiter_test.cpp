#include "manager/access/failure_limiter.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1h};

IpAddress address_of(std::uint32_t number) {
  std::array<std::uint8_t, 4> octets;
  store_u32(octets.data(), number);
  return IpAddress::v4(octets);
}

TEST(FailureLimiter, AllowsABurstAndThenOneEachInterval) {
  FailureLimiter limiter;
  const IpAddress address = address_of(1);
  for (std::uint32_t i = 0; i < FailureLimiter::kBurst; ++i) {
    EXPECT_FALSE(limiter.wait(address, kStart));
    limiter.on_failure(address, kStart);
  }
  EXPECT_EQ(limiter.wait(address, kStart), FailureLimiter::kInterval);
  EXPECT_EQ(limiter.wait(address, kStart + 1s), FailureLimiter::kInterval - 1s);
  EXPECT_FALSE(limiter.wait(address, kStart + FailureLimiter::kInterval));
  limiter.on_failure(address, kStart + FailureLimiter::kInterval);
  EXPECT_TRUE(limiter.wait(address, kStart + FailureLimiter::kInterval));
  EXPECT_FALSE(limiter.wait(address_of(2), kStart));
}

TEST(FailureLimiter, AClientOfIpv6IsItsNetwork) {
  FailureLimiter limiter;
  const auto address = [](const char* text) { return *IpAddress::parse(text); };
  for (std::uint32_t i = 0; i < FailureLimiter::kBurst; ++i) limiter.on_failure(address("2001:db8:1:2::1"), kStart);
  EXPECT_TRUE(limiter.wait(address("2001:db8:1:2:ffff::9"), kStart));
  EXPECT_FALSE(limiter.wait(address("2001:db8:1:3::1"), kStart));
}

TEST(FailureLimiter, KeepsThoseWhoOweMostWhereManyCome) {
  FailureLimiter limiter;
  const IpAddress stubborn = address_of(1);
  for (int i = 0; i < 50; ++i) limiter.on_failure(stubborn, kStart);
  for (std::uint32_t i = 0; i < 3 * FailureLimiter::kMaxAddresses; ++i) limiter.on_failure(address_of(100 + i), kStart);
  EXPECT_LE(limiter.addresses(), FailureLimiter::kMaxAddresses);
  EXPECT_TRUE(limiter.wait(stubborn, kStart));
  // All of it is paid off some time: the next one takes an empty table.
  limiter.on_failure(address_of(7), kStart + 1h);
  EXPECT_LE(limiter.addresses(), FailureLimiter::kMaxAddresses);
  for (std::uint32_t i = 0; i < FailureLimiter::kMaxAddresses; ++i)
    limiter.on_failure(address_of(100 + i), kStart + 2h);
  EXPECT_FALSE(limiter.wait(stubborn, kStart + 2h));
}

/// Against a bucket that is filled drop by drop.
TEST(FailureLimiter, AgreesWithASlowBucket) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    FailureLimiter limiter;
    const IpAddress address = address_of(1);
    const double interval = to_seconds(FailureLimiter::kInterval);
    double level = 0;  // failures that are not paid off
    Time now = kStart;
    for (int step = 0; step < 500; ++step) {
      const Duration pause = std::chrono::seconds(random.below(8));
      now += pause;
      level = std::max(0.0, level - to_seconds(pause) / interval);
      const bool free = level <= FailureLimiter::kBurst - 1 + 1e-9;
      ASSERT_EQ(!limiter.wait(address, now), free) << seed << " " << step << " " << level;
      if (!free) continue;
      limiter.on_failure(address, now);
      level += 1;
    }
  }
}

}  // namespace
}  // namespace ringway::manager

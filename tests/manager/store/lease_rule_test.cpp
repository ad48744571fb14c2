#include "manager/store/lease_rule.h"

#include <gtest/gtest.h>

namespace ringway::manager {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'000'000 * kSecond;

const LeaseState kTaken{"a", "1", 7, kNow, 10 * kSecond};

LeaseClaim claim(const char* holder, const char* process, Past past) { return {holder, process, past, 10 * kSecond}; }

TEST(LeaseRule, AFreeLeaseIsTakenUnderANewEpoch) {
  const auto taken = claim_lease(LeaseState{"", "", 4, 0, 0}, claim("a", "1", Past::has_led), kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->epoch, 5u);
  EXPECT_EQ(taken->holder, "a");
  EXPECT_TRUE(in_force(*taken, kNow));
}

TEST(LeaseRule, OthersWaitForItsEnd) {
  EXPECT_FALSE(claim_lease(kTaken, claim("b", "2", Past::never_led), kNow));
  EXPECT_FALSE(claim_lease(kTaken, claim("b", "2", Past::has_led), kNow + 10 * kSecond - 1));
  const auto taken = claim_lease(kTaken, claim("b", "2", Past::has_led), kNow + 10 * kSecond);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->epoch, 8u);
}

TEST(LeaseRule, ItsHolderRenewsItHoweverLate) {
  const auto renewed = claim_lease(kTaken, claim("a", "1", Past::has_led), kNow + 3600 * kSecond);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->epoch, 7u);
  EXPECT_TRUE(in_force(*renewed, kNow + 3609 * kSecond));
}

TEST(LeaseRule, AProcessStartedAnewTakesOverAtOnceAndTheFormerCannotTakeBack) {
  const auto anew = claim_lease(kTaken, claim("a", "2", Past::never_led), kNow + kSecond);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->epoch, 8u);
  EXPECT_FALSE(claim_lease(*anew, claim("a", "1", Past::has_led), kNow + 2 * kSecond));
  EXPECT_TRUE(claim_lease(*anew, claim("a", "1", Past::has_led), kNow + 11 * kSecond));
}

TEST(LeaseRule, AClockSetBackFreesTheLeaseInsteadOfStretchingIt) {
  EXPECT_FALSE(in_force(kTaken, kNow - 3600 * kSecond));
  const auto taken = claim_lease(kTaken, claim("b", "2", Past::has_led), kNow - 3600 * kSecond);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->epoch, 8u);
}

TEST(LeaseRule, AClockSetForwardEndsIt) { EXPECT_FALSE(in_force(kTaken, kNow + 3600 * kSecond)); }

}  // namespace
}  // namespace ringway::manager

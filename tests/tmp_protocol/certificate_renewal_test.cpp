#include "tmp_protocol/certificate_renewal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ringway::tmp {
namespace {

using namespace std::chrono_literals;

const WallTime kIssued = WallTime(std::chrono::hours(24 * 365 * 55));
const CertificateSpan kSpan = {kIssued - 24h, kIssued + 24h * 30};
constexpr Time kStart{1h};

TEST(CertificateRenewal, IsDueOnceAThirdOfTheLifeIsOver) {
  SeededRandom random(1);
  std::vector<double> days;
  for (int i = 0; i < 1000; ++i) {
    const CertificateRenewal renewal(kSpan, random);
    days.push_back(std::chrono::duration<double>(renewal.renew_at() - kSpan.begins).count() / 86400);
    EXPECT_FALSE(renewal.due(renewal.renew_at() - 1s, kStart));
    EXPECT_TRUE(renewal.due(renewal.renew_at(), kStart));
  }
  std::sort(days.begin(), days.end());
  EXPECT_GE(days.front(), 31.0 / 3);
  EXPECT_LE(days.back(), 31.0 / 3 + 31.0 / 12);
  EXPECT_GT(days[900] - days[100], 31.0 / 12 * 0.7) << "they do not come all at once";
}

TEST(CertificateRenewal, AsksAgainWithGrowingPauses) {
  SeededRandom random(1);
  CertificateRenewal renewal(kSpan, random);
  const WallTime late = kSpan.expires;
  Time now = kStart;
  Duration longest{};
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(renewal.due(late, now));
    renewal.on_failed(now);
    const Time asked = now;
    while (!renewal.due(late, now)) now += 1s;
    longest = std::max(longest, now - asked);
    EXPECT_LE(now - asked, kMaxRenewalPause + 1s);
    if (i == 0) {
      EXPECT_LE(now - asked, kMinRenewalPause + 1s);
    }
  }
  EXPECT_GT(longest, kMaxRenewalPause / 2);
  renewal.begin({late - 24h, late + 24h * 30});
  EXPECT_FALSE(renewal.due(late, now));
}

TEST(CertificateRenewal, SteppedClocksNeverStopIt) {
  SeededRandom random(1);
  CertificateRenewal renewal(kSpan, random);
  const WallTime due = renewal.renew_at();
  EXPECT_TRUE(renewal.due(due + 1h, kStart));
  EXPECT_FALSE(renewal.due(due - 1h, kStart));
  EXPECT_TRUE(renewal.due(due, kStart));
  renewal.on_failed(kStart);
  EXPECT_FALSE(renewal.due(due + 1h, kStart)) << "a pause is not shortened by the wall clock";
  EXPECT_TRUE(renewal.due(due, kStart + kMinRenewalPause)) << "nor lengthened";
}

TEST(CertificateRenewal, WarnsOnceAnHourWhenItHasExpired) {
  SeededRandom random(1);
  CertificateRenewal renewal(kSpan, random);
  std::size_t warnings = 0;
  for (Time now = kStart; now < kStart + 10h; now += 1min) {
    const WallTime wall = kSpan.expires - 2h + std::chrono::duration_cast<std::chrono::seconds>(now - kStart);
    warnings += renewal.warns(wall, now) ? 1 : 0;
  }
  EXPECT_EQ(warnings, 8U);
}

}  // namespace
}  // namespace ringway::tmp

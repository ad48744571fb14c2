#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "redirector_dns/guard/cookies.h"
#include "redirector_dns/guard/rate_limiter.h"
#include "redirector_dns/guard/sip_hash.h"
#include "redirector_dns/limits.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

using namespace std::chrono_literals;
using Check = CookieAnswer::Check;
using Pass = RateLimiter::Pass;
using Kind = RateLimiter::Kind;

SipKey key_of(std::string_view digits) {
  SipKey key{};
  copy_bytes(hex(digits), key.data());
  return key;
}

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(SipHash, HashesAsItsAuthorsDo) {
  const SipKey key = key_of("000102030405060708090a0b0c0d0e0f");
  Octets input;
  // The first, one of 15 octets (in the paper, appendix A), and the last of the reference's vectors.
  const std::map<std::size_t, std::uint64_t> kWanted = {
      {0, 0x726fdb47dd0e0e31ULL}, {15, 0xa129ca6149be45e5ULL}, {63, 0x958a324ceb064572ULL}};
  for (std::uint8_t size = 0; size < 64; ++size) {
    if (const auto wanted = kWanted.find(size); wanted != kWanted.end()) {
      EXPECT_EQ(sip_hash(key, input), wanted->second) << int{size};
    }
    input.push_back(size);
  }
}

// RFC 9018 appendix A.
const SipKey kSecret = key_of("e5e973e5a6b2a43f48e7dc849e37bfcf");

std::string answer_text(const CookieSecrets& secrets, std::string_view cookie, std::string_view address,
                        std::uint32_t now) {
  return to_hex(answer_cookie(secrets, hex(cookie), ip(address), now).cookie);
}

TEST(Cookies, AreThoseOfTheRfc) {
  const CookieSecrets secrets{kSecret, {}};
  EXPECT_EQ(answer_text(secrets, "2464c4abcf10c957", "198.51.100.100", 1559731985),
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  EXPECT_EQ(answer_text(secrets, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "198.51.100.100", 1559734385),
            "2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
  EXPECT_EQ(answer_text(secrets, "fc93fc62807ddb86", "203.0.113.203", 1559734700),
            "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
  const CookieSecrets rolled{key_of("445536bcd2513298075a5d379663c962"), key_of("dd3bdf9344b678b185a6f5cb60fca715")};
  EXPECT_EQ(answer_text(rolled, "22681ab97d52c298", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961),
            "22681ab97d52c298010000005cf7c609a6bb79d16625507a");
}

TEST(Cookies, AreBelievedForAnHourAndRenewedAfterHalfOfIt) {
  const CookieSecrets secrets{kSecret, {}};
  const std::uint32_t made = 0xffffff00;  // the time wraps while they live
  const CookieAnswer first = answer_cookie(secrets, hex("2464c4abcf10c957"), ip("192.0.2.1"), made);
  EXPECT_EQ(first.check, Check::client_only);
  const auto later = [&](int seconds) {
    return answer_cookie(secrets, first.cookie, ip("192.0.2.1"), made + static_cast<std::uint32_t>(seconds));
  };
  for (const int seconds : {-300, 0, 1, 1800}) {
    EXPECT_EQ(later(seconds).check, Check::valid) << seconds;
    EXPECT_EQ(later(seconds).cookie, first.cookie) << seconds;
  }
  for (const int seconds : {1801, 3600}) {
    EXPECT_EQ(later(seconds).check, Check::valid) << seconds;
    EXPECT_NE(later(seconds).cookie, first.cookie) << seconds;
  }
  for (const int seconds : {-301, 3601, 1'000'000'000}) {
    EXPECT_EQ(later(seconds).check, Check::invalid) << seconds;
    EXPECT_NE(later(seconds).cookie, first.cookie) << seconds;
  }
}

TEST(Cookies, AreNobodyElses) {
  const CookieSecrets secrets{kSecret, {}};
  const CookieAnswer made = answer_cookie(secrets, hex("2464c4abcf10c957"), ip("192.0.2.1"), 1000);
  EXPECT_EQ(answer_cookie(secrets, made.cookie, ip("192.0.2.2"), 1000).check, Check::invalid);
  EXPECT_EQ(answer_cookie(secrets, made.cookie, ip("2001:db8::1"), 1000).check, Check::invalid);
  for (std::size_t bit = 0; bit < 8 * made.cookie.size(); ++bit) {
    std::array<std::uint8_t, kCookieOctets> forged = made.cookie;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << bit % 8));
    EXPECT_EQ(answer_cookie(secrets, forged, ip("192.0.2.1"), 1000).check, Check::invalid) << bit;
  }
  for (std::size_t size = 16; size <= 40; ++size) {
    Octets sized(made.cookie.begin(), made.cookie.end());
    sized.resize(size);
    EXPECT_EQ(answer_cookie(secrets, sized, ip("192.0.2.1"), 1000).check,
              size == kCookieOctets ? Check::valid : Check::invalid);
  }
}

TEST(Cookies, OfTheOtherSecretAreBelievedAndReplaced) {
  const SipKey next = key_of("445536bcd2513298075a5d379663c962");
  const CookieAnswer old = answer_cookie({kSecret, {}}, hex("2464c4abcf10c957"), ip("192.0.2.1"), 1000);
  const CookieAnswer rolled = answer_cookie({next, kSecret}, old.cookie, ip("192.0.2.1"), 1001);
  EXPECT_EQ(rolled.check, Check::valid);
  EXPECT_NE(rolled.cookie, old.cookie);
  EXPECT_EQ(answer_cookie({next, kSecret}, old.cookie, ip("192.0.2.1"), 1000 + 3601).check, Check::invalid)
      << "too old";
  EXPECT_EQ(answer_cookie({next, {}}, rolled.cookie, ip("192.0.2.1"), 1002).check, Check::valid);
  EXPECT_EQ(answer_cookie({next, {}}, old.cookie, ip("192.0.2.1"), 1002).check, Check::invalid);
}

RateSettings ten_a_second() {
  RateSettings settings;
  settings.answers_per_s = 10;
  settings.others_per_s = 5;
  settings.burst_s = 1;
  settings.slip = 2;
  return settings;
}

TEST(RateLimiter, SendsWhatTheRateAllows) {
  RateLimiter limiter(ten_a_second(), kSecret);
  Time now{1h};
  int sent = 0;
  for (int i = 0; i < 100; ++i) sent += limiter.check(ip("192.0.2.1"), Kind::answer, now) == Pass::send;
  EXPECT_EQ(sent, 10) << "a second's at once";
  sent = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += 1ms;
    sent += limiter.check(ip("192.0.2.1"), Kind::answer, now) == Pass::send;
  }
  EXPECT_NEAR(sent, 100, 1);
}

TEST(RateLimiter, AllowsItsPartBesideOthers) {
  RateSettings settings = ten_a_second();
  settings.others_per_s = 2;
  const RateSettings part = part_of(settings, 1.0 / 3);
  EXPECT_EQ(part.answers_per_s, 4U) << "rounded up";
  EXPECT_EQ(part.others_per_s, 1U) << "never without a rate";
  EXPECT_EQ(part.burst_s, settings.burst_s);
  EXPECT_EQ(part_of(settings, 1), settings);
  EXPECT_EQ(part_of({}, 1.0 / 3), RateSettings()) << "nor with one where there was none";
}

TEST(RateLimiter, NeverLimitsWhoStaysBelow) {
  RateLimiter limiter(ten_a_second(), kSecret);
  Time now{};
  for (int i = 0; i < 1000; ++i, now += 100ms) {
    ASSERT_EQ(limiter.check(ip("2001:db8::1"), Kind::answer, now), Pass::send) << i;
  }
}

TEST(RateLimiter, SlipsEverySecondOne) {
  RateLimiter limiter(ten_a_second(), kSecret);
  std::map<Pass, int> seen;
  for (int i = 0; i < 110; ++i) ++seen[limiter.check(ip("192.0.2.1"), Kind::answer, Time{1s})];
  EXPECT_EQ(seen[Pass::send], 10);
  EXPECT_EQ(seen[Pass::truncate], 50);
  EXPECT_EQ(seen[Pass::drop], 50);
}

TEST(RateLimiter, CountsNetworksAndKindsApart) {
  RateLimiter limiter(ten_a_second(), kSecret);
  const auto limited = [&](std::string_view address, Kind kind) {
    return limiter.check(ip(address), kind, Time{1s}) != Pass::send;
  };
  for (int i = 0; i < 10; ++i) limited("192.0.2.1", Kind::answer);
  for (int i = 0; i < 10; ++i) limited("2001:db8::1", Kind::answer);
  EXPECT_TRUE(limited("192.0.2.255", Kind::answer)) << "the same /24";
  EXPECT_FALSE(limited("192.0.3.1", Kind::answer));
  EXPECT_FALSE(limited("192.0.2.1", Kind::other));
  EXPECT_TRUE(limited("2001:db8:0:ff:ffff::", Kind::answer)) << "the same /56";
  EXPECT_FALSE(limited("2001:db8:0:100::", Kind::answer));
}

TEST(RateLimiter, KeepsHoldOfAFloodAmongManyNetworks) {
  RateLimiter limiter(ten_a_second(), kSecret);
  SeededRandom random(8);
  Time now{1s};
  int sent = 0;
  for (int round = 0; round < 200'000; ++round, now += 50us) {
    // One network floods while so many others ask once that they fill the table again and again.
    sent += limiter.check(ip("192.0.2.1"), Kind::answer, now) == Pass::send;
    std::array<std::uint8_t, 16> other{};
    random.fill(other);
    limiter.check(IpAddress::v6(other), Kind::answer, now);
  }
  EXPECT_LE(sent, 10 + 100 + 5) << "10 s at 10 a second, and a second's at once";
}

TEST(RateLimiter, IsOffWithoutARate) {
  RateLimiter limiter({}, kSecret);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(limiter.check(ip("192.0.2.1"), Kind::other, Time{}), Pass::send);
}

}  // namespace
}  // namespace ringway::dns

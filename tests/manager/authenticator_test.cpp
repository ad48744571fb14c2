#include "manager/access/authenticator.h"

#include <gtest/gtest.h>

#include "manager/record_types.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

const WallTime kWall = WallTime(std::chrono::hours(24 * 365 * 55));
constexpr Time kStart{1h};
const IpAddress kHere = IpAddress::v4({192, 0, 2, 1});
const IpAddress kThere = IpAddress::v4({192, 0, 2, 2});

class AuthenticatorTest : public ::testing::Test {
 protected:
  std::string token_of(const ApiTokenWish& wish) {
    const auto made = make_api_token(wish, kWall, random_);
    EXPECT_TRUE(made) << made.error().message;
    take(made->writes);
    return made->text;
  }
  void take(const std::vector<Record>& records) {
    for (const Record& record : records) EXPECT_TRUE(desk_.take(record));
  }
  Authentication show(const std::string& token, WallTime wall = kWall, Time now = kStart) {
    return desk_.by_token("Bearer " + token, kHere, wall, now);
  }
  Authentication show(const tmp::PeerIdentity& who, const std::string& serial = "01", WallTime wall = kWall) {
    return desk_.by_certificate({who, serial, kWall + 24h * 30}, kHere, wall, kStart);
  }

  SeededRandom random_{1};
  Authenticator desk_;
};

TEST_F(AuthenticatorTest, KnowsTheHolderOfAToken) {
  const std::string token = token_of({AccessRole::site, std::vector<std::string>{"shop"}, "x", 24h, "user:ada"});
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER   "}) {
    const Authentication answer = desk_.by_token(scheme + token, kHere, kWall, kStart);
    ASSERT_TRUE(answer.principal) << answer.refusal;
    EXPECT_EQ(answer.principal->kind, Principal::Kind::token);
    EXPECT_EQ(answer.principal->role, AccessRole::site);
    EXPECT_EQ(answer.principal->scope, Scope(std::set<std::string>{"shop"}));
    EXPECT_EQ(answer.principal->name, "token:" + token.substr(3, 12));
  }
}

TEST_F(AuthenticatorTest, UnknownAndWrongTokensGetTheSameAnswer) {
  const std::string token = token_of({AccessRole::owner, std::nullopt, "x", 24h, "user:ada"});
  std::string wrong = token;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  std::string unknown = token;
  unknown[3] = unknown[3] == '0' ? '1' : '0';
  const std::string refusal = show(wrong).refusal;
  EXPECT_FALSE(refusal.empty());
  EXPECT_EQ(show(unknown).refusal, refusal);
  EXPECT_FALSE(show(wrong).principal || show(unknown).principal);
  for (const char* none : {"", "Bearer", "Bearer ", "Basic YTpi"}) {
    EXPECT_FALSE(desk_.by_token(none, kThere, kWall, kStart).principal) << none;
  }
}

TEST_F(AuthenticatorTest, ExpiredAndRemovedTokensAreRefused) {
  const std::string token = token_of({AccessRole::owner, std::nullopt, "x", 24h, "user:ada"});
  EXPECT_TRUE(show(token, kWall + 24h - 1s).principal);
  EXPECT_EQ(show(token, kWall + 24h).refusal.substr(0, 21), "the token expired at ");
  take({{std::string(kApiTokenKind), token.substr(3, 12), std::nullopt}});
  EXPECT_FALSE(show(token).principal);
}

TEST_F(AuthenticatorTest, NotesTheDayOfTheLastUseOnce) {
  const std::string token = token_of({AccessRole::owner, std::nullopt, "x", 24h * 30, "user:ada"});
  const auto first = show(token);
  ASSERT_TRUE(first.last_used);
  EXPECT_EQ(read_record(api_token_type(), *first.last_used)->last_used, kWall);
  EXPECT_FALSE(show(token, kWall + 23h).last_used);
  EXPECT_TRUE(show(token, kWall + 24h).last_used);
  EXPECT_FALSE(show(token, kWall + 25h).last_used);
}

TEST_F(AuthenticatorTest, TheOneTimeTokenIsOfNoUseTwice) {
  const MadeApiToken first = make_one_time_token(kWall, random_);
  take(first.writes);
  const auto answer = show(first.text);
  ASSERT_TRUE(answer.principal);
  EXPECT_EQ(answer.principal->kind, Principal::Kind::one_time);
  EXPECT_EQ(authorise(*answer.principal, Action::read, {Domain::sites, {}}), Verdict::forbidden);
  EXPECT_FALSE(show(first.text, kWall + 24h).principal) << "within a day";
  const auto next =
      exchange_token(first.writes[0].name, {AccessRole::owner, std::nullopt, "", 24h, "x"}, kWall, random_);
  take(next->writes);
  EXPECT_FALSE(show(first.text).principal);
  EXPECT_EQ(show(next->text).principal->kind, Principal::Kind::token);
}

TEST_F(AuthenticatorTest, KnowsUsersByTheirCertificate) {
  take({write_record(user_type(), std::string(kUserKind), "ada", User{AccessRole::operator_, std::nullopt, ""})});
  const auto ada = show({tmp::Role::user, "ada"});
  ASSERT_TRUE(ada.principal) << ada.refusal;
  EXPECT_EQ(ada.principal->kind, Principal::Kind::user);
  EXPECT_EQ(ada.principal->role, AccessRole::operator_);
  EXPECT_EQ(ada.principal->name, "user:ada");
  EXPECT_EQ(show({tmp::Role::user, "bob"}).refusal, "there is no user 'bob'");
  EXPECT_FALSE(show({tmp::Role::user, "ada"}, "01", kWall + 24h * 31).principal) << "expired";
  take({{std::string(kUserKind), "ada", std::nullopt}});
  EXPECT_FALSE(show({tmp::Role::user, "ada"}).principal);
}

/// A gateway called as a user is, or the reverse, gains nothing.
TEST_F(AuthenticatorTest, GatewaysAreNoUsers) {
  take({write_record(user_type(), std::string(kUserKind), "ada", User{AccessRole::owner, std::nullopt, ""})});
  for (const tmp::Role role : {tmp::Role::frontend, tmp::Role::backend, tmp::Role::manager}) {
    const auto answer = show({role, "ada"});
    ASSERT_TRUE(answer.principal);
    for (const Action action : {Action::read, Action::write, Action::operate}) {
      EXPECT_EQ(authorise(*answer.principal, action, {Domain::overlay, {}}), Verdict::forbidden);
    }
  }
}

TEST_F(AuthenticatorTest, RevokedCertificatesAreRefusedAtOnce) {
  take({write_record(user_type(), std::string(kUserKind), "ada", User{AccessRole::owner, std::nullopt, ""})});
  EXPECT_TRUE(show({tmp::Role::user, "ada"}).principal);
  desk_.set_revocations(
      std::make_shared<const tmp::Revocations>(tmp::Revocations{{"01"}, {{tmp::Role::frontend, "p"}}}));
  EXPECT_EQ(show({tmp::Role::user, "ada"}).refusal, "the certificate is revoked");
  EXPECT_TRUE(show({tmp::Role::user, "ada"}, "02").principal);
  EXPECT_FALSE(show({tmp::Role::frontend, "p"}, "03").principal);
}

TEST_F(AuthenticatorTest, WhoFailsOftenWaits) {
  const std::string token = token_of({AccessRole::owner, std::nullopt, "x", 24h, "user:ada"});
  for (std::uint32_t i = 0; i < FailureLimiter::kBurst; ++i) {
    EXPECT_FALSE(show("rw_nonsense").wait) << i;
  }
  const auto limited = show(token);
  ASSERT_TRUE(limited.wait);
  EXPECT_GT(*limited.wait, 0s);
  EXPECT_FALSE(limited.principal) << "whether it is right is not told";
  EXPECT_TRUE(desk_.by_token("Bearer " + token, kThere, kWall, kStart).principal) << "others are not touched";
  EXPECT_TRUE(show(token, kWall, kStart + *limited.wait).principal);
}

TEST_F(AuthenticatorTest, DamagedRecordsAreTold) {
  EXPECT_FALSE(desk_.take({std::string(kApiTokenKind), "0123", "{\"role\": 1}"}));
  EXPECT_FALSE(desk_.take({std::string(kUserKind), "ada", "["}));
  EXPECT_TRUE(desk_.take({"drafts", "x", "["}));
}

}  // namespace
}  // namespace ringway::manager

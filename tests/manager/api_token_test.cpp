#include "manager/access/api_token.h"

#include <gtest/gtest.h>

#include "manager/record_types.h"

namespace ringway::manager {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = WallTime(std::chrono::hours(24 * 365 * 55));

ApiTokenWish wish(AccessRole role = AccessRole::operator_) {
  return {role, std::nullopt, "for tests", 24h, "user:ada"};
}

ApiToken stored(const MadeApiToken& made) { return *read_record(api_token_type(), made.writes.at(0)); }

TEST(ApiToken, IsKnownByItsHashAlone) {
  SeededRandom random(1);
  const auto made = make_api_token(wish(), kNow, random);
  ASSERT_TRUE(made) << made.error().message;
  const auto presented = parse_api_token(made->text);
  ASSERT_TRUE(presented);
  const Record& record = made->writes.at(0);
  EXPECT_EQ(record.kind, kApiTokenKind);
  EXPECT_EQ(record.name, presented->id);
  EXPECT_EQ(stored(*made).secret_hash, presented->secret_hash);
  EXPECT_EQ(stored(*made).expires, kNow + 24h);
  EXPECT_EQ(record.content->find(made->text.substr(16)), std::string::npos) << "the secret is not in the record";
  EXPECT_NE(make_api_token(wish(), kNow, random)->text, made->text);
}

TEST(ApiToken, HasAnEndWithinAYear) {
  SeededRandom random(1);
  for (const std::chrono::seconds life : {0s, -1s, kMaxTokenLife + 1s}) {
    ApiTokenWish endless = wish();
    endless.life = life;
    EXPECT_FALSE(make_api_token(endless, kNow, random)) << life.count();
  }
  ApiTokenWish longest = wish();
  longest.life = kMaxTokenLife;
  EXPECT_TRUE(make_api_token(longest, kNow, random));
}

TEST(ApiToken, OfARoleOfSitesNamesThem) {
  SeededRandom random(1);
  ApiTokenWish of_site = wish(AccessRole::site);
  EXPECT_FALSE(make_api_token(of_site, kNow, random));
  of_site.sites = std::vector<std::string>{};
  EXPECT_FALSE(make_api_token(of_site, kNow, random));
  of_site.sites = {"shop", "blog"};
  const auto made = make_api_token(of_site, kNow, random);
  ASSERT_TRUE(made);
  EXPECT_EQ(scope_of(stored(*made).sites), Scope(std::set<std::string>{"blog", "shop"}));
  of_site.sites->resize(kMaxScopeSites + 1, "x");
  EXPECT_FALSE(make_api_token(of_site, kNow, random));
}

TEST(ApiToken, OtherTextsAreNone) {
  SeededRandom random(1);
  const std::string text = make_api_token(wish(), kNow, random)->text;
  EXPECT_TRUE(parse_api_token(text));
  for (const std::string& other : {std::string(), text + "0", text.substr(1), text.substr(0, text.size() - 1),
                                   "rw-" + text.substr(3), std::string(text.size(), 'a')}) {
    EXPECT_FALSE(parse_api_token(other)) << other;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string typed = text;
    typed[at] = 'G';
    EXPECT_FALSE(parse_api_token(typed)) << at;
  }
}

TEST(ApiToken, TheFirstOneIsExchanged) {
  SeededRandom random(1);
  const MadeApiToken first = make_one_time_token(kNow, random);
  EXPECT_EQ(stored(first).use, TokenUse::exchange);
  EXPECT_EQ(stored(first).expires, kNow + 24h);
  const auto next = exchange_token(first.writes.at(0).name, wish(AccessRole::owner), kNow, random);
  ASSERT_TRUE(next);
  ASSERT_EQ(next->writes.size(), 2U);
  EXPECT_EQ(stored(*next).use, TokenUse::any);
  EXPECT_EQ(next->writes[1], (Record{std::string(kApiTokenKind), first.writes.at(0).name, std::nullopt}));
}

TEST(ApiToken, UsersAreReadAsTheyWereWritten) {
  const User user = {AccessRole::site, std::vector<std::string>{"shop"}, "Ada"};
  EXPECT_EQ(*read_record(user_type(), write_record(user_type(), "users", "ada", user)), user);
  EXPECT_FALSE(read_record(user_type(), {"users", "ada", "{\"role\": \"site\"}"}));
  EXPECT_FALSE(read_record(user_type(), {"users", "ada", "{\"role\": \"root\"}"}));
}

}  // namespace
}  // namespace ringway::manager

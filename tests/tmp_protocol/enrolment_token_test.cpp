#include "tmp_protocol/enrolment_token.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "tmp_protocol/identity.h"

namespace ringway::tmp {
namespace {

EnrolmentToken some_token() {
  EnrolmentToken token;
  SeededRandom random(3);
  random.fill(token.secret);
  random.fill(token.authority);
  token.identity = {Role::backend, "host-1"};
  token.managers = {"manager.example:8443", "192.0.2.1:8443", "[2001:db8::1]:8443"};
  return token;
}

TEST(EnrolmentToken, SaysWhatWasPutIn) {
  for (const Role role : {Role::frontend, Role::backend, Role::manager, Role::user, Role::redirector}) {
    EnrolmentToken token = some_token();
    token.identity.role = role;
    const auto text = enrolment_text(token);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_TRUE(text->starts_with("rwe1_"));
    EXPECT_LT(text->size(), 220U);
    const auto read = parse_enrolment_token(*text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, token);
  }
}

TEST(EnrolmentToken, IsReadAsTerminalsWrapIt) {
  std::string text = *enrolment_text(some_token());
  text.insert(60, "\r\n    ");
  EXPECT_TRUE(parse_enrolment_token("  " + text + "\n"));
}

TEST(EnrolmentToken, SaysThatItWasMistyped) {
  const std::string text = *enrolment_text(some_token());
  std::size_t read = 0;
  for (std::size_t at = 5; at < text.size(); ++at) {
    std::string typed = text;
    typed[at] = typed[at] == 'x' ? 'y' : 'x';
    const auto token = parse_enrolment_token(typed);
    read += token ? 1 : 0;
    if (!token) {
      EXPECT_EQ(token.error().message, "the enrolment token is mistyped, or a part of it is missing");
    }
    EXPECT_FALSE(parse_enrolment_token(text.substr(0, at))) << at;
    std::string swapped = text;
    std::swap(swapped[at], swapped[at - 1]);
    EXPECT_TRUE(swapped == text || !parse_enrolment_token(swapped)) << at;
  }
  EXPECT_EQ(read, 0U);
}

TEST(EnrolmentToken, SaysWhatElseWasPasted) {
  const auto why = [](std::string_view text) { return parse_enrolment_token(text).error().message; };
  EXPECT_EQ(why(""), "the enrolment token is none: one begins with 'rwe1_'");
  EXPECT_EQ(why("rw_0123_4567"), "the enrolment token is none: one begins with 'rwe1_'");
  EXPECT_EQ(why("rwe2_AAAA"), "the enrolment token is of another version than this program reads");
  EXPECT_EQ(why(std::string(5000, 'a')), "the enrolment token is too long to be one");
}

TEST(EnrolmentToken, HoldsItsBounds) {
  EnrolmentToken token = some_token();
  token.managers = {};
  EXPECT_FALSE(enrolment_text(token));
  token.managers.assign(kMaxManagerAddresses + 1, "192.0.2.1:1");
  EXPECT_FALSE(enrolment_text(token));
  const std::string name(250, 'a');
  token.managers.assign(kMaxManagerAddresses, fmt::format("{}:8443", name));
  const auto longest = enrolment_text(token);
  ASSERT_TRUE(longest) << longest.error().message;
  EXPECT_LT(longest->size(), kMaxEnrolmentTokenOctets);
  EXPECT_TRUE(parse_enrolment_token(*longest));
  token = some_token();
  token.identity.name = "../etc";
  EXPECT_FALSE(enrolment_text(token));
}

TEST(EnrolmentToken, KnowsAddressesOfManagers) {
  for (const char* good : {"a:1", "manager.example:8443", "192.0.2.1:65535", "[::1]:1"}) {
    EXPECT_TRUE(is_manager_address(good)) << good;
  }
  for (const char* bad : {"", ":1", "a", "a:", "a:0", "a:65536", "a b:1", "192.0.2.300:1", "::1:1", "-a:1", ".a:1",
                          "a:1:2", "https://a:1", "a\n:1"}) {
    EXPECT_FALSE(is_manager_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace ringway::tmp

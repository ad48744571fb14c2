#include "http/syntax.h"

#include <gtest/gtest.h>

namespace ringway::http {
namespace {

using namespace std::string_view_literals;

TEST(Syntax, TokensAreWhatRfc9110Lists) {
  // RFC 9110 §5.6.2, written out once more so that the table cannot be wrong alone.
  const std::string_view token = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
  for (int octet = 0; octet < 256; ++octet) {
    const char character = static_cast<char>(octet);
    EXPECT_EQ(is_token_octet(character), token.find(character) != std::string_view::npos) << octet;
  }
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
  EXPECT_TRUE(is_lower_token("x-1"));
  EXPECT_FALSE(is_lower_token("X-1"));
}

TEST(Syntax, FindsTheFirstControlAtEveryPlace) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text(size, '\xff');
        text[place] = static_cast<char>(octet);
        const char* const end = text.data() + size;
        const char* const expected = octet < 0x20 || octet == 0x7f ? text.data() + place : end;
        ASSERT_EQ(find_control(text.data(), end), expected) << octet << " at " << place << " of " << size;
      }
    }
  }
}

TEST(Syntax, ValuesHoldNoControlButTab) {
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("\t\ta long value\twith tabs\t"));
  EXPECT_FALSE(is_field_value("\t\ta long value\twith tabs\t\n"));
  for (int octet = 0; octet < 256; ++octet) {
    const char character = static_cast<char>(octet);
    const bool right = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
    EXPECT_EQ(is_field_value(std::string_view(&character, 1)), right) << octet;
    EXPECT_EQ(is_visible(std::string_view(&character, 1)), octet > 0x20 && octet < 0x7f) << octet;
  }
}

TEST(Syntax, Authorities) {
  for (const auto right : {"a"sv, "A.example"sv, "a:80"sv, "a_b.c:0"sv, "192.0.2.1"sv, "[2001:db8::1]"sv,
                           "[::1]:65535"sv, "[::ffff:192.0.2.1]:1"sv}) {
    EXPECT_TRUE(is_authority(right)) << right;
  }
  for (const auto wrong : {""sv,      ":80"sv, "a:"sv,    "a:65536"sv, "a:080000"sv, "a:-1"sv, "a:8 0"sv, "u@a"sv,
                           "a b"sv,   "a/b"sv, "a,b"sv,   "a%41"sv,    "[]"sv,       "[:"sv,   "[::1"sv,  "[::1]80"sv,
                           "[g::]"sv, "::1"sv, "a:1:2"sv, "a\0"sv,     "\xc3\xa4"sv, "a?b"sv,  "a#b"sv,   "a\\b"sv}) {
    EXPECT_FALSE(is_authority(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ringway::http

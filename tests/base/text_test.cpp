#include "base/text.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace ringway {
namespace {

/// What a glob means, said by recursion.
bool slow_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return slow_glob(pattern.substr(1), text) || (!text.empty() && slow_glob(pattern, text.substr(1)));
  }
  return !text.empty() && text[0] == pattern[0] && slow_glob(pattern.substr(1), text.substr(1));
}

std::string random_text(SeededRandom& random, std::string_view letters, std::size_t most) {
  std::string text;
  for (std::size_t count = random.below(most + 1); count > 0; --count) text += letters[random.below(letters.size())];
  return text;
}

TEST(Lower, ChangesLettersOfAsciiAlone) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text(size, 'Q');
        text[place] = static_cast<char>(octet);
        std::string expected(size, 'q');
        expected[place] = to_lower(text[place]);
        ASSERT_EQ(to_lower(text), expected) << octet << " at " << place << " of " << size;
      }
    }
  }
}

TEST(Glob, AgreesWithItsDefinition) {
  SeededRandom random(11);
  int matches = 0;
  for (int i = 0; i < 50000; ++i) {
    const std::string pattern = random_text(random, "ab*", 8);
    const std::string text = random_text(random, "ab", 10);
    ASSERT_EQ(glob_matches(pattern, text), slow_glob(pattern, text)) << pattern << " " << text;
    if (glob_matches(pattern, text)) ++matches;
  }
  EXPECT_GT(matches, 5000);
}

TEST(Glob, OfManyStarsEndsSoon) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(4000, 'a')));
  EXPECT_TRUE(glob_matches(pattern, std::string(4000, 'a')));
}

TEST(HostPattern, CoversNamesBelowButNotItself) {
  EXPECT_TRUE(host_matches("shop.test", "shop.test"));
  EXPECT_FALSE(host_matches("shop.test", "www.shop.test"));
  EXPECT_TRUE(host_matches("*.shop.test", "www.shop.test"));
  EXPECT_TRUE(host_matches("*.shop.test", "a.b.shop.test"));
  EXPECT_FALSE(host_matches("*.shop.test", "shop.test"));
  EXPECT_FALSE(host_matches("*.shop.test", ".shop.test"));
  EXPECT_FALSE(host_matches("*.shop.test", "notshop.test"));
}

TEST(Decimal, TakesDigitsWithin64Bits) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("007"), 7U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x10", "1.0", "18446744073709551616", "99999999999999999999"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
}

TEST(Trim, TakesSpacesAndTabsOffTheEnds) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim("\n"), "\n");
}

TEST(LowerCase, IsOfAsciiOnly) {
  EXPECT_EQ(to_lower("AZaz09\xc3\x84"), "azaz09\xc3\x84");
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-tYPE"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(JsonQuote, EscapesWhatJsonMust) {
  EXPECT_EQ(json_quote("plain"), "\"plain\"");
  EXPECT_EQ(json_quote("a\"b\\c\n\r\t"), "\"a\\\"b\\\\c\\n\\r\\t\"");
  EXPECT_EQ(json_quote(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\\u007f\"");
  EXPECT_EQ(json_quote("\xc3\xa9 \xf0\x9f\x98\x80"), "\"\xc3\xa9 \xf0\x9f\x98\x80\"");
}

TEST(JsonQuote, ReplacesWhatIsNoUtf8) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(json_quote("\xff"), "\"" + mark + "\"");
  EXPECT_EQ(json_quote("\xc3"), "\"" + mark + "\"");
  EXPECT_EQ(json_quote("\xc0\xaf"), "\"" + mark + mark + "\"");             // overlong
  EXPECT_EQ(json_quote("\xed\xa0\x80"), "\"" + mark + mark + mark + "\"");  // a surrogate
  EXPECT_EQ(json_quote("\xf4\x90\x80\x80"), "\"" + mark + mark + mark + mark + "\"");
}

TEST(EditDistance, CountsSingleSteps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("adress", "address"), 1U);
  EXPECT_EQ(edit_distance("lsiten", "listen"), 1U);
}

TEST(DidYouMean, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> words = {"address", "tls", "max_pending", "name"};
  EXPECT_EQ(did_you_mean("adress", words), "address");
  EXPECT_EQ(did_you_mean("TLS", words), "tls");
  EXPECT_EQ(did_you_mean("max-pending", words), "max_pending");
  EXPECT_EQ(did_you_mean("nam", words), "name");
  EXPECT_EQ(did_you_mean("colour", words), "");
  EXPECT_EQ(did_you_mean("", words), "");
  EXPECT_EQ(did_you_mean(std::string(100000, 'a'), words), "");
}

}  // namespace
}  // namespace ringway

#include "redirector_dns/wire/name.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

TEST(Name, ReadsPresentationForm) {
  EXPECT_EQ(to_hex(name_of("www.example.com.").view().octets()), "03777777076578616d706c6503636f6d00");
  EXPECT_EQ(to_hex(name_of(".").view().octets()), "00");
  EXPECT_EQ(to_hex(name_of(R"(a\.b.\065\\.)").view().octets()),
            "03612e620241"
            "5c00");
  const Name origin = name_of("example.com.");
  EXPECT_EQ(Name::parse("www", origin)->text(), "www.example.com.");
  EXPECT_EQ(Name::parse("@", origin)->text(), "example.com.");
  EXPECT_EQ(Name::parse("www.", origin)->text(), "www.");
}

TEST(Name, RefusesWhatIsNoName) {
  for (const char* text : {"", "..", ".a", "a..b", R"(a\)", R"(a\25)", R"(a\256.)", R"(\1x1)"}) {
    EXPECT_FALSE(Name::parse(text)) << text;
  }
  EXPECT_TRUE(Name::parse(std::string(63, 'a')));
  EXPECT_FALSE(Name::parse(std::string(64, 'a')));
}

TEST(Name, HoldsExactly255Octets) {
  std::string text;
  for (int i = 0; i < 127; ++i) text += "a.";
  ASSERT_TRUE(Name::parse(text));
  EXPECT_EQ(Name::parse(text)->size(), 255U);
  EXPECT_EQ(Name::parse(text)->view().label_count(), kMaxLabels);
  EXPECT_FALSE(Name::parse(text + "a."));
  EXPECT_FALSE(Name::parse("aa." + text.substr(2)));
  const Name long_origin = Name::parse(text.substr(4)).value();
  EXPECT_TRUE(Name::parse("a.a", long_origin));
  EXPECT_FALSE(Name::parse("a.aa", long_origin));
}

TEST(Name, WritesWhatItReadsAgain) {
  SeededRandom random(1);
  for (int round = 0; round < 2000; ++round) {
    Name name;
    name.clear();
    for (std::uint64_t labels = random.below(5); labels > 0; --labels) {
      Octets label(1 + random.below(20));
      random.fill(label);
      name.append(label);
    }
    name.append({});
    const Result<Name> again = Name::parse(name.text());
    ASSERT_TRUE(again) << name.text();
    EXPECT_EQ(to_hex(again->view().octets()), to_hex(name.view().octets())) << name.text();
  }
}

TEST(Name, ComparesWithoutCase) {
  EXPECT_EQ(name_of("WwW.Example.COM.").view(), name_of("www.eXample.com.").view());
  EXPECT_FALSE(name_of("www.example.com.").view() == name_of("www.example.org.").view());
  // '[' is '{' without the bit that tells 'A' from 'a'.
  EXPECT_FALSE(name_of("[.").view() == name_of("{.").view());
  EXPECT_TRUE(name_of("a.B.c.").view().is_within(name_of("b.C.")));
  EXPECT_TRUE(name_of("b.c.").view().is_within(name_of("b.c.")));
  EXPECT_TRUE(name_of("b.c.").view().is_within(NameView()));
  EXPECT_FALSE(name_of("ab.c.").view().is_within(name_of("b.c.")));
  EXPECT_FALSE(name_of("c.").view().is_within(name_of("b.c.")));
  // The octets of "b.c." stand at the end, but inside a label.
  EXPECT_FALSE(name_of(R"(a\001b.c.)").view().is_within(name_of("b.c.")));
}

TEST(Name, HasTheCanonicalOrder) {
  // RFC 4034 §6.1
  const char* kOrdered[] = {"example.",           "a.example.",      "yljkjljk.a.example.",
                            "Z.a.example.",       "zABC.a.EXAMPLE.", "z.example.",
                            R"(\001.z.example.)", "*.z.example.",    R"(\200.z.example.)"};
  for (std::size_t i = 0; i < std::size(kOrdered); ++i) {
    for (std::size_t j = 0; j < std::size(kOrdered); ++j) {
      EXPECT_EQ(canonical_order(name_of(kOrdered[i]), name_of(kOrdered[j])), i <=> j) << i << " " << j;
    }
  }
}

TEST(Name, FollowsPointersThatLeadBack) {
  // "com" at 0, "example" and a pointer to it at 5, "www" and a pointer to that at 15.
  const Octets message =
      hex("03636f6d00"
          "076578616d706c65c000"
          "03777777c005"
          "ffff");
  Name name;
  std::size_t at = 15;
  ASSERT_TRUE(read_name(message, at, name));
  EXPECT_EQ(name.text(), "www.example.com.");
  EXPECT_EQ(at, 21U);
  at = 15;
  ASSERT_TRUE(skip_name(message, at));
  EXPECT_EQ(at, 21U);
}

TEST(Name, RefusesPointersThatDoNot) {
  Name name;
  for (const char* digits : {"c000", "0161c000", "0161c002", "c002c000", "c0", "01", "0161", "40", "8000", ""}) {
    const Octets message = hex(digits);
    std::size_t at = 0;
    EXPECT_FALSE(read_name(message, at, name)) << digits;
  }
  // Two pointers at each other.
  const Octets message = hex("c002c000");
  std::size_t at = 2;
  EXPECT_FALSE(read_name(message, at, name));
}

TEST(Name, RefusesPointersThatMakeItTooLong) {
  // Label after label, each behind a pointer to the run before.
  Octets message;
  append(message, name_of(std::string(63, 'a') + ".").view().octets());
  std::size_t before = 0;
  Name name;
  for (int run = 0; run < 2; ++run) {
    const std::size_t begun = message.size();
    message.push_back(63);
    message.insert(message.end(), 63, 'b');
    append_u16(message, static_cast<std::uint16_t>(0xc000 | before));
    before = begun;
    std::size_t at = begun;
    EXPECT_TRUE(read_name(message, at, name)) << run;
  }
  const std::size_t begun = message.size();
  message.push_back(62);
  message.insert(message.end(), 62, 'c');
  append_u16(message, static_cast<std::uint16_t>(0xc000 | before));
  std::size_t at = begun;
  EXPECT_FALSE(read_name(message, at, name)) << "64 + 64 + 64 + 63 + 1 octets";
}

TEST(Name, ReadsAndSkipsAlikeInAnyOctets) {
  SeededRandom random(2);
  std::size_t read = 0;
  for (int round = 0; round < 50'000; ++round) {
    Octets message(1 + random.below(40));
    for (std::uint8_t& octet : message) {
      const std::uint64_t kind = random.below(8);
      octet = static_cast<std::uint8_t>(kind == 0 ? 0xc0 : kind < 6 ? random.below(5) : random.below(256));
    }
    const std::size_t from = random.below(message.size());
    std::size_t at = from;
    std::size_t skipped = from;
    Name name;
    const bool ok = read_name(message, at, name);
    const bool skips = skip_name(message, skipped);
    const auto whole = whole_name_octets(Bytes(message).subspan(from));
    if (ok) {
      ++read;
      ASSERT_TRUE(skips);
      ASSERT_EQ(at, skipped);
      ASSERT_EQ(whole_name_octets(name.view().octets()), name.size());
    }
    if (whole) {
      ASSERT_TRUE(ok);
      ASSERT_EQ(at, from + *whole);
    }
  }
  EXPECT_GT(read, 1000U);
}

}  // namespace
}  // namespace ringway::dns

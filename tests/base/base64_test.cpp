#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace ringway {
namespace {

TEST(Base64, WritesTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [octets, text] : vectors) {
    EXPECT_EQ(to_base64url(as_bytes(octets)), text);
    const auto back = from_base64url(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(as_text(*back), octets);
  }
  const std::uint8_t high[] = {0xfb, 0xff};
  EXPECT_EQ(to_base64url(high), "-_8");
}

TEST(Base64, ReadsBackWhateverItWrote) {
  SeededRandom random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    std::vector<std::uint8_t> octets(size);
    random.fill(octets);
    EXPECT_EQ(from_base64url(to_base64url(octets)), octets);
  }
}

TEST(Base64, TakesNoSecondTextForTheSameOctets) {
  for (const char* text : {"Zh", "Zm9", "Z", "Zg==", "Zm9v ", "Zm+v", "Zm/v", "Zm9vYh"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

}  // namespace
}  // namespace ringway

#include "tmp_protocol/varint.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"

namespace ringway::tmp {
namespace {

TEST(Varint, WritesAndReadsThePublishedValues) {
  int tried = 0;
  for (const auto& [name, octets] : wire_vectors()) {
    if (name.rfind("varint.", 0) != 0) continue;
    ++tried;
    const std::uint64_t value = std::stoull(name.substr(7));
    std::uint8_t written[8];
    std::uint8_t* const end = write_varint(written, value);
    EXPECT_EQ(to_hex({written, end}), to_hex(octets));
    EXPECT_EQ(varint_octets(value), octets.size());
    std::uint64_t read = 0;
    FieldReader reader(octets);
    EXPECT_TRUE(reader.varint(read) && reader.empty());
    EXPECT_EQ(read, value);
  }
  EXPECT_EQ(tried, 8);
}

TEST(Varint, TakesNothingWhenCut) {
  const Octets whole = {0xc0, 0, 0, 1, 0, 0, 0, 2};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FieldReader reader(Bytes(whole).first(size));
    std::uint64_t value = 99;
    EXPECT_FALSE(reader.varint(value));
    EXPECT_EQ(reader.remaining(), size);
    EXPECT_EQ(value, 99U);
  }
}

TEST(FieldReader, RefusesALengthBeyondTheEnd) {
  const Octets octets = {3, 'a', 'b'};
  FieldReader reader(octets);
  Bytes out;
  EXPECT_FALSE(reader.prefixed(out));
  EXPECT_EQ(reader.remaining(), 3U);
  const Octets huge = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  FieldReader second(huge);
  EXPECT_FALSE(second.prefixed(out));
}

TEST(FieldReader, SkipsZerosUpToTheFirstOtherOctet) {
  const Octets octets = {0, 0, 0, 7, 0};
  FieldReader reader(octets);
  EXPECT_EQ(reader.skip_zeros(), 3U);
  EXPECT_EQ(reader.remaining(), 2U);
  std::uint8_t octet = 0;
  EXPECT_TRUE(reader.u8(octet));
  EXPECT_EQ(octet, 7);
  EXPECT_EQ(reader.skip_zeros(), 1U);
  EXPECT_FALSE(reader.u8(octet));
}

}  // namespace
}  // namespace ringway::tmp

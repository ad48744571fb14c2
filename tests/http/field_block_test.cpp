#include "http/field_block.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "http/field_table.h"
#include "http/syntax.h"

namespace ringway::http {
namespace {

using namespace std::string_literals;

std::string block_of(const Fields& fields) {
  std::string out;
  append_field_block(out, fields);
  return out;
}

std::string text_of(const Fields& fields) {
  std::string text;
  for (const Field field : fields) text += std::string(field.name) + ": " + std::string(field.value) + "\n";
  return text;
}

/// The fields, or why there are none.
std::string read(std::string_view block) {
  WireText in(as_bytes(block));
  Fields fields;
  const Status status = read_field_block(in, fields);
  return status ? text_of(fields) : "error " + status.error().message;
}

TEST(FieldTable, EveryNameIsFoundUnderItsNumber) {
  for (std::size_t id = 1; id <= kStaticNames; ++id) {
    EXPECT_EQ(static_name_id(static_name(id)), id);
    EXPECT_TRUE(is_lower_token(static_name(id)));
  }
  EXPECT_EQ(static_name_id(""), 0U);
  EXPECT_EQ(static_name_id("x-not-there"), 0U);
  EXPECT_EQ(static_name_id("\xff\xff"), 0U);
}

TEST(FieldTable, EveryPairIsFoundUnderItsNumber) {
  for (std::size_t id = 0; id < kStaticPairs; ++id) {
    const Field pair = static_pair(id);
    const std::size_t name = static_name_id(pair.name);
    ASSERT_NE(name, 0U);
    EXPECT_EQ(static_pair_id(name, pair.value), id);
    EXPECT_TRUE(is_field_value(pair.value));
  }
  EXPECT_EQ(static_pair_id(static_name_id("accept"), "none of them"), std::nullopt);
  EXPECT_EQ(static_pair_id(static_name_id("cookie"), ""), std::nullopt);
}

TEST(FieldBlock, TakesOneOctetForAKnownPair) {
  Fields fields;
  fields.add("accept-encoding", "gzip");
  fields.add("content-type", "text/html");
  EXPECT_EQ(block_of(fields).size(), 2U);
  EXPECT_EQ(read(block_of(fields)), text_of(fields));
}

TEST(FieldBlock, CarriesWhateverFieldsHold) {
  Fields fields;
  fields.add("Host-Like", "a\tb c");
  fields.add("accept", "");
  fields.add("cookie", std::string(70'000, 'c'));
  fields.add("x", "\xc3\xa4");
  fields.add("x", "again");
  fields.add(std::string(300, 'n'), "v");
  EXPECT_EQ(read(block_of(fields)), text_of(fields));
}

TEST(FieldBlock, LeavesOutWhatNoMessageMayHold) {
  Fields fields;
  fields.add("good", "1");
  fields.add("bad", "a\r\nx: y");
  fields.add("bad", "a\0b"s);
  fields.add("bad name", "1");
  fields.add("", "1");
  EXPECT_EQ(read(block_of(fields)), "good: 1\n");
}

TEST(FieldBlock, EmptyIsNoOctet) {
  EXPECT_EQ(block_of({}), "");
  EXPECT_EQ(read(""), "");
}

TEST(FieldBlock, RefusesWhatIsMalformed) {
  EXPECT_EQ(read("\xff"), "error a field block with an unknown pair");
  EXPECT_EQ(read(std::string(1, static_cast<char>(0x80 + kStaticPairs))), "error a field block with an unknown pair");
  EXPECT_EQ(read("\x7f\x00"s), "error a field block with an unknown name");
  EXPECT_EQ(read(std::string(1, static_cast<char>(kStaticNames + 1))), "error a field block with an unknown name");
  EXPECT_EQ(read("\x01"), "error a field block that ends inside a field");
  EXPECT_EQ(read("\x01\x02"
                 "a"),
            "error a field block that ends inside a field");
  EXPECT_EQ(read("\x01\xff\xff\xff\xff\xff\xff\xff\xff"), "error a field block that ends inside a field");
  EXPECT_EQ(read("\x00\x01x"s), "error a field block that ends inside a field");
  EXPECT_EQ(read("\x00\x01X\x01y"s), "error a field block with a malformed name");
  EXPECT_EQ(read("\x00\x00\x01y"s), "error a field block with a malformed name");
  EXPECT_EQ(read("\x00\x03"
                 "a:b\x01y"s),
            "error a field block with a malformed name");
  EXPECT_EQ(read("\x01\x01\n"), "error a field block with a malformed value");
  EXPECT_EQ(read("\x01\x01\x00"s), "error a field block with a malformed value");
}

TEST(FieldBlock, BoundsTheNumberOfFields) {
  const std::string pair(1, '\x80');
  std::string block;
  for (std::size_t i = 0; i < limits::kMaxExchangeFields; ++i) block += pair;
  EXPECT_EQ(read(block).substr(0, 6), "accept");
  EXPECT_EQ(read(block + pair), "error a field block with too many fields");
}

TEST(FieldBlock, EveryBeginningOfABlockIsRefusedOrShorter) {
  Fields fields;
  fields.add("accept", "text/x");
  fields.add("x-own", "some value");
  fields.add("dnt", "1");
  const std::string block = block_of(fields);
  const std::string whole = text_of(fields);
  for (std::size_t size = 0; size < block.size(); ++size) {
    const std::string part = read(block.substr(0, size));
    EXPECT_TRUE(part.rfind("error ", 0) == 0 || whole.rfind(part, 0) == 0) << size;
    EXPECT_NE(part, whole);
  }
}

}  // namespace
}  // namespace ringway::http

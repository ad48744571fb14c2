#include "redirector_dns/wire/query.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

const Octets kCookie = hex("2464c4abcf10c957");

Octets full_query() {
  Octets options = option(3, {});
  append(options, option(10, kCookie));
  append(options, subnet_option(1, 24, {198, 51, 100}));
  append(options, option(11, {}));
  append(options, option(65001, {1, 2, 3}));
  return QueryBuilder::of("WwW.example.com.", RecordType::aaaa).opt(options, 4096, 0x8000).octets();
}

Verdict verdict_of(const Octets& message) {
  Query query;
  return read_query(message, query);
}

Verdict verdict_of_options(const Octets& options) {
  return verdict_of(QueryBuilder::of("a.", RecordType::a).opt(options).octets());
}

TEST(Query, ReadsWhatItAsks) {
  const Octets message = full_query();
  Query query;
  ASSERT_EQ(read_query(message, query), Verdict::answer);
  EXPECT_EQ(query.header.id, 0x1234);
  EXPECT_EQ(query.name.text(), "WwW.example.com.");
  EXPECT_EQ(query.type, RecordType::aaaa);
  EXPECT_EQ(query.record_class, kClassIn);
  EXPECT_EQ(query.question.size(), 17U + 4);
  ASSERT_TRUE(query.edns);
  EXPECT_EQ(query.edns->udp_octets, 4096);
  EXPECT_EQ(query.edns->version, 0);
  EXPECT_TRUE(query.edns->dnssec_ok);
  EXPECT_TRUE(query.edns->wants_nsid);
  EXPECT_TRUE(query.edns->wants_keepalive);
  EXPECT_EQ(to_hex(query.edns->cookie), to_hex(kCookie));
  ASSERT_TRUE(query.edns->subnet);
  EXPECT_EQ(query.edns->subnet->source_bits, 24);
  EXPECT_EQ(to_hex(query.edns->subnet->address), "c63364");
}

TEST(Query, IsMalformedAtEveryCut) {
  const Octets message = full_query();
  Query query;
  for (std::size_t size = 0; size < message.size(); ++size) {
    // A copy, so that a sanitizer sees each octet that is read behind the end.
    const Octets cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(read_query(cut, query), size < kHeaderOctets ? Verdict::ignore : Verdict::formerr) << size;
    EXPECT_FALSE(query.edns) << size;
  }
  Octets longer = message;
  longer.push_back(0);
  EXPECT_EQ(verdict_of(longer), Verdict::formerr);
}

TEST(Query, IsNeverAResponse) {
  QueryBuilder query = QueryBuilder::of("a.", RecordType::a);
  query.flags |= kFlagResponse;
  EXPECT_EQ(verdict_of(query.octets()), Verdict::ignore);
}

TEST(Query, OfAnotherKindIsNotImplemented) {
  for (std::uint16_t opcode = 1; opcode < 16; ++opcode) {
    QueryBuilder query = QueryBuilder::of("a.", RecordType::a).opt({});
    query.flags = static_cast<std::uint16_t>(opcode << 11);
    Query read;
    EXPECT_EQ(read_query(query.octets(), read), Verdict::notimp);
    EXPECT_TRUE(read.edns) << "an answer speaks EDNS too";
    query.body.pop_back();
    EXPECT_EQ(verdict_of(query.octets()), Verdict::notimp) << "whatever is in it";
  }
}

TEST(Query, HasOneQuestion) {
  EXPECT_EQ(verdict_of(QueryBuilder().octets()), Verdict::formerr);
  EXPECT_EQ(verdict_of(QueryBuilder().opt({}).octets()), Verdict::formerr);
  EXPECT_EQ(verdict_of(QueryBuilder().opt(option(10, kCookie)).octets()), Verdict::answer) << "RFC 7873 §5.4";
  EXPECT_EQ(verdict_of(QueryBuilder::of("a.", RecordType::a).ask("b.", RecordType::a).octets()), Verdict::formerr);
}

TEST(Query, ItsNameIsNotCompressed) {
  // A pointer into the header: its two octets there would be the root.
  for (const char* name : {"c004", "0161c00c", "0161c000", "40", "8061"}) {
    QueryBuilder query;
    query.body = hex(std::string(name) + "00010001");
    query.questions = 1;
    EXPECT_EQ(verdict_of(query.octets()), Verdict::formerr) << name;
  }
}

TEST(Query, HasOneOptRecordInItsPlace) {
  EXPECT_EQ(verdict_of(QueryBuilder::of("a.", RecordType::a).opt({}).opt({}).octets()), Verdict::formerr);
  QueryBuilder as_answer = QueryBuilder::of("a.", RecordType::a).opt({});
  std::swap(as_answer.answers, as_answer.additionals);
  EXPECT_EQ(verdict_of(as_answer.octets()), Verdict::formerr);
  QueryBuilder of_name = QueryBuilder::of("a.", RecordType::a);
  append(of_name.body, hex("016100"
                           "0029"
                           "04d0"
                           "00000000"
                           "0000"));
  of_name.additionals = 1;
  EXPECT_EQ(verdict_of(of_name.octets()), Verdict::formerr);
}

TEST(Query, PassesOverOtherRecords) {
  QueryBuilder query = QueryBuilder::of("a.", RecordType::a);
  append(query.body, hex("c00c"
                         "0001"
                         "0001"
                         "00000000"
                         "0004"
                         "c0000201"));
  query.answers = 1;
  query.opt({});
  Query read;
  EXPECT_EQ(read_query(query.octets(), read), Verdict::answer);
  EXPECT_TRUE(read.edns);
}

TEST(Query, OfAnotherVersionOfEdnsIsReadNoFurther) {
  // RFC 6891 §6.1.3: what the options mean is for that version to say.
  const Octets message = QueryBuilder::of("a.", RecordType::a).opt({1, 2, 3}, 1232, 0x00010000).octets();
  Query query;
  ASSERT_EQ(read_query(message, query), Verdict::answer);
  EXPECT_EQ(query.edns->version, 1);
}

TEST(Edns, RefusesMalformedSubnets) {
  EXPECT_EQ(verdict_of_options(subnet_option(1, 24, {198, 51, 100})), Verdict::answer);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 32, {198, 51, 100, 1})), Verdict::answer);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 0, {})), Verdict::answer);
  EXPECT_EQ(verdict_of_options(subnet_option(0, 0, {})), Verdict::answer);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 24, {198, 51, 100}, 24)), Verdict::answer) << "tolerated";
  EXPECT_EQ(verdict_of_options(subnet_option(2, 56, {0x20, 1, 0xd, 0xb8, 0, 0, 0})), Verdict::answer);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 24, {198, 51})), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 24, {198, 51, 100, 0})), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(subnet_option(1, 23, {198, 51, 101})), Verdict::formerr) << "a bit behind the source's";
  EXPECT_EQ(verdict_of_options(subnet_option(1, 33, {1, 2, 3, 4, 0})), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(subnet_option(2, 129, Octets(17))), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(subnet_option(3, 0, {})), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(subnet_option(0, 8, {1})), Verdict::formerr);
  EXPECT_EQ(verdict_of_options(option(8, {0, 1, 0})), Verdict::formerr);
}

TEST(Edns, RefusesMalformedCookies) {
  for (std::size_t size = 0; size < 64; ++size) {
    const bool fits = size == 8 || (size >= 16 && size <= 40);
    EXPECT_EQ(verdict_of_options(option(10, Octets(size))), fits ? Verdict::answer : Verdict::formerr) << size;
  }
}

TEST(Edns, TakesTheFirstOfTwo) {
  Octets options = option(10, kCookie);
  append(options, option(10, {1}));
  append(options, subnet_option(1, 8, {9}));
  append(options, subnet_option(1, 8, {8, 8}));
  const Octets message = QueryBuilder::of("a.", RecordType::a).opt(options).octets();
  Query query;
  ASSERT_EQ(read_query(message, query), Verdict::answer);
  EXPECT_EQ(to_hex(query.edns->cookie), to_hex(kCookie));
  EXPECT_EQ(to_hex(query.edns->subnet->address), "09");
}

Asker asker(std::uint16_t family, std::uint8_t source, const Octets& address) {
  const ClientSubnet subnet{family, source, address};
  return asker_of(subnet, IpAddress::parse("203.0.113.9").value());
}

TEST(Edns, TellsTheClientByItsSubnet) {
  const Asker v4 = asker(1, 20, {198, 51, 96});
  EXPECT_TRUE(v4.by_subnet);
  EXPECT_EQ(v4.address.text(), "198.51.96.0");
  EXPECT_EQ(v4.prefix_bits, 20U);
  const Asker v6 = asker(2, 48, {0x20, 1, 0xd, 0xb8, 0, 1});
  EXPECT_TRUE(v6.by_subnet);
  EXPECT_EQ(v6.address.text(), "2001:db8:1::");
  EXPECT_EQ(v6.prefix_bits, 48U);
}

TEST(Edns, FallsBackToTheResolver) {
  const std::pair<int, Octets> kUnroutable[] = {
      {8, {10}},        {24, {10, 1, 2}}, {8, {127}}, {16, {169, 254}}, {12, {172, 16}}, {24, {172, 31, 255}},
      {16, {192, 168}}, {10, {100, 64}},  {4, {224}}, {4, {240}},       {8, {0}},        {0, {}},
  };
  for (const auto& [bits, address] : kUnroutable) {
    const Asker got = asker(1, static_cast<std::uint8_t>(bits), address);
    EXPECT_FALSE(got.by_subnet) << bits << " of " << to_hex(address);
    EXPECT_EQ(got.address.text(), "203.0.113.9");
    EXPECT_EQ(got.prefix_bits, 32U);
  }
  EXPECT_FALSE(asker(2, 8, {0xfd}).by_subnet);
  EXPECT_FALSE(asker(2, 10, {0xfe, 0x80}).by_subnet);
  EXPECT_FALSE(asker(2, 128, hex("00000000000000000000ffffc0000201")).by_subnet) << "IPv4 in disguise";
  EXPECT_FALSE(asker(2, 1, {0x80}).by_subnet);
  EXPECT_FALSE(asker(2, 2, {0x40}).by_subnet);
  EXPECT_FALSE(asker(0, 0, {}).by_subnet);
  // More than what is special: most of it are clients.
  EXPECT_TRUE(asker(1, 7, {10}).by_subnet);
  EXPECT_TRUE(asker(1, 13, {172, 32}).by_subnet);
  EXPECT_TRUE(asker(1, 1, {128}).by_subnet);
  EXPECT_TRUE(asker(2, 1, {0}).by_subnet);
  EXPECT_TRUE(asker(2, 2, {0}).by_subnet);
}

TEST(Query, ReadsAnyOctets) {
  const Octets message = full_query();
  SeededRandom random(4);
  std::size_t answers = 0;
  for (int round = 0; round < 100'000; ++round) {
    Octets mutated = message;
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      mutated[random.below(mutated.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    if (random.below(4) == 0) mutated.resize(random.below(mutated.size() + 1));
    Query query;
    const Verdict verdict = read_query(mutated, query);
    answers += verdict == Verdict::answer;
    if (verdict == Verdict::answer && !query.question.empty()) {
      ASSERT_EQ(whole_name_octets(query.name.octets()), query.name.size());
    }
  }
  EXPECT_GT(answers, 10'000U);
}

}  // namespace
}  // namespace ringway::dns

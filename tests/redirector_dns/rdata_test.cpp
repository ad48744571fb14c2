#include "redirector_dns/wire/rdata.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "redirector_dns/wire/rdata_fields.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

/// Words as a master file's scanner would give them, apart at spaces; "…" is a quoted one.
std::vector<Token> words(std::string_view text) {
  std::vector<Token> tokens;
  while (!text.empty()) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    const bool quoted = text[0] == '"';
    if (quoted) text.remove_prefix(1);
    const std::size_t end = std::min(text.find(quoted ? '"' : ' '), text.size());
    tokens.push_back({text.substr(0, end), quoted});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tokens;
}

struct Case {
  RecordType type;
  const char* text;
  const char* octets;
};

const Case kCases[] = {
    {RecordType::a, "192.0.2.1", "c0000201"},
    {RecordType::aaaa, "2001:db8::1", "20010db8000000000000000000000001"},
    {RecordType::ns, "ns.example.", "026e73076578616d706c6500"},
    {RecordType::soa, "ns.example. hostmaster.example. 7 3600 900 604800 30",
     "026e73076578616d706c6500"
     "0a686f73746d6173746572076578616d706c6500"
     "00000007"
     "00000e10"
     "00000384"
     "00093a80"
     "0000001e"},
    {RecordType::mx, "10 mail.example.",
     "000a"
     "046d61696c076578616d706c6500"},
    {RecordType::txt, R"("a b" "" "\"\\\007")",
     "03612062"
     "00"
     "03225c07"},
    {RecordType::srv, "1 2 443 a.",
     "0001"
     "0002"
     "01bb"
     "016100"},
    {RecordType::naptr, R"(100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .)",
     "0064"
     "000a"
     "0175"
     "074532552b736970"
     "0e215e2e2a24217369703a61406221"
     "00"},
    {RecordType::caa, R"(0 issue "letsencrypt.org; a=b")",
     "00"
     "056973737565"
     "6c657473656e63727970742e6f72673b20613d62"},
    {RecordType::ds, "60485 5 1 2bb183af",
     "ec45"
     "05"
     "01"
     "2bb183af"},
    {RecordType::sshfp, "1 1 aabb", "0101aabb"},
    {RecordType::tlsa, "3 1 1 aabb", "030101aabb"},
    {RecordType::hinfo, R"("RFC8482" "")",
     "0752464338343832"
     "00"},
    {RecordType::https, R"(1 . alpn="h2,h3" port="8443" ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1")",
     "0001"
     "00"
     "00010006"
     "02683202"
     "6833"
     "00030002"
     "20fb"
     "00040008"
     "c0000201c0000202"
     "00060010"
     "20010db8000000000000000000000001"},
    {RecordType::svcb, "0 a.",
     "0000"
     "016100"},
    {static_cast<RecordType>(1234), R"(\# 3 010203)", "010203"},
    {static_cast<RecordType>(1234), R"(\# 0)", ""},
    {RecordType::site, R"("shop")", "0473686f70"},
};

TEST(Rdata, ReadsAndWritesPresentationForm) {
  for (const Case& wanted : kCases) {
    Octets octets;
    const auto fault = parse_rdata(wanted.type, words(wanted.text), {}, octets);
    if (wanted.type == RecordType::txt || wanted.type == RecordType::naptr) continue;  // escaped quotes: see below
    ASSERT_FALSE(fault) << wanted.text << ": " << fault->message;
    EXPECT_EQ(to_hex(octets), wanted.octets) << wanted.text;
    EXPECT_TRUE(is_well_formed(wanted.type, octets)) << wanted.text;
  }
  for (const Case& wanted : kCases) {
    EXPECT_EQ(rdata_text(wanted.type, hex(wanted.octets)), wanted.text);
  }
}

TEST(Rdata, KnowsNoCutOfItAndNoMore) {
  for (const Case& wanted : kCases) {
    const Octets whole = hex(wanted.octets);
    const std::span<const RdataField> fields = rdata_fields(wanted.type);
    const RdataField last = fields.back();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const bool open_end = last == RdataField::hex || last == RdataField::text || last == RdataField::opaque ||
                            last == RdataField::strings || last == RdataField::svc_params;
      const bool ok = is_well_formed(wanted.type, Bytes(whole).first(size));
      EXPECT_TRUE(open_end || !ok) << wanted.text << " at " << size;
      if (!ok) continue;
      // What has an open end may be cut there; then it is other data, and no worse.
      Octets again;
      EXPECT_FALSE(parse_rdata(
          wanted.type, words(R"(\# )" + std::to_string(size) + " " + to_hex(Bytes(whole).first(size))), {}, again));
    }
    if (last == RdataField::ipv4 || last == RdataField::name || last == RdataField::string) {
      Octets longer = whole;
      longer.push_back(0);
      EXPECT_FALSE(is_well_formed(wanted.type, longer)) << wanted.text;
    }
  }
}

TEST(Rdata, ReadsEveryTypeInItsGenericForm) {
  for (const Case& wanted : kCases) {
    const Octets whole = hex(wanted.octets);
    Octets octets;
    const std::string generic = R"(\# )" + std::to_string(whole.size()) + " " + to_hex(whole);
    const auto fault = parse_rdata(wanted.type, words(generic), {}, octets);
    ASSERT_FALSE(fault) << fault->message;
    EXPECT_EQ(octets, whole);
  }
  Octets octets;
  EXPECT_TRUE(parse_rdata(RecordType::a, words(R"(\# 3 010203)"), {}, octets));
  EXPECT_TRUE(parse_rdata(RecordType::a, words(R"(\# 4 010203)"), {}, octets));
  EXPECT_TRUE(parse_rdata(RecordType::a, words(R"(\# x)"), {}, octets));
  EXPECT_TRUE(parse_rdata(RecordType::a, words(R"(\#)"), {}, octets));
}

TEST(Rdata, RefusesWhatIsNoDataOfItsType) {
  const std::pair<RecordType, const char*> kWrong[] = {
      {RecordType::a, "2001:db8::1"},
      {RecordType::a, "192.0.2"},
      {RecordType::a, ""},
      {RecordType::a, "192.0.2.1 192.0.2.2"},
      {RecordType::aaaa, "192.0.2.1"},
      {RecordType::mx, "mail.example."},
      {RecordType::mx, "65536 mail.example."},
      {RecordType::mx, "-1 mail.example."},
      {RecordType::soa, "ns. host. 1 2 3 4"},
      {RecordType::soa, "ns. host. 4294967296 2 3 4 5"},
      {RecordType::soa, "ns. host. 1 2 3 4 1y"},
      {RecordType::caa, R"(0 "" "a")"},
      {RecordType::caa, R"(0 a-b "a")"},
      {RecordType::caa, R"(256 issue "a")"},
      {RecordType::tlsa, "3 1 1"},
      {RecordType::tlsa, "3 1 1 abc"},
      {RecordType::tlsa, "3 1 1 zz"},
      {RecordType::txt, R"(\)"},
      {RecordType::https, "1 . alpn"},
      {RecordType::https, "1 . alpn=h2 alpn=h3"},
      {RecordType::https, "1 . port=65536"},
      {RecordType::https, "1 . ipv4hint=::1"},
      {RecordType::https, "1 . nonsense=1"},
      {RecordType::https, "1 . no-default-alpn"},
      {RecordType::https, "1 . mandatory=port"},
      {RecordType::https, "1 . mandatory=mandatory alpn=h2"},
      {RecordType::https, "1 . key65535=a"},
      {RecordType::https, "1"},
      {static_cast<RecordType>(1234), "hello"},
  };
  for (const auto& [type, text] : kWrong) {
    Octets octets;
    EXPECT_TRUE(parse_rdata(type, words(text), {}, octets)) << type_text(type) << " " << text;
  }
  Octets octets;
  EXPECT_TRUE(parse_rdata(RecordType::txt, words(std::string(256, 'a')), {}, octets));
  EXPECT_FALSE(parse_rdata(RecordType::txt, words(std::string(255, 'a')), {}, octets));
}

TEST(Rdata, SaysWhichWordIsWrong) {
  Octets octets;
  EXPECT_EQ(parse_rdata(RecordType::mx, words("10 a..b"), {}, octets)->token, 1U);
  EXPECT_EQ(parse_rdata(RecordType::mx, words("10"), {}, octets)->token, 1U);
  EXPECT_EQ(parse_rdata(RecordType::mx, words("10 a. b."), {}, octets)->token, 2U);
  EXPECT_EQ(parse_rdata(RecordType::https, words("1 . alpn=h2 port=x"), {}, octets)->token, 3U);
  EXPECT_EQ(parse_rdata(RecordType::mx, words("ten a."), {}, octets)->message, "'ten' is not a number from 0 to 65535");
}

TEST(Rdata, OrdersParametersAndReadsTheirEscapes) {
  Octets octets;
  ASSERT_FALSE(
      parse_rdata(RecordType::https, words(R"(1 . port=53 alpn="f\\\\oo\\,bar,h2" mandatory=port,alpn)"), {}, octets));
  // RFC 9460 appendix D.2: `f\oo,bar` is one protocol's name.
  EXPECT_EQ(to_hex(octets),
            "000100"
            "0000000400010003"
            "0001000c"
            "08665c6f6f2c626172"
            "026832"
            "000300020035");
  EXPECT_EQ(rdata_text(RecordType::https, octets), R"(1 . mandatory="alpn,port" alpn="f\\\\oo\\,bar,h2" port="53")");
  ASSERT_FALSE(parse_rdata(RecordType::https, words("1 . ech=AAECAw=="), {}, octets));
  EXPECT_EQ(to_hex(octets),
            "000100"
            "00050004"
            "00010203");
  EXPECT_EQ(rdata_text(RecordType::https, octets), R"(1 . ech="AAECAw==")");
}

TEST(Rdata, RefusesParametersThatAreOutOfOrder) {
  for (const char* params :
       {"00030002003500010003026832", "000300020035000300020035", "000100", "000100030268", "00010000",
        "00040003c00002", "0006000420010db8", "00020000", "0000000200030001000302683200"}) {
    const std::string digits = std::string("000100") + params;
    EXPECT_FALSE(is_well_formed(RecordType::https, hex(digits))) << params;
  }
}

TEST(Rdata, TakesNamesOutOfCompression) {
  // 12 octets where a header is, "example." at 12, then MX data with a pointer to it.
  Octets message(12);
  append(message, name_of("example.").view().octets());
  const std::size_t at = message.size();
  append(message, hex("000a"
                      "046d61696c"
                      "c00c"));
  Octets rdata;
  ASSERT_TRUE(read_rdata(message, at, message.size() - at, RecordType::mx, rdata));
  EXPECT_EQ(rdata_text(RecordType::mx, rdata), "10 mail.example.");
  for (std::size_t length = 0; length < message.size() - at; ++length) {
    EXPECT_FALSE(read_rdata(message, at, length, RecordType::mx, rdata)) << length;
  }
  EXPECT_FALSE(read_rdata(message, at, message.size(), RecordType::mx, rdata));
}

TEST(Rdata, IsTheSameAfterItsTextWhateverItIs) {
  SeededRandom random(3);
  std::size_t well_formed = 0;
  for (int round = 0; round < 40'000; ++round) {
    const Case& wanted = kCases[random.below(std::size(kCases))];
    Octets octets = hex(wanted.octets);
    for (std::uint64_t changes = 1 + random.below(3); changes > 0 && !octets.empty(); --changes) {
      octets[random.below(octets.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    if (!is_well_formed(wanted.type, octets)) continue;
    ++well_formed;
    EXPECT_FALSE(rdata_text(wanted.type, octets).empty());
    Octets copy;
    ASSERT_TRUE(read_rdata(octets, 0, octets.size(), wanted.type, copy));
    EXPECT_EQ(copy, octets);
  }
  EXPECT_GT(well_formed, 5000U);
}

TEST(Rdata, KnowsTypesByNameAndByNumber) {
  EXPECT_EQ(type_from_text("aaaa"), RecordType::aaaa);
  EXPECT_EQ(type_from_text("TYPE28"), RecordType::aaaa);
  EXPECT_EQ(type_from_text("type65535"), static_cast<RecordType>(65535));
  for (const char* text : {"", "B", "TYPE", "TYPE65536", "TYPE-1", "TYPEx", "AAAAA"})
    EXPECT_FALSE(type_from_text(text)) << text;
  for (unsigned number = 0; number <= 65535; ++number) {
    const auto type = static_cast<RecordType>(number);
    ASSERT_EQ(type_from_text(type_text(type)), type);
  }
}

TEST(Presentation, ReadsTimes) {
  EXPECT_EQ(parse_seconds("0"), 0U);
  EXPECT_EQ(parse_seconds("1h30m"), 5400U);
  EXPECT_EQ(parse_seconds("1W2D3H4M5S"), 604800U + 2 * 86400 + 3 * 3600 + 4 * 60 + 5);
  EXPECT_EQ(parse_seconds("2147483647"), 2147483647U);
  for (const char* text : {"", "h", "1y", "-1", "2147483648", "3551w", "1h2x", "1 h", "99999999999999999999"}) {
    EXPECT_FALSE(parse_seconds(text)) << text;
  }
}

}  // namespace
}  // namespace ringway::dns

#include "redirector_dns/zone/master_file.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "redirector_dns/wire/rdata.h"
#include "tests/redirector_dns/zone_support.h"

namespace ringway::dns {
namespace {

/// "TTL data, data" of what the zone answers; empty where it has no such data.
std::string data_of(const Zone& zone, std::string_view name, RecordType type) {
  const Finding found = zone.find(name_of(name), type);
  if (found.rrset == nullptr) return {};
  std::string out = std::to_string(found.rrset->ttl_s);
  for (Bytes rest = zone.records(*found.rrset); !rest.empty();) {
    const std::size_t octets = load_u16(rest.data());
    out += (out.find(' ') == std::string::npos ? " " : ", ") + rdata_text(found.rrset->type, rest.subspan(2, octets));
    rest = rest.subspan(2 + octets);
  }
  return out;
}

TEST(MasterFile, ReadsTheUsualForms) {
  const auto zone = zone_of(R"(
$TTL 1h ; a comment
$ORIGIN example.com.
@   IN SOA ns1 hostmaster.example.com. (
        2026112201 ; serial
        3600 15m
        1w ) 30
    NS  ns1
    IN 60 NS ns2
ns1 120 IN A 192.0.2.1
    IN 240 A 192.0.2.2
    AAAA 2001:db8::53
ns2 A 192.0.2.2
$ORIGIN sub.example.com.
www CNAME @
@ TXT "two words" plain "with \"quotes\" and ; no comment" "\228\189\160"
$ORIGIN com.
mx.example MX 10 mail.example
$TTL 5
late.example A 192.0.2.9
Upper.EXAMPLE TYPE1234 \# 2 ( ab
  cd )
h.example HTTPS 1 . alpn="h2,h3" port=8443
)");
  EXPECT_EQ(data_of(*zone, "example.com.", RecordType::soa),
            "3600 ns1.example.com. hostmaster.example.com. 2026112201 3600 900 604800 30");
  EXPECT_EQ(data_of(*zone, "example.com.", RecordType::ns), "60 ns1.example.com., ns2.example.com.");
  EXPECT_EQ(data_of(*zone, "ns1.example.com.", RecordType::a), "120 192.0.2.1, 192.0.2.2");
  EXPECT_EQ(data_of(*zone, "ns1.example.com.", RecordType::aaaa), "3600 2001:db8::53");
  EXPECT_EQ(data_of(*zone, "www.sub.example.com.", RecordType::cname), "3600 sub.example.com.");
  EXPECT_EQ(data_of(*zone, "sub.example.com.", RecordType::txt),
            R"(3600 "two words" "plain" "with \"quotes\" and ; no comment" "\228\189\160")");
  EXPECT_EQ(data_of(*zone, "mx.example.com.", RecordType::mx), "3600 10 mail.example.com.");
  EXPECT_EQ(data_of(*zone, "late.example.com.", RecordType::a), "5 192.0.2.9");
  EXPECT_EQ(data_of(*zone, "upper.example.com.", static_cast<RecordType>(1234)), R"(5 \# 2 abcd)");
  EXPECT_EQ(data_of(*zone, "h.example.com.", RecordType::https), R"(5 1 . alpn="h2,h3" port="8443")");
  EXPECT_EQ(zone->negative_ttl_s(), 30U);
  EXPECT_EQ(zone->record_count(), 13U);
}

TEST(MasterFile, TakesTheLastTtlWhereThereIsNoDirective) {
  const auto zone =
      zone_of("@ 300 SOA a. b. 1 2 3 4 500\n NS ns.example.net.\nwww A 192.0.2.1\nx 7 A 192.0.2.1\ny A 192.0.2.1\n");
  EXPECT_EQ(data_of(*zone, "www.example.com.", RecordType::a), "300 192.0.2.1");
  EXPECT_EQ(data_of(*zone, "y.example.com.", RecordType::a), "7 192.0.2.1");
  const auto later = zone_of("@ 300 SOA a. b. 1 2 3 4 500\n NS ns.example.net.\n$TTL 60\nwww A 192.0.2.1\n");
  EXPECT_EQ(data_of(*later, "www.example.com.", RecordType::a), "60 192.0.2.1") << "the directive is stronger";
  EXPECT_EQ(zone->negative_ttl_s(), 300U) << "the SOA's own TTL bounds it (RFC 2308 §5)";
}

TEST(MasterFile, ReadsWindowsLinesAndAnUnfinishedLastOne) {
  const auto zone = zone_of("$TTL 1h\r\n@ SOA a. b. 1 2 3 4 5\r\n\r\n  \r\n@ NS ns.example.net.\r\nwww A 192.0.2.1");
  EXPECT_EQ(data_of(*zone, "www.example.com.", RecordType::a), "3600 192.0.2.1");
}

TEST(MasterFile, KeepsOneOfTwoEqualRecords) {
  EXPECT_EQ(data_of(*zone_with("www A 192.0.2.1\nWWW A 192.0.2.1\n"), "www.example.com.", RecordType::a),
            "3600 192.0.2.1");
}

TEST(MasterFile, KnowsSteeredNames) {
  const auto zone = zone_with("www SITE shop\n@ SITE \"the shop\"\nwww A 192.0.2.7\n* SITE any\n");
  const Finding www = zone->find(name_of("www.example.com."), RecordType::a);
  EXPECT_EQ(www.kind, Finding::Kind::steered);
  EXPECT_EQ(www.site, "shop");
  EXPECT_NE(www.rrset, nullptr);
  EXPECT_EQ(zone->find(name_of("example.com."), RecordType::https).site, "the shop");
  EXPECT_EQ(zone->find(name_of("x.example.com."), RecordType::aaaa).site, "any");
  EXPECT_EQ(zone->find(name_of("www.example.com."), RecordType::txt).kind, Finding::Kind::nodata);
  EXPECT_EQ(zone->find(name_of("www.example.com."), RecordType::site).kind, Finding::Kind::nodata);
}

TEST(MasterFile, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(
      faults_with("www CNAM 192.0.2.1\n"),
      "zone:6:5: 'CNAM' is neither a type nor the class IN\n  www CNAM 192.0.2.1\n      ^\n  did you mean \"CNAME\"?");
  const std::pair<const char*, const char*> kFaults[] = {
      {"www A 192.0.2\n", ":6:7: '192.0.2' is not an IPv4 address"},
      {"www A\n", ":6:6: A wants an IPv4 address here"},
      {"www\n", ":6:4: a type belongs here"},
      {"www 1h IN\n", ":6:10: a type belongs here"},
      {"www CH TXT a\n", ":6:5: 'CH' is neither"},
      {"www 99999999999 A 192.0.2.1\n", "'99999999999' is neither"},
      {"www..x A 192.0.2.1\n", ":6:1: 'www..x' has an empty label"},
      {"www.example.org. A 192.0.2.1\n", "www.example.org. is not in the zone example.com."},
      {"www SOA a. b. 1 2 3 4 5\n", "SOA belongs to the zone's own name"},
      {"@ SOA a. b. 1 2 3 4 5\n", "a zone has one SOA record"},
      {"www OPT \\# 0\n", "OPT is a type for messages"},
      {"www TYPE255 \\# 0\n", "ANY is a type for messages"},
      {"www DNAME a.net.\nwww DNAME b.net.\n", "one DNAME record"},
      {"www DNAME a.net.\nwww CNAME b.net.\n", "beside CNAME"},
      {"www DNAME a.net.\nx.www A 192.0.2.1\n", ":6:5: below a name with DNAME there are no others"},
      {"sub NS ns.example.net.\nsub DNAME a.net.\n", "is renamed by those"},
      {"*.www DNAME a.net.\n", "a wildcard renames nothing"},
      {"www DNAME a.net.\n@ NS ns.www\n", "ns.www.example.com. has no address in this zone"},
      {"www RRSIG \\# 0\n", "RRSIG belongs to signed zones"},
      {"www CNAME a\nwww A 192.0.2.1\n", "beside CNAME"},
      {"www CNAME a\nwww SITE b\n", "beside CNAME"},
      {"@ CNAME a\n", "beside CNAME"},
      {"www CNAME a\nwww CNAME b\n", "one CNAME record"},
      {"www SITE a\nwww SITE b\n", "one SITE record"},
      {"www SITE \"\"\n", "a site's name has 1 to 63 octets"},
      {"www SITE 0123456789012345678901234567890123456789012345678901234567890123\n", "a site's name has 1 to 63"},
      {"sub NS ns.example.net.\nsub SITE a\n", "is steered by those"},
      {"* NS ns.example.net.\n", "a wildcard delegates nothing"},
      {"sub NS ns.sub\n", "the name server ns.sub.example.com. has no address"},
      {"sub NS other\n", "the name server other.example.com. has no address"},
      {"www ( A 192.0.2.1\n", "a '(' is not closed"},
      {"www ) A 192.0.2.1\n", ":6:5: this ')' closes nothing"},
      {"www TXT \"a\n", "the line ends inside quotes"},
      {"www TXT a\\\n", "is not a text"},
      {"$TTL\n", "$ttl wants one word"},
      {"$TTL 1 2\n", "$ttl wants one word"},
      {"$TTL soon\n", "'soon' is no time"},
      {"$TLL 5\n", "did you mean \"$ttl\"?"},
      {"$ORIGIN a..b\n", "has an empty label"},
  };
  for (const auto& [lines, wanted] : kFaults) {
    const std::string got = faults_with(lines);
    EXPECT_NE(got.find(wanted), std::string::npos) << lines << got;
  }
}

TEST(MasterFile, WantsWhatEveryZoneHas) {
  config::Report report("zone", "");
  EXPECT_EQ(read_master_file("", name_of("example.com."), kFileZoneBounds, report), nullptr);
  EXPECT_EQ(report.size(), 2U) << report.text();
  const std::string_view blank = "  A 192.0.2.1\n";
  config::Report no_name("zone", blank);
  EXPECT_EQ(read_master_file(blank, name_of("example.com."), kFileZoneBounds, no_name), nullptr);
  EXPECT_NE(no_name.text().find("begins without a name"), std::string::npos);
  const std::string_view no_ttl = "www A 192.0.2.1\n";
  config::Report report_ttl("zone", no_ttl);
  EXPECT_EQ(read_master_file(no_ttl, name_of("example.com."), kFileZoneBounds, report_ttl), nullptr);
  EXPECT_NE(report_ttl.text().find("has no TTL"), std::string::npos);
}

TEST(MasterFile, TellsEveryFaultAtOnce) {
  config::Report report("zone", "");
  const std::string text = std::string(kZoneHead) + "a A x\nb A y\nc MX z\n";
  EXPECT_EQ(read_master_file(text, name_of("example.com."), kFileZoneBounds, report), nullptr);
  EXPECT_EQ(report.size(), 3U);
}

TEST(MasterFile, BoundsARrSetToWhatAnAnswerHolds) {
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += "big TXT " + std::to_string(i) + std::string(240, 'x') + "\n";
  EXPECT_NE(faults_with(lines).find("more of TXT at this name than one answer can hold"), std::string::npos);
}

TEST(MasterFile, SurvivesAnyText) {
  const std::string text =
      std::string(kZoneHead) +
      "www ( A 192.0.2.1 ) ; x\n  TXT \"a b\" c\\065 \"\"\nh HTTPS 1 . alpn=\"h2\"\ns NS n.s\nn.s A 192.0.2.1\n"
      "*.w SITE shop\nx TYPE99 \\# 1 ff\n$ORIGIN a\n@ MX 5 @\n";
  const std::string_view kPieces[] = {
      "\"", "(", ")", ";", "\n", " ", "\\", "@", "$TTL ", "=", "IN", "\t", "*", ".", "9", "$GENERATE 1-3 ", "${1,2,x}"};
  SeededRandom random(6);
  std::size_t good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string mutated = text;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      const std::size_t at = random.below(mutated.size());
      switch (random.below(3)) {
        case 0: mutated[at] = static_cast<char>(random.below(256)); break;
        case 1: mutated.erase(at, 1 + random.below(4)); break;
        default: mutated.insert(at, kPieces[random.below(std::size(kPieces))]);
      }
    }
    config::Report report("zone", mutated);
    const auto zone = read_master_file(mutated, name_of("example.com."), kFileZoneBounds, report);
    ASSERT_EQ(zone == nullptr, !report.empty());
    good += zone != nullptr;
  }
  EXPECT_GT(good, 1000U);
}

}  // namespace
}  // namespace ringway::dns

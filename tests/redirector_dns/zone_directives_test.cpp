// $INCLUDE and $GENERATE: what one file says in the place of many lines.

#include <gtest/gtest.h>

#include <map>

#include "redirector_dns/limits.h"
#include "redirector_dns/wire/rdata.h"
#include "redirector_dns/zone/generate.h"
#include "tests/redirector_dns/zone_support.h"

namespace ringway::dns {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

class PaperFolder final : public ZoneFolder {
 public:
  explicit PaperFolder(Files files) : files_(std::move(files)) {}
  Result<std::string> read(std::string_view name, std::size_t most) override {
    ++reads;
    const auto found = files_.find(name);
    if (found == files_.end()) return client_error("there is no " + std::string(name));
    if (found->second.size() > most) return client_error("too large");
    return found->second;
  }
  std::size_t reads = 0;

 private:
  Files files_;
};

/// The zone, or what is wrong with it.
struct Reading {
  Reading(std::string_view lines, Files files) : text(std::string(kZoneHead) + std::string(lines)) {
    PaperFolder folder(std::move(files));
    config::Report report("zone", text);
    zone = read_master_file(text, name_of("example.com."), kFileZoneBounds, report, &folder);
    faults = report.text();
    reads = folder.reads;
  }
  std::string text;
  std::shared_ptr<const Zone> zone;
  std::string faults;
  std::size_t reads = 0;
};

std::string first_of(const Zone& zone, std::string_view name, RecordType type) {
  const Finding found = zone.find(name_of(name), type);
  if (found.rrset == nullptr) return "";
  const Bytes records = zone.records(*found.rrset);
  return rdata_text(type, records.subspan(2, load_u16(records.data())));
}

TEST(ZoneIncludes, ReadsFilesInTheirPlace) {
  const Reading read(
      "www A 192.0.2.1\n$INCLUDE hosts sub\n  A 192.0.2.2\n$INCLUDE \"more\" ; without an origin\nz A 192.0.2.9\n",
      Files{{"hosts", "a A 192.0.2.3\n$ORIGIN deep.sub.example.com.\nb CNAME c\n$INCLUDE inner\n"},
            {"inner", "i A 192.0.2.4\n"},
            {"more", "m A 192.0.2.5"}});
  ASSERT_TRUE(read.zone) << read.faults;
  EXPECT_EQ(first_of(*read.zone, "a.sub.example.com.", RecordType::a), "192.0.2.3");
  EXPECT_EQ(first_of(*read.zone, "b.deep.sub.example.com.", RecordType::cname), "c.deep.sub.example.com.");
  EXPECT_EQ(first_of(*read.zone, "i.deep.sub.example.com.", RecordType::a), "192.0.2.4") << "the present origin";
  EXPECT_EQ(first_of(*read.zone, "m.example.com.", RecordType::a), "192.0.2.5") << "the origin is as it was";
  EXPECT_EQ(first_of(*read.zone, "z.example.com.", RecordType::a), "192.0.2.9");
  const Finding www = read.zone->find(name_of("www.example.com."), RecordType::a);
  EXPECT_EQ(read.zone->records(*www.rrset).size(), 12U) << "the last name is as it was: www has two addresses";
}

TEST(ZoneIncludes, SaysWhatIsWrongInThem) {
  const Reading broken("$INCLUDE a\n", Files{{"a", "x A 192.0.2.1\n$INCLUDE b\n"}, {"b", "\ny A 192.0.2\n"}});
  EXPECT_EQ(broken.faults, "zone:6:1: b:2:5: '192.0.2' is not an IPv4 address\n  $INCLUDE a\n  ^");
  const std::pair<const char*, const char*> kFaults[] = {
      {"$INCLUDE\n", "zone:6:9: $include wants a file"},
      {"$INCLUDE a b c\n", "zone:6:14: $include wants a file"},
      {"$INCLUDE a x..y\n", "zone:6:12: 'x..y' has an empty label"},
      {"$INCLUDE none\n", "zone:6:10: there is no none"},
      {"$INCLUDE blank\n", "zone:6:1: blank:1:3: this line begins without a name"},
      {"$INCLUDE open\n", "zone:6:1: open:2:1: a '(' is not closed"},
      {"$INCLUDE alias\nwww A 192.0.2.1\n", "zone:6:1: alias:1:5: beside CNAME"},
      {"www CNAME z\n$INCLUDE other\n", "zone:6:5: beside CNAME"},
      {"$INCLUDE server\n", "zone:6:1: server:1:5: the name server ns.sub.example.com. has no address"},
  };
  for (const auto& [lines, wanted] : kFaults) {
    const Reading read(lines, Files{{"a", ""},
                                    {"blank", "  A 192.0.2.1\n"},
                                    {"open", "x ( A 192.0.2.1\n"},
                                    {"alias", "www CNAME z\n"},
                                    {"other", "www A 192.0.2.1\n"},
                                    {"server", "sub NS ns.sub\n"}});
    EXPECT_EQ(read.zone, nullptr) << lines;
    EXPECT_NE(read.faults.find(wanted), std::string::npos) << lines << read.faults;
  }
}

TEST(ZoneIncludes, EndsWhereFilesIncludeOneAnother) {
  const Reading alone("$INCLUDE a\n", Files{{"a", "$INCLUDE a\n"}});
  EXPECT_NE(alone.faults.find("too deep"), std::string::npos) << alone.faults;
  std::string many;
  for (int i = 0; i < 100; ++i) many += "$INCLUDE a\n";
  const Reading wide("$INCLUDE a\n", Files{{"a", many}});
  EXPECT_EQ(wide.zone, nullptr);
  EXPECT_LE(wide.reads, limits::kMaxIncludedFiles);
  const Reading large("$INCLUDE a\n$INCLUDE a\n", Files{{"a", std::string(limits::kMaxZoneOctets - 1000, '\n')}});
  EXPECT_NE(large.faults.find("zone:7:10: too large"), std::string::npos) << large.faults;
}

TEST(ZoneIncludes, AreNotFollowedWithoutAFolder) {
  EXPECT_NE(faults_with("$INCLUDE other\n").find("$include is not followed here"), std::string::npos);
}

TEST(ZoneGenerates, ARecordForEachNumber) {
  const auto zone =
      zone_with("$GENERATE 1-20/3 host-$ A 192.0.2.$\n$GENERATE 0-1 ${10,4,d}.x 60 IN CNAME h${-0,2,x}.$$$\n");
  for (int i = 1; i <= 20; ++i) {
    const std::string name = "host-" + std::to_string(i) + ".example.com.";
    EXPECT_EQ(first_of(*zone, name, RecordType::a), i % 3 == 1 ? "192.0.2." + std::to_string(i) : "") << i;
  }
  EXPECT_EQ(first_of(*zone, "0011.x.example.com.", RecordType::cname), "h01.\\$1.example.com.");
  EXPECT_EQ(zone->record_count(), 4U + 7 + 2);
}

TEST(ZoneGenerates, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> kFaults[] = {
      {"$GENERATE\n", ":6:10: $generate wants"},
      {"$GENERATE 5-1 a$ A 192.0.2.$\n", ":6:11: '5-1' is no range"},
      {"$GENERATE 1-5/0 a$ A 192.0.2.$\n", "is no range"},
      {"$GENERATE 1- a$ A 192.0.2.$\n", "is no range"},
      {"$GENERATE 1-2147483648 a$ A 192.0.2.$\n", "is no range"},
      {"$GENERATE 1-5\n", ":6:14: a name"},
      {"$GENERATE 1-5 a$\n", ":6:17: a type belongs here"},
      {"$GENERATE 1-5 a${1 A 192.0.2.$\n", ":6:15: this is no template"},
      {"$GENERATE 1-5 a$ A 192.0.2.${0,1,q}\n", ":6:20: this is no template"},
      {"$GENERATE 1-5 a$ A 192.0.2.${-2}\n", ":6:20: this is no template"},
      {"$GENERATE 1-5 a$ A 192.0.2.${0,999}\n", "this is no template"},
      {"$GENERATE 250-300 a$ A 192.0.2.$\n", ":6:24: '192.0.2.256' is not an IPv4 address"},
      {"$GENERATE 0-65536 a$ A 192.0.2.1\n", "at most 65536 records"},
      {"$GENERATE 1-40000 a$ A 192.0.2.1\n$GENERATE 1-40000 b$ A 192.0.2.1\n", ":7:1"},
  };
  for (const auto& [lines, wanted] : kFaults) {
    const std::string got = faults_with(lines);
    EXPECT_NE(got.find(wanted), std::string::npos) << lines << got;
    EXPECT_EQ(got.find('\n' + std::string("zone:")), std::string::npos) << "one of them says it: " << got;
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

TEST(ZoneGenerates, TakesNoMoreThanAFileCould) {
  const std::string strings = repeated(" " + std::string(250, 'x'), 4);
  const std::string large = faults_with("$GENERATE 1-65536 h$ TXT" + strings + strings + "\n");
  EXPECT_NE(large.find("zone:6:1: a zone has at most 64 MiB, with what $generate makes"), std::string::npos) << large;
  const std::string empty = faults_with("$GENERATE 1-65536 h$ TXT" + repeated(" \"\"", 1100) + "\n");
  EXPECT_NE(empty.find("at most 64 MiB"), std::string::npos) << "empty words take room as well: " << empty;
  // The same record again and again: one.
  const Reading rest("$GENERATE 1-65536 h TXT" + strings + "\n$INCLUDE a\n",
                     Files{{"a", std::string(limits::kMaxZoneOctets / 16, '\n')}});
  EXPECT_NE(rest.faults.find("zone:7:10: too large"), std::string::npos) << rest.faults;
}

TEST(ZoneBounds, AreOfNamesAsWell) {
  const std::string faults = faults_with("$GENERATE 1-65536 " + repeated("a.", 118) + "$ A 192.0.2.1\n");
  EXPECT_NE(faults.find(": a zone has at most 2000000 names, with those that only have others below them"),
            std::string::npos)
      << faults;
}

/// What is exactly as much as it may be is taken, and nothing beyond it.
TEST(ZoneBounds, AreThoseThatTheReaderIsTold) {
  const std::string text = std::string(kZoneHead) + "$GENERATE 1-9 $ TXT x\n";
  const std::size_t octets = text.size() + 9 * std::string("1 TXT x ").size();
  const std::size_t names = 2 + 9;  // the zone's own and ns1
  const auto faults = [&](std::size_t most_octets, std::size_t most_names) {
    config::Report report("zone", text);
    const bool read =
        read_master_file(text, name_of("example.com."), {"mine", most_octets, most_names}, report) != nullptr;
    EXPECT_EQ(read, report.empty());
    return report.text();
  };
  EXPECT_EQ(faults(octets, names), "");
  const std::pair<std::string, const char*> kFaults[] = {
      {faults(octets, names - 1), "zone:6:17: mine has at most 10 names, with those that only have others below them"},
      {faults(octets - 1, names), "zone:6:1: mine has at most 0 MiB, with what $generate makes"},
      {faults(text.size() - 1, names), "zone:1:1: mine has at most 0 MiB"},
  };
  for (const auto& [got, wanted] : kFaults) EXPECT_TRUE(got.starts_with(wanted)) << got;
}

TEST(ZoneGenerates, WritesNumbersInEveryBase) {
  const std::tuple<const char*, std::uint32_t, const char*> kFilled[] = {
      {"$", 7, "7"},
      {"a$b$", 12, "a12b12"},
      {"${5}", 7, "12"},
      {"${-7,3}", 7, "000"},
      {"${+1,2,o}", 7, "10"},
      {"${0,4,x}", 254, "00fe"},
      {"${0,0,X}", 254, "FE"},
      {"${0,0,n}", 0x1ab, "b.a.1"},
      {"${0,3,N}", 0xa, "A.0"},
      {"${0,4,n}", 1, "1.0."},
      {"\\$x$$", 1, "\\$x$"},
      {"", 1, ""},
      {"${2147483647}", INT32_MAX, "4294967294"},
  };
  for (const auto& [pattern, number, wanted] : kFilled) EXPECT_EQ(fill_in(pattern, number), wanted) << pattern;
  for (const char* wrong : {"${", "${}", "${x}", "${1,}", "${1,2,}", "${1,2,d", "${1,2,d,}", "${--1}", "${-1}"}) {
    EXPECT_EQ(fill_in(wrong, 0), std::nullopt) << wrong;
  }
  EXPECT_EQ(fill_in(std::string(5000, 'x'), 0), std::nullopt);
}

}  // namespace
}  // namespace ringway::dns

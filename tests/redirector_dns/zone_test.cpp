#include "redirector_dns/zone/zone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/random.h"
#include "base/text.h"
#include "redirector_dns/zone/zone_builder.h"
#include "redirector_dns/zone/zone_set.h"
#include "tests/redirector_dns/zone_support.h"

namespace ringway::dns {
namespace {

using Kind = Finding::Kind;

Kind kind_of(const Zone& zone, std::string_view name, RecordType type = RecordType::a) {
  return zone.find(name_of(name), type).kind;
}

TEST(Zone, TellsNodataFromNxdomain) {
  const auto zone = zone_with("www A 192.0.2.1\na.b.c TXT deep\n");
  EXPECT_EQ(kind_of(*zone, "www.example.com."), Kind::data);
  EXPECT_EQ(kind_of(*zone, "www.example.com.", RecordType::aaaa), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "example.com."), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "nothing.example.com."), Kind::nxdomain);
  EXPECT_EQ(kind_of(*zone, "below.www.example.com."), Kind::nxdomain);
  // Names that only lead to others (RFC 8020).
  EXPECT_EQ(kind_of(*zone, "c.example.com."), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "b.c.example.com."), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "x.b.c.example.com."), Kind::nxdomain);
}

TEST(Zone, AnswersAnAliasForEveryTypeButItself) {
  const auto zone = zone_with("alias CNAME www\n");
  EXPECT_EQ(kind_of(*zone, "alias.example.com."), Kind::cname);
  EXPECT_EQ(kind_of(*zone, "alias.example.com.", RecordType::cname), Kind::data);
  EXPECT_EQ(kind_of(*zone, "below.alias.example.com."), Kind::nxdomain);
}

TEST(Zone, RenamesAllBelowADname) {
  const auto zone = zone_with("old DNAME new.example.net.\nold TXT here\n*.old2 A 192.0.2.1\n");
  for (const char* name : {"www.old.example.com.", "a.b.old.example.com.", "*.old.example.com."}) {
    const Finding found = zone->find(name_of(name), RecordType::a);
    EXPECT_EQ(found.kind, Kind::dname) << name;
    EXPECT_EQ(found.owner_octets, name_of("old.example.com.").size());
    ASSERT_NE(found.rrset, nullptr);
    EXPECT_EQ(found.rrset->type, RecordType::dname);
  }
  EXPECT_EQ(kind_of(*zone, "old.example.com.", RecordType::txt), Kind::data) << "its own";
  EXPECT_EQ(kind_of(*zone, "old.example.com.", RecordType::dname), Kind::data);
  EXPECT_EQ(kind_of(*zone, "old.example.com.", RecordType::a), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "x.old2.example.com."), Kind::data);
  // The whole of a zone; its apex stays.
  const auto all = zone_of("$TTL 1h\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\n@ DNAME example.net.\n", "example.");
  EXPECT_EQ(kind_of(*all, "example.", RecordType::ns), Kind::data);
  EXPECT_EQ(all->find(name_of("a.example."), RecordType::a).owner_octets, name_of("example.").size());
}

// The zone and the questions of RFC 4592 §2.2.1.
TEST(Zone, ReadsWildcardsAsTheirRfcDoes) {
  const auto zone = zone_of(R"($TTL 3600
@ SOA ns. host. 1 2 3 4 5
@ NS ns.example.com.
@ NS ns.example.net.
* TXT "this is a wildcard"
* MX 10 host1.example.
sub.* TXT "this is not a wildcard"
host1 A 192.0.2.1
_ssh._tcp.host1 SRV 0 0 22 host1
_ssh._tcp.host2 SRV 0 0 22 host1
subdel NS ns.example.com.
subdel NS ns.example.net.
)",
                            "example.");
  EXPECT_EQ(kind_of(*zone, "host3.example.", RecordType::mx), Kind::data);
  EXPECT_EQ(kind_of(*zone, "host3.example.", RecordType::a), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "foo.bar.example.", RecordType::txt), Kind::data);
  EXPECT_EQ(kind_of(*zone, "host1.example.", RecordType::mx), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "sub.*.example.", RecordType::mx), Kind::nodata);
  EXPECT_EQ(kind_of(*zone, "_telnet._tcp.host1.example.", RecordType::srv), Kind::nxdomain);
  EXPECT_EQ(kind_of(*zone, "host.subdel.example.", RecordType::a), Kind::delegation);
  EXPECT_EQ(kind_of(*zone, "ghost.*.example.", RecordType::mx), Kind::nxdomain);
  EXPECT_EQ(kind_of(*zone, "*.example.", RecordType::txt), Kind::data) << "the wildcard itself may be asked for";
}

TEST(Zone, DelegatesAtTheFirstCut) {
  const auto zone = zone_with(
      "sub NS ns.sub\nsub NS ns.example.org.\nns.sub A 192.0.2.7\nns.sub AAAA 2001:db8::7\n"
      "deep.sub NS ns.example.org.\nsub DS 1 2 3 aa\n");
  for (const char* name : {"sub.example.com.", "ns.sub.example.com.", "x.deep.sub.example.com."}) {
    const Finding found = zone->find(name_of(name), RecordType::a);
    EXPECT_EQ(found.kind, Kind::delegation) << name;
    EXPECT_EQ(found.owner_octets, name_of("sub.example.com.").size());
    ASSERT_NE(found.rrset, nullptr);
    EXPECT_EQ(found.rrset->type, RecordType::ns);
  }
  EXPECT_EQ(kind_of(*zone, "sub.example.com.", RecordType::ns), Kind::delegation);
  EXPECT_EQ(kind_of(*zone, "sub.example.com.", RecordType::ds), Kind::data) << "the parent's own";
  EXPECT_EQ(kind_of(*zone, "x.sub.example.com.", RecordType::ds), Kind::delegation);
  EXPECT_NE(zone->find_address(name_of("NS.sub.example.com."), RecordType::aaaa), nullptr);
  EXPECT_EQ(zone->find_address(name_of("x.sub.example.com."), RecordType::a), nullptr);
  EXPECT_EQ(zone->find_address(name_of("ns.example.org."), RecordType::a), nullptr);
}

TEST(Zone, MayBeTheRoot) {
  const auto zone = zone_of("$TTL 1h\n. SOA a. b. 1 2 3 4 5\n. NS a.net.\na.net. A 192.0.2.1\ncom. NS a.net.\n", ".");
  EXPECT_EQ(kind_of(*zone, ".", RecordType::ns), Kind::data);
  EXPECT_EQ(kind_of(*zone, "x.com."), Kind::delegation);
  EXPECT_EQ(kind_of(*zone, "org."), Kind::nxdomain);
}

/// All rules of RFC 1034 §4.3.2 and RFC 4592 §3.3, on a map of texts, a word at a time.
class SlowZone {
 public:
  void add(const std::string& owner, RecordType type) { types_[owner].insert(type); }

  [[nodiscard]] Kind find(const std::string& name, RecordType type) const {
    if (const std::string cut = cut_above(name); !cut.empty() && !(cut == name && type == RecordType::ds))
      return Kind::delegation;
    for (std::string at = name; at != "example.com.";) {
      at = parent(at);
      const auto found = types_.find(at);
      if (found != types_.end() && found->second.contains(RecordType::dname)) return Kind::dname;
    }
    std::string source = name;
    if (!exists(name)) {
      std::string encloser = parent(name);
      while (!exists(encloser)) encloser = parent(encloser);
      source = "*." + encloser;
      if (!exists(source)) return Kind::nxdomain;
    }
    const auto found = types_.find(source);
    if (found == types_.end()) return Kind::nodata;
    if (found->second.contains(type)) return Kind::data;
    return found->second.contains(RecordType::cname) ? Kind::cname : Kind::nodata;
  }

 private:
  static std::string parent(const std::string& name) { return name.substr(name.find('.') + 1); }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::any_of(types_.begin(), types_.end(),
                       [&](const auto& entry) { return entry.first == name || entry.first.ends_with("." + name); });
  }
  [[nodiscard]] std::string cut_above(const std::string& name) const {
    std::string cut;
    for (std::string at = name; at != "example.com."; at = parent(at)) {
      const auto found = types_.find(at);
      if (found != types_.end() && found->second.contains(RecordType::ns)) cut = at;
    }
    return cut;
  }

  std::map<std::string, std::set<RecordType>> types_;
};

Octets rdata_of(RecordType type) {
  return type == RecordType::a     ? hex("c0000201")
         : type == RecordType::txt ? hex("0161")
         : type == RecordType::soa ? hex("0000"
                                         "00000001"
                                         "00000001"
                                         "00000001"
                                         "00000001"
                                         "00000001")
                                   : hex("016100");
}

TEST(Zone, FindsWhatASlowModelFinds) {
  SeededRandom random(7);
  const char* kWords[] = {"a", "b", "*", "aaaaaaaaa", "aaaaaaaab", "aaaaaaaa", "B"};
  const auto any_name = [&](std::uint64_t most) {
    std::string name = "example.com.";
    for (std::uint64_t labels = random.below(most + 1); labels > 0; --labels) {
      name = std::string(kWords[random.below(std::size(kWords))]) + "." + name;
    }
    return name;
  };
  const RecordType kTypes[] = {RecordType::a, RecordType::txt, RecordType::ns, RecordType::cname, RecordType::dname};
  std::map<Kind, std::size_t> seen;
  for (int round = 0; round < 1500; ++round) {
    config::Report report("zone", "");
    ZoneBuilder builder(name_of("example.com."), kFileZoneBounds, report);
    SlowZone slow;
    std::set<std::string> taken;
    std::set<std::string> renamed;  // of them
    const auto add = [&](const std::string& owner, RecordType type) {
      builder.add(name_of(owner), type, 60, rdata_of(type), {});
      slow.add(to_lower(owner), type);
    };
    add("example.com.", RecordType::soa);
    add("example.com.", RecordType::ns);
    taken.insert("example.com.");
    for (std::uint64_t records = random.below(8); records > 0; --records) {
      const std::string owner = any_name(4);
      const RecordType type = kTypes[random.below(std::size(kTypes))];
      if ((type == RecordType::ns || type == RecordType::dname) && owner[0] == '*') continue;
      const auto is_below = [&](const std::string& name) { return to_lower(owner).ends_with("." + name); };
      const auto is_above = [&](const std::string& name) { return name.ends_with("." + to_lower(owner)); };
      if (std::any_of(renamed.begin(), renamed.end(), is_below)) continue;
      if (type == RecordType::dname && std::any_of(taken.begin(), taken.end(), is_above)) continue;
      if (type == RecordType::dname && !taken.contains(to_lower(owner))) renamed.insert(to_lower(owner));
      if (taken.insert(to_lower(owner)).second) add(owner, type);
    }
    const auto zone = builder.build();
    ASSERT_NE(zone, nullptr) << report.text();
    for (int question = 0; question < 40; ++question) {
      const std::string name = to_lower(any_name(5));
      const RecordType type = random.below(8) == 0 ? RecordType::ds : kTypes[random.below(std::size(kTypes))];
      const Kind wanted = slow.find(name, type);
      ASSERT_EQ(kind_of(*zone, name, type), wanted) << name << " " << type_text(type);
      ++seen[wanted];
    }
  }
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [kind, count] : seen) EXPECT_GT(count, 300U) << static_cast<int>(kind);
}

TEST(Zone, HasEachRecordOnceWhereItFirstStood) {
  SeededRandom random(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> once;
    std::string lines;
    std::size_t others = 0;
    for (int i = 0; i < 300; ++i) {
      std::string data;  // few octets of few values, and none as well: many are equal, or begin alike
      for (std::uint64_t left = random.below(5); left > 0; --left) data += random.below(2) == 0 ? "00" : "ff";
      lines += "any TYPE65280 \\# " + std::to_string(data.size() / 2) + " " + data + "\n";
      if (std::find(once.begin(), once.end(), data) == once.end()) once.push_back(data);
      if (random.below(10) == 0) lines += "n" + std::to_string(others++) + " TYPE65280 \\# 1 00\n";
    }
    std::string wanted;
    for (const std::string& data : once)
      wanted += to_hex(std::array<std::uint8_t, 2>{0, static_cast<std::uint8_t>(data.size() / 2)}) + data;
    const auto zone = zone_with(lines);
    const Finding found = zone->find(name_of("any.example.com."), static_cast<RecordType>(65280));
    ASSERT_EQ(found.kind, Kind::data);
    EXPECT_EQ(to_hex(zone->records(*found.rrset)), wanted);
    EXPECT_EQ(zone->record_count(), 4 + once.size() + others);
  }
}

TEST(ZoneSet, FindsTheZoneWithTheLongestName) {
  const std::string_view text = "$TTL 1h\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\n";
  const auto set =
      ZoneSet::make({zone_of(text, "Example.com."), zone_of(text, "sub.example.com."), zone_of(text, "org.")});
  ASSERT_TRUE(set);
  const auto found = [&](std::string_view name, RecordType type = RecordType::a) {
    const std::size_t index = (*set)->find(name_of(name), type);
    return index == ZoneSet::kNoZone ? std::string() : (*set)->zones()[index]->apex().text();
  };
  EXPECT_EQ(found("example.com."), "Example.com.");
  EXPECT_EQ(found("www.example.com."), "Example.com.");
  EXPECT_EQ(found("x.y.sub.example.com."), "sub.example.com.");
  EXPECT_EQ(found("a.org."), "org.");
  EXPECT_EQ(found("com."), "");
  EXPECT_EQ(found("."), "");
  EXPECT_EQ(found("notexample.com."), "");
  EXPECT_EQ(found("sub.example.com.", RecordType::ds), "Example.com.");
  EXPECT_EQ(found("example.com.", RecordType::ds), "Example.com.");
  EXPECT_EQ(found("x.sub.example.com.", RecordType::ds), "sub.example.com.");
  EXPECT_FALSE(ZoneSet::make({zone_of(text, "a."), zone_of(text, "A.")}));
}

}  // namespace
}  // namespace ringway::dns

#include "redirector_dns/wire/message_writer.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "redirector_dns/limits.h"
#include "redirector_dns/wire/rdata.h"
#include "tests/redirector_dns/wire_support.h"

namespace ringway::dns {
namespace {

/// Data as the writer takes it: each behind its length.
Octets packed(std::initializer_list<Octets> all) {
  Octets out;
  for (const Octets& rdata : all) {
    append_u16(out, static_cast<std::uint16_t>(rdata.size()));
    append(out, rdata);
  }
  return out;
}

Octets name_rdata(std::string_view text) {
  const Name name = name_of(text);
  return {name.view().octets().begin(), name.view().octets().end()};
}

struct Fixture {
  explicit Fixture(std::string_view name, std::size_t room = 1232) : out(room) {
    message = QueryBuilder::of(name, RecordType::a).opt({}).octets();
    read_query(message, query);
  }

  /// All records, by section and in order, as a reader sees them.
  std::vector<std::string> records(std::size_t size) const {
    MessageReader reader(Bytes(out).first(size));
    Question question;
    EXPECT_TRUE(reader.question(question));
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < reader.header().records(); ++i) {
      Record record;
      EXPECT_TRUE(reader.record(record));
      if (record.type == RecordType::opt) continue;
      all.push_back(record.owner.text() + ' ' + std::to_string(record.ttl_s) + ' ' + type_text(record.type) + ' ' +
                    rdata_text(record.type, record.rdata));
    }
    EXPECT_TRUE(reader.at_end());
    return all;
  }

  Octets message;
  Query query;
  Octets out;
};

TEST(MessageWriter, EchoesTheQuestionAndItsFlags) {
  Fixture world("WwW.eXample.");
  MessageWriter writer(world.query, world.out, 0);
  const std::size_t size = writer.finish(Rcode::noerror, kFlagAuthoritative, nullptr);
  EXPECT_EQ(to_hex(Bytes(world.out).first(size)),
            "1234"
            "8500"
            "0001"
            "0000"
            "0000"
            "0000"
            "0357775707655861"
            "6d706c6500"
            "00010001");
}

TEST(MessageWriter, CompressesWhatMayBeCompressed) {
  Fixture world("www.Example.com.");
  MessageWriter writer(world.query, world.out, 0);
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(4), RecordType::ns, 60,
                         packed({name_rdata("a.ns.example.COM."), name_rdata("b.NS.example.com.")})));
  ASSERT_TRUE(writer.add(Section::additional, Owner::other(name_of("a.ns.example.com.")), RecordType::a, 60,
                         packed({{192, 0, 2, 1}})));
  ASSERT_TRUE(writer.add(Section::additional, Owner::other(name_of("c.ns.example.com.")), RecordType::srv, 60,
                         packed({hex("000100020003"
                                     "076578616d706c6503636f6d00")})));
  const std::size_t size = writer.finish(Rcode::noerror, 0, nullptr);
  EXPECT_EQ(world.records(size), (std::vector<std::string>{
                                     "Example.com. 60 NS a.ns.Example.com.",
                                     "Example.com. 60 NS b.ns.Example.com.",
                                     "a.ns.Example.com. 60 A 192.0.2.1",
                                     "c.ns.Example.com. 60 SRV 1 2 3 example.com.",
                                 }));
  const std::size_t question = 12 + 17 + 4;
  const std::size_t ns = 12 + 2 * 12 + (2 + 3 + 2) + (2 + 2);
  EXPECT_EQ(size, question + ns - 12 + (2 + 10 + 4) + (4 + 10 + 6 + 13)) << "SRV's name is not compressed";
}

TEST(MessageWriter, DoesNotPointAtANameThatOnlyHashesAlike) {
  Fixture world("a.");
  MessageWriter writer(world.query, world.out, 0);
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::ns, 1,
                         packed({name_rdata("b."), name_rdata("a.b."), name_rdata("b.a.")})));
  const std::size_t size = writer.finish(Rcode::noerror, 0, nullptr);
  EXPECT_EQ(world.records(size), (std::vector<std::string>{"a. 1 NS b.", "a. 1 NS a.b.", "a. 1 NS b.a."}));
}

TEST(MessageWriter, AddsAnRrSetWholeOrNotAtAll) {
  for (std::size_t room = limits::kMinDnsAnswerOctets; room < 900; ++room) {
    Fixture world("www.example.", room);
    MessageWriter writer(world.query, world.out, kOptHeaderOctets);
    std::size_t added = 0;
    for (unsigned set = 0; set < 4; ++set) {
      Octets records;
      for (unsigned i = 0; i < 8; ++i) {
        append(records, packed({name_rdata("host" + std::to_string(set * 8 + i) + ".example.")}));
      }
      added += writer.add(Section::authority, Owner::question(), RecordType::ns, 60, records) ? 8 : 0;
    }
    EdnsAnswer edns;
    const std::size_t size = writer.finish(Rcode::noerror, 0, &edns);
    ASSERT_LE(size, room);
    EXPECT_EQ(world.records(size).size(), added);
    EXPECT_GT(added, 0U);
  }
}

TEST(MessageWriter, LeavesOnlyTheQuestionWhereItTruncates) {
  Fixture world("www.example.");
  MessageWriter writer(world.query, world.out, kOptHeaderOctets);
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::ns, 1, packed({name_rdata("ns.example.")})));
  writer.truncate();
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::ns, 1, packed({name_rdata("ns.example.")})));
  writer.truncate();
  EdnsAnswer edns;
  const std::size_t size = writer.finish(Rcode::noerror, 0, &edns);
  EXPECT_EQ(size, kHeaderOctets + world.query.question.size() + kOptHeaderOctets);
  EXPECT_EQ(load_u16(world.out.data() + 2), 0x8300);
  EXPECT_TRUE(world.records(size).empty());
}

TEST(MessageWriter, PointsAtNothingThatWasTakenBack) {
  Fixture world("q.", limits::kMinDnsAnswerOctets);
  MessageWriter writer(world.query, world.out, 0);
  Octets too_much;
  for (int i = 0; i < 40; ++i) append(too_much, packed({name_rdata("host" + std::to_string(i) + ".example.")}));
  EXPECT_FALSE(writer.add(Section::answer, Owner::question(), RecordType::ns, 1, too_much));
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::txt, 1, packed({hex("0161")})));
  ASSERT_TRUE(
      writer.add(Section::answer, Owner::question(), RecordType::ns, 1, packed({name_rdata("host3.example.")})));
  EXPECT_EQ(world.records(writer.finish(Rcode::noerror, 0, nullptr)),
            (std::vector<std::string>{"q. 1 TXT \"a\"", "q. 1 NS host3.example."}));
  writer.truncate();
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::txt, 1, packed({hex("026162")})));
  ASSERT_TRUE(
      writer.add(Section::answer, Owner::question(), RecordType::ns, 1, packed({name_rdata("host3.example.")})));
  EXPECT_EQ(world.records(writer.finish(Rcode::noerror, 0, nullptr)),
            (std::vector<std::string>{"q. 1 TXT \"ab\"", "q. 1 NS host3.example."}));
}

TEST(MessageWriter, PointsNoFartherThanPointersReach) {
  Fixture world("q.", kMaxMessageOctets);
  MessageWriter writer(world.query, world.out, 0);
  Octets text;
  for (int i = 0; i < 70; ++i) append(text, packed({Octets(256, 255)}));
  ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::txt, 1, text));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(writer.add(Section::answer, Owner::question(), RecordType::ns, 1, packed({name_rdata("ns.example.")})));
  }
  const std::vector<std::string> records = world.records(writer.finish(Rcode::noerror, 0, nullptr));
  ASSERT_EQ(records.size(), 72U);
  EXPECT_EQ(records[70], "q. 1 NS ns.example.");
  EXPECT_EQ(records[71], "q. 1 NS ns.example.");
}

TEST(MessageWriter, WritesTheOptRecord) {
  Fixture world("a.");
  EdnsAnswer edns;
  const Octets nsid = {'n', '1'};
  const Octets cookie(24, 7);
  const Octets address = {198, 51, 100};
  edns.rcode_high = 1;
  edns.dnssec_ok = true;
  edns.nsid = nsid;
  edns.cookie = cookie;
  edns.keepalive_ds = 100;
  edns.subnet = ClientSubnet{1, 24, address};
  edns.scope_bits = 20;
  MessageWriter writer(world.query, world.out, edns_octets(edns));
  const std::size_t size = writer.finish(Rcode::badvers, 0, &edns);
  const std::size_t opt = kHeaderOctets + world.query.question.size();
  EXPECT_EQ(to_hex(Bytes(world.out).first(size).subspan(opt)),
            "00"
            "0029"
            "04d0"
            "01"
            "00"
            "8000"
            "0033"
            "00030002"
            "6e31"
            "000a0018" +
                to_hex(cookie) +
                "000b0002"
                "0064"
                "00080007"
                "0001"
                "18"
                "14"
                "c63364");
  EXPECT_EQ(load_u16(world.out.data() + 2) & kRcodeBits, 0) << "BADVERS is 16: its low bits are 0";
}

TEST(MessageWriter, ReadsBackAsItWasWritten) {
  SeededRandom random(5);
  const char* kLabels[] = {"a", "bb", "CCC", "a", "example", "Com", "x-y", "bb"};
  for (int round = 0; round < 3000; ++round) {
    const auto any_name = [&] {
      std::string text;
      for (std::uint64_t labels = random.below(5); labels > 0; --labels) {
        text += std::string(kLabels[random.below(std::size(kLabels))]) + '.';
      }
      return text.empty() ? std::string(".") : text;
    };
    Fixture world(any_name(), 2048);
    MessageWriter writer(world.query, world.out, 0);
    std::vector<std::string> wanted;
    for (std::uint64_t sets = 1 + random.below(30); sets > 0; --sets) {
      const std::string owner = any_name();
      const std::string target = any_name();
      if (!writer.add(Section::additional, Owner::other(name_of(owner)), RecordType::ns, 1,
                      packed({name_rdata(target)})))
        break;
      wanted.push_back(to_lower(owner + " 1 NS " + target));
    }
    std::vector<std::string> got = world.records(writer.finish(Rcode::noerror, 0, nullptr));
    for (std::string& record : got) record = to_lower(record);
    for (std::string& record : wanted) record = to_lower(record);
    ASSERT_EQ(got, wanted);
  }
}

}  // namespace
}  // namespace ringway::dns

#include "tmp_protocol/frame.h"

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/frame_reader.h"
#include "tmp_protocol/frame_writer.h"

namespace ringway::tmp {
namespace {

AckInfo ack_of(std::initializer_list<PacketRange> ranges) {
  AckInfo info;
  for (const PacketRange& range : ranges) info.ranges[info.count++] = range;
  return info;
}

std::map<std::string, Octets> frame_vectors() {
  std::map<std::string, Octets> frames;
  for (const auto& [name, octets] : wire_vectors()) {
    if (name.rfind("frame.", 0) == 0) frames[name.substr(6)] = octets;
  }
  return frames;
}

// What the reader says of one frame.
FrameReader read_vector(const std::string& name) {
  FrameReader reader(wire_vector("frame." + name));
  EXPECT_TRUE(reader.next()) << name << ": " << reader.fault();
  return reader;
}

TEST(FrameReader, ReadsTheLinkFramesOfTheVectors) {
  EXPECT_EQ(read_vector("crypto").crypto().epoch, 1U);
  EXPECT_EQ(read_vector("crypto").crypto().offset, 600U);
  EXPECT_EQ(as_text(read_vector("crypto").crypto().data), "client hello");
  EXPECT_EQ(read_vector("close").close().code, CloseCode::handshake);
  EXPECT_EQ(read_vector("close").close().reason, "refused");
  EXPECT_EQ(read_vector("goaway").goaway().last, 40U);
  EXPECT_EQ(read_vector("new_cookie").new_cookie().cookie.size(), 24U);
  EXPECT_EQ(read_vector("max_data").link_limit().limit, 48U << 20);
  EXPECT_EQ(read_vector("max_streams").link_limit().limit, 65536U);
  EXPECT_EQ(as_text(read_vector("path_challenge").path_proof().data), "question");
  EXPECT_EQ(read_vector("new_cid").new_cid().id.value, 0x0102030405060708U);
  EXPECT_EQ(read_vector("new_cid").new_cid().token[15], 15);
  EXPECT_EQ(read_vector("retire_cid").retire_cid().sequence, 2U);
  EXPECT_EQ(read_vector("path_status").path_status().state, PathState::standby);
  EXPECT_EQ(read_vector("ack_frequency").ack_frequency().packets, 32U);
  EXPECT_EQ(to_hex(read_vector("repair").repair().others), "0b80");
  EXPECT_EQ(read_vector("repair").repair().index, 2U);
  EXPECT_EQ(read_vector("repair").repair().first, 5000U);
  EXPECT_EQ(read_vector("recovered").recovered().packets, (PacketRange{5001, 5003}));
}

TEST(FrameReader, ReadsTheQualityOfTheVectors) {
  const DirectionQuality quality = read_vector("link_quality").link_quality();
  EXPECT_EQ(quality.packets_sent, 100000U);
  EXPECT_EQ(quality.packets_lost, 250U);
  EXPECT_EQ(quality.loss_1s_ppm, 2500U);
  EXPECT_EQ(quality.loss_30s_ppm, 1900U);
  EXPECT_EQ(quality.mean_burst_centi, 130U);
  EXPECT_EQ(quality.smoothed_rtt_us, 80123U);
  EXPECT_EQ(quality.min_rtt_us, 79000U);
  EXPECT_EQ(quality.queue_us, 950U);
  EXPECT_EQ(quality.window_packets, 640U);
  EXPECT_EQ(quality.hosted, 12U);
  EXPECT_EQ(quality.delivery_octets_per_s, 6250000U);
}

TEST(FrameReader, ReadsTheStreamFramesOfTheVectors) {
  EXPECT_EQ(read_vector("stream").stream().id, 8U);
  EXPECT_EQ(read_vector("stream").stream().offset, 0U);
  EXPECT_EQ(as_text(read_vector("stream").stream().data), "first");
  EXPECT_EQ(read_vector("stream").stream().fin, Fin::absent);
  EXPECT_EQ(read_vector("stream_fin").stream().offset, 1000U);
  EXPECT_EQ(read_vector("stream_fin").stream().fin, Fin::present);
  const FrameReader opening = read_vector("stream_open");
  EXPECT_EQ(opening.stream_open().kind, StreamKind::http);
  EXPECT_EQ(opening.stream_open().ring, 2);
  EXPECT_EQ(opening.stream_open().connection, 77U);
  EXPECT_EQ(opening.stream_open().site, "shop");
  EXPECT_EQ(read_vector("reset_stream").reset_stream().code, 1U);
  EXPECT_EQ(read_vector("reset_stream").reset_stream().final_size, 123456U);
  EXPECT_EQ(read_vector("stop_sending").stop_sending().code, 8U);
  EXPECT_EQ(read_vector("priority_update").priority_update().ring, 4);
  EXPECT_EQ(read_vector("max_stream_data").stream_limit().limit, 16U << 20);
}

TEST(FrameReader, ReadsTheAcknowledgementsOfTheVectors) {
  AckInfo info;
  const FrameReader plain = read_vector("ack");
  plain.ack_info(info);
  EXPECT_EQ(info.delay, std::chrono::microseconds(25));
  ASSERT_EQ(info.count, 3U);
  EXPECT_EQ(info.ranges[0], (PacketRange{1000, 1000}));
  EXPECT_EQ(info.ranges[1], (PacketRange{989, 998}));
  EXPECT_EQ(info.ranges[2], (PacketRange{389, 489}));
  EXPECT_TRUE(well_formed(info));
  EXPECT_FALSE(info.ecn.any());
  const FrameReader ecn = read_vector("ack_ecn");
  ecn.ack_info(info);
  EXPECT_EQ(ecn.ack().path, 1U);
  ASSERT_EQ(info.count, 1U);
  EXPECT_EQ(info.ranges[0], (PacketRange{1, 70000}));
  EXPECT_EQ(info.ecn, (EcnCounts{1, 20, 300}));
}

TEST(FrameWriter, WritesTheVectorsAgain) {
  for (const auto& [name, octets] : frame_vectors()) {
    if (name == "padding") continue;
    FrameReader reader(octets);
    ASSERT_TRUE(reader.next()) << name;
    EXPECT_EQ(frame_name(reader.type()).empty(), false);
    Octets out(octets.size());
    FrameWriter writer(out);
    ASSERT_TRUE(write_again(reader, writer)) << name;
    EXPECT_EQ(to_hex(writer.written()), to_hex(octets)) << name;
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.malformed());
  }
}

// Each frame in every room that is too small for it: refused, and nothing written.
TEST(FrameWriter, WritesAWholeFrameOrNothing) {
  for (const auto& [name, octets] : frame_vectors()) {
    if (name == "padding" || name == "ack") continue;
    FrameReader reader(octets);
    ASSERT_TRUE(reader.next());
    for (std::size_t room = 0; room < octets.size(); ++room) {
      Octets out(room);
      FrameWriter writer(out);
      EXPECT_FALSE(write_again(reader, writer)) << name << ' ' << room;
      EXPECT_EQ(writer.size(), 0U);
    }
  }
}

// Every frame cut at every octet is malformed, except where what is left is another whole frame.
TEST(FrameReader, RefusesEveryCut) {
  for (const auto& [name, octets] : frame_vectors()) {
    if (name == "padding") continue;
    for (std::size_t size = 1; size < octets.size(); ++size) {
      FrameReader reader(Bytes(octets).first(size));
      EXPECT_FALSE(reader.next()) << name << ' ' << size;
      EXPECT_TRUE(reader.malformed());
      EXPECT_FALSE(reader.fault().empty());
      EXPECT_FALSE(reader.next()) << "nothing follows a fault";
    }
  }
}

TEST(FrameReader, ReadsAPacketOfAllFramesInOrder) {
  Octets packet;
  std::vector<FrameType> expected;
  for (const auto& [name, octets] : frame_vectors()) {
    packet.insert(packet.end(), octets.begin(), octets.end());
    FrameReader one(octets);
    ASSERT_TRUE(one.next());
    expected.push_back(one.type());
  }
  std::vector<FrameType> found;
  FrameReader reader(packet);
  while (reader.next()) found.push_back(reader.type());
  EXPECT_FALSE(reader.malformed()) << reader.fault();
  EXPECT_EQ(found, expected);
}

TEST(FrameReader, TakesAnEmptyPacket) {
  FrameReader reader({});
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

TEST(FrameReader, RefusesUnknownTypes) {
  for (const int type : {0x04, 0x07, 0x0c, 0x0f, 0x1c, 0x1f, 0x26, 0x2d, 0x33, 0x3b, 0x3f}) {
    const Octets octets = {static_cast<std::uint8_t>(type), 0, 0, 0, 0, 0, 0, 0, 0};
    FrameReader reader(octets);
    EXPECT_FALSE(reader.next()) << type;
    EXPECT_EQ(reader.fault(), "unknown frame type") << type;
  }
  const Octets two_octets = {0x7f, 0xff};
  FrameReader reader(two_octets);
  EXPECT_FALSE(reader.next());
}

void expect_malformed(std::string_view hex) {
  const Octets octets = from_hex(hex);
  FrameReader reader(octets);
  EXPECT_FALSE(reader.next()) << hex;
  EXPECT_TRUE(reader.malformed()) << hex;
}

struct SenselessFrame {
  const char* hex;
  const char* fault;
};

constexpr SenselessFrame kSenselessFrames[] = {
    {"020005000006", "ACK: first range below zero"},
    {"0200050001000400", "ACK: gap below zero"},
    {"0200050001000103", "ACK: second range below zero"},
    {"0200010001000000", "ACK: no number left for a second range"},
    {"180802024d0473686f70", "STREAM_OPEN: unknown kind"},
    {"18080005404d0473686f70", "STREAM_OPEN: unknown ring"},
    {"1b0805", "PRIORITY_UPDATE: unknown ring"},
    {"2c010303", "PATH_STATUS: unknown state"},
    {"380001000300", "REPAIR: no such row"},
    {"38000119000000000000000000000000000000000000000000000000000000", "REPAIR: too many others"},
    {"3800ffffffffffffffff000000", "REPAIR: beyond the last number"},
    {"0b00", "NEW_COOKIE: none"},
    {"1608ffffffffffffffff0161", "STREAM: beyond the last offset"},
    {"0800ffffffffffffffff0161", "CRYPTO: beyond the last offset"},
    {"1908c00000010000000000", "RESET_STREAM: code above 32 bits"},
    {"3900ffffffffffffffff01", "RECOVERED: beyond the last number"},
};

TEST(FrameReader, RefusesSenselessFields) {
  for (const SenselessFrame& frame : kSenselessFrames) {
    SCOPED_TRACE(frame.fault);
    expect_malformed(frame.hex);
  }
}

TEST(FrameReader, RefusesATooLongSiteAndReason) {
  Octets open = {0x18, 8, 0, 2, 0, 0x40, 0x40};
  open.resize(open.size() + 64, 'a');
  FrameReader reader(open);
  EXPECT_FALSE(reader.next());
  Octets close = {0x09, 0, 0x41, 0x01};
  close.resize(close.size() + kMaxCloseReasonOctets + 1, 'a');
  FrameReader second(close);
  EXPECT_FALSE(second.next());
}

TEST(FrameReader, TakesTheRestOfThePacketForAStreamWithoutLength) {
  const Octets octets = octets_of("\x11\x08the rest");
  FrameReader reader(octets);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(as_text(reader.stream().data), "the rest");
  EXPECT_EQ(reader.stream().fin, Fin::present);
  EXPECT_FALSE(reader.next());
}

TEST(FrameReader, KeepsTheHighestRangesOfALongAcknowledgement) {
  Octets frame = {0x02, 0, 0x47, 0xd0, 0, 0x40, 200, 0};
  for (int range = 0; range < 200; ++range) frame.insert(frame.end(), {0, 0});
  FrameReader reader(frame);
  ASSERT_TRUE(reader.next()) << reader.fault();
  AckInfo info;
  reader.ack_info(info);
  EXPECT_EQ(info.count, limits::kMaxAckRanges);
  EXPECT_EQ(info.largest(), 2000U);
  EXPECT_EQ(info.ranges[63], (PacketRange{2000 - 126, 2000 - 126}));
  EXPECT_TRUE(well_formed(info));
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

TEST(FrameReader, CarriesRandomAcknowledgements) {
  SeededRandom random(11);
  for (int round = 0; round < 2000; ++round) {
    AckInfo info;
    std::uint64_t at = 1'000'000'000 + random.below(1ULL << (1 + random.below(40)));
    info.count = 1 + random.below(limits::kMaxAckRanges);
    for (std::size_t index = 0; index < info.count; ++index) {
      const std::uint64_t last = at;
      at -= random.below(1U << random.below(20));
      info.ranges[index] = {at, last};
      at -= 2 + random.below(1U << random.below(14));
    }
    info.delay = std::chrono::microseconds(random.below(100000));
    info.ecn = {random.below(2), random.below(1 << 20), random.below(2)};
    Octets out(1443);
    FrameWriter writer(out);
    ASSERT_TRUE(writer.ack(3, info));
    FrameReader reader(writer.written());
    ASSERT_TRUE(reader.next()) << reader.fault();
    AckInfo read;
    reader.ack_info(read);
    EXPECT_EQ(reader.ack().path, 3U);
    EXPECT_EQ(read.delay, info.delay);
    EXPECT_EQ(read.ecn, info.ecn);
    ASSERT_EQ(read.count, info.count);
    EXPECT_TRUE(std::equal(read.list().begin(), read.list().end(), info.list().begin()));
    EXPECT_FALSE(reader.next());
  }
}

TEST(FrameWriter, LeavesOutLowRangesWhereRoomIsShort) {
  const AckInfo info = ack_of({{900, 1000}, {700, 800}, {100, 600}, {1, 10}});
  std::size_t most = 0;
  for (std::size_t room = 0; room < 30; ++room) {
    Octets out(room);
    FrameWriter writer(out);
    if (!writer.ack(0, info)) {
      EXPECT_EQ(writer.size(), 0U);
      EXPECT_EQ(most, 0U) << "more room, but no longer written";
      continue;
    }
    FrameReader reader(writer.written());
    ASSERT_TRUE(reader.next());
    AckInfo read;
    reader.ack_info(read);
    EXPECT_GE(read.count, most);
    most = read.count;
    EXPECT_EQ(read.largest(), 1000U);
  }
  EXPECT_EQ(most, 4U);
}

TEST(FrameWriter, JoinsSubPacketsUnderOneStreamHeader) {
  Octets out(100);
  FrameWriter writer(out);
  ASSERT_TRUE(writer.ping());
  ASSERT_TRUE(writer.begin_stream(4, 70000));
  EXPECT_EQ(writer.size(), 1 + FrameWriter::stream_overhead(4, 70000));
  writer.add(octets_of("one,"));
  writer.add(octets_of("two,"));
  copy_bytes(octets_of("three"), writer.place());
  writer.advance(5);
  writer.end_stream(Fin::present);
  ASSERT_TRUE(writer.begin_stream(6, 0));
  EXPECT_EQ(FrameWriter::stream_overhead(6, 0), 4U);
  writer.add(octets_of("x"));
  writer.end_stream(Fin::absent);

  FrameReader reader(writer.written());
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.stream().id, 4U);
  EXPECT_EQ(reader.stream().offset, 70000U);
  EXPECT_EQ(as_text(reader.stream().data), "one,two,three");
  EXPECT_EQ(reader.stream().fin, Fin::present);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(as_text(reader.stream().data), "x");
  EXPECT_EQ(reader.stream().fin, Fin::absent);
  EXPECT_FALSE(reader.next());
}

TEST(FrameWriter, BeginsNoStreamWithoutRoomForItsData) {
  for (std::size_t room = 0; room < 10; ++room) {
    Octets out(room);
    FrameWriter writer(out);
    EXPECT_EQ(writer.begin_stream(4, 0), room >= 5) << room;
    FrameWriter fin(out);
    EXPECT_EQ(fin.begin_stream(4, 0, 0), room >= 4) << room;
  }
}

TEST(FrameWriter, PadsNoFurtherThanItsRoom) {
  Octets out(10, 0xff);
  FrameWriter writer(MutableBytes(out).first(8));
  writer.padding(3);
  EXPECT_EQ(writer.size(), 3U);
  writer.padding(100);
  EXPECT_EQ(writer.size(), 8U);
  EXPECT_EQ(out[7], 0);
  EXPECT_EQ(out[8], 0xff);
  writer.truncate(2);
  EXPECT_EQ(writer.room(), 6U);
}

TEST(Frame, TellsWhatAsksForAnAcknowledgement) {
  EXPECT_FALSE(elicits_ack(FrameType::ack));
  EXPECT_FALSE(elicits_ack(FrameType::padding));
  EXPECT_FALSE(elicits_ack(FrameType::close));
  EXPECT_TRUE(elicits_ack(FrameType::ping));
  EXPECT_TRUE(elicits_ack(FrameType::stream));
  EXPECT_TRUE(allowed_in_handshake(FrameType::crypto));
  EXPECT_FALSE(allowed_in_handshake(FrameType::stream));
}

// Whatever stands in a packet: an end, no fault of memory, and what was read can be written and read again.
TEST(FrameReader, EndsOnAnyOctets) {
  SeededRandom random(21);
  std::vector<Octets> frames;
  for (const auto& [name, octets] : frame_vectors()) frames.push_back(octets);
  for (int round = 0; round < 20000; ++round) {
    Octets packet;
    while (packet.size() < 80) {
      const Octets& frame = frames[random.below(frames.size())];
      packet.insert(packet.end(), frame.begin(), frame.end());
    }
    for (std::uint64_t change = random.below(4); change > 0; --change) {
      packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.next());
    }
    FrameReader reader(packet);
    while (reader.next()) {
      Octets out(2000);
      FrameWriter writer(out);
      ASSERT_TRUE(write_again(reader, writer));
      FrameReader again(writer.written());
      ASSERT_TRUE(again.next());
      ASSERT_EQ(again.type(), reader.type());
    }
  }
}

}  // namespace
}  // namespace ringway::tmp

// Whole packets against docs/tmp_vectors.txt, which another implementation wrote (make_vectors.py).

#include <gtest/gtest.h>

#include "tests/tmp_protocol/wire_support.h"
#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/packet_protection.h"
#include "tmp_protocol/tls_peer.h"

namespace ringway::tmp {
namespace {

constexpr std::uint32_t kKnown[] = {kVersion1};

ConnectionId id_of(const std::string& name) { return ConnectionId::read(wire_vector(name).data()); }

AuthorityMac vector_mac() {
  Digest key;
  copy_bytes(wire_vector("mac_key"), key.data());
  return AuthorityMac({key});
}

Secret secret_of(const std::string& name) {
  Secret secret;
  copy_bytes(wire_vector(name), secret.octets.data());
  return secret;
}

LongHeader header_of(PacketKind kind, ConnectionId destination, ConnectionId source) {
  LongHeader header;
  header.kind = kind;
  header.destination = destination;
  header.source = source;
  header.number = 2;
  return header;
}

TEST(WireVectors, SealTheInitialPacket) {
  LongHeader header = header_of(PacketKind::initial, id_of("first_destination"), id_of("client_id"));
  header.cookie = wire_vector("cookie");
  Octets packet(1200);
  const std::size_t size = write_long_header(header, packet);
  FrameWriter frames(MutableBytes(packet).subspan(size, packet.size() - size - kTagOctets - kMacOctets));
  const Octets hello = octets_of("client hello");
  ASSERT_TRUE(frames.crypto({0, 0, hello}));
  frames.padding(frames.room());
  const HandshakeKeys keys(kVersion1, header.destination, End::client);
  ASSERT_TRUE(keys.seal(MutableBytes(packet).first(packet.size() - kMacOctets), size, header.number));
  vector_mac().sign(packet);
  EXPECT_EQ(to_hex(packet), to_hex(wire_vector("packet.initial")));
}

TEST(WireVectors, OpenTheInitialPacket) {
  Octets packet = wire_vector("packet.initial");
  EXPECT_TRUE(vector_mac().verify(packet));
  const auto read = read_long_packet(packet, kKnown);
  ASSERT_TRUE(read);
  const HandshakeKeys keys(kVersion1, read->header.destination, End::server);
  const auto frames = keys.open(packet, *read);
  ASSERT_TRUE(frames);
  FrameReader reader(*frames);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(as_text(reader.crypto().data), "client hello");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.type(), FrameType::padding);
  EXPECT_FALSE(reader.next());
}

TEST(WireVectors, OpenTheHandshakePacket) {
  Octets packet = wire_vector("packet.handshake");
  const auto read = read_long_packet(packet, kKnown);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.source, id_of("server_id"));
  const HandshakeKeys keys(kVersion1, id_of("first_destination"), End::client);
  const auto frames = keys.open(packet, *read);
  ASSERT_TRUE(frames);
  FrameReader reader(*frames);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(as_text(reader.crypto().data), "server hello");
}

TEST(WireVectors, WriteTheAnswers) {
  LongHeader header = header_of(PacketKind::retry, id_of("client_id"), id_of("first_destination"));
  header.cookie = wire_vector("cookie");
  Octets out(kMaxAnswerOctets);
  std::size_t size = write_retry(header, out);
  vector_mac().sign(MutableBytes(out).first(size));
  EXPECT_EQ(to_hex(Bytes(out).first(size)), to_hex(wire_vector("packet.retry")));

  const std::vector<std::uint32_t> versions = {2, 1};
  size = write_version(id_of("client_id"), id_of("first_destination"), versions, out);
  vector_mac().sign(MutableBytes(out).first(size));
  EXPECT_EQ(to_hex(Bytes(out).first(size)), to_hex(wire_vector("packet.version")));
}

TEST(WireVectors, DeriveTheSecrets) {
  const LinkSecrets secrets = derive_link_secrets(Suite::aes_128_gcm, secret_of("exported"));
  EXPECT_EQ(to_hex(secrets.client.bytes()), to_hex(wire_vector("client_secret")));
  EXPECT_EQ(to_hex(secrets.server.bytes()), to_hex(wire_vector("server_secret")));
}

TEST(WireVectors, BindTheKeys) {
  const KeyBinding binding = {2, 3, id_of("first_destination"), id_of("client_id"), id_of("server_id")};
  const Octets& settings = wire_vector("settings");
  EXPECT_EQ(to_hex(key_context(binding, settings, settings)), to_hex(wire_vector("key_context")));
}

void expect_data_packets(Suite suite, const std::string& name) {
  constexpr std::uint32_t kPath = 7;
  constexpr std::uint64_t kNumber = (1ULL << 32) + 5;
  SealingKeys sealing(suite, secret_of("client_secret"));
  OpeningKeys opening(suite, secret_of("client_secret"));
  for (const int phase : {0, 1}) {
    if (phase == 1) sealing.next_phase();
    const Octets& expected = wire_vector("packet." + name + "." + std::to_string(phase));
    Octets packet(expected.size());
    FrameWriter frames(MutableBytes(packet).subspan(kDataHeaderOctets, packet.size() - kDataOverheadOctets));
    const Octets text = octets_of("ringway");
    ASSERT_TRUE(frames.stream({8, 0, text, Fin::absent}));
    ASSERT_TRUE(sealing.seal(packet, id_of("client_id"), kPath, kNumber));
    EXPECT_EQ(to_hex(packet), to_hex(expected));

    ReplayWindow window;
    window.take(kNumber - 100);
    const OpenedPacket opened = opening.open(packet, kPath, window);
    ASSERT_EQ(opened.status, OpenStatus::opened);
    EXPECT_EQ(opened.number, kNumber);
    EXPECT_EQ(opened.step, phase == 0 ? KeyStep::none : KeyStep::phase);
    FrameReader reader(opened.frames);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(as_text(reader.stream().data), "ringway");
  }
}

TEST(WireVectors, SealDataPacketsWithAes) { expect_data_packets(Suite::aes_128_gcm, "aes"); }

TEST(WireVectors, SealDataPacketsWithChaCha) { expect_data_packets(Suite::chacha20_poly1305, "chacha"); }

}  // namespace
}  // namespace ringway::tmp

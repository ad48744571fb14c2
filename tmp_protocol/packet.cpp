#include "tmp_protocol/packet.h"

#include <cassert>

namespace ringway::tmp {

namespace {

constexpr std::uint8_t kLongForm = 0xc0;
constexpr std::size_t kInvariantOctets = 21;  // first octet, version and both IDs: the same in every version
constexpr std::size_t kNumberOctets = 4;

bool has_cookie(PacketKind kind) { return kind == PacketKind::initial || kind == PacketKind::retry; }

bool has_frames(PacketKind kind) { return kind == PacketKind::initial || kind == PacketKind::handshake; }

bool has_mac(PacketKind kind) { return kind != PacketKind::handshake; }

bool read_version_list(LongPacket& packet, Bytes rest) {
  if (packet.header.version != 0 || rest.empty() || rest.size() % 4 != 0 || rest.size() > 4 * kMaxVersions)
    return false;
  packet.versions = rest;
  return true;
}

bool read_cookie(LongHeader& header, Bytes& rest) {
  if (rest.size() < 2) return false;
  const std::size_t octets = load_u16(rest.data());
  if (octets > kMaxCookieOctets || rest.size() < 2 + octets) return false;
  header.cookie = rest.subspan(2, octets);
  rest = rest.subspan(2 + octets);
  return true;
}

// What stands behind the invariant part, the MAC taken off.
bool read_body(LongPacket& packet, Bytes rest) {
  LongHeader& header = packet.header;
  if (header.kind == PacketKind::version) return read_version_list(packet, rest);
  if (has_cookie(header.kind) && !read_cookie(header, rest)) return false;
  if (!has_frames(header.kind)) return rest.empty() && !header.cookie.empty();
  if (rest.size() < kNumberOctets + kTagOctets) return false;
  header.number = load_u32(rest.data());
  packet.protected_octets = rest.size() - kNumberOctets;
  return true;
}

std::uint8_t* write_invariant(const LongHeader& header, std::uint8_t* at) {
  *at = static_cast<std::uint8_t>(kLongForm | (static_cast<unsigned>(header.kind) << 4));
  store_u32(at + 1, header.version);
  header.destination.write(at + 5);
  header.source.write(at + 5 + kConnectionIdOctets);
  return at + kInvariantOctets;
}

std::uint8_t* write_cookie(Bytes cookie, std::uint8_t* at) {
  assert(cookie.size() <= kMaxCookieOctets);
  store_u16(at, static_cast<std::uint16_t>(cookie.size()));
  copy_bytes(cookie, at + 2);
  return at + 2 + cookie.size();
}

}  // namespace

std::optional<LongPacket> read_long_packet(Bytes datagram, Versions known) {
  LongPacket packet;
  if (datagram.size() < kInvariantOctets || (datagram[0] & 0xcf) != kLongForm) return std::nullopt;
  packet.header.kind = static_cast<PacketKind>((datagram[0] >> 4) & 3);
  const std::size_t tail = has_mac(packet.header.kind) ? kMacOctets : 0;
  if (datagram.size() < kInvariantOctets + tail) return std::nullopt;
  packet.header.version = load_u32(datagram.data() + 1);
  packet.header.destination = ConnectionId::read(datagram.data() + 5);
  packet.header.source = ConnectionId::read(datagram.data() + 5 + kConnectionIdOctets);
  if (packet.header.kind != PacketKind::version && !contains(known, packet.header.version)) return packet;
  if (!read_body(packet, datagram.subspan(kInvariantOctets, datagram.size() - kInvariantOctets - tail))) {
    return std::nullopt;
  }
  packet.header_octets = datagram.size() - tail - packet.protected_octets;
  return packet;
}

std::vector<std::uint32_t> listed_versions(const LongPacket& packet) {
  std::vector<std::uint32_t> versions;
  for (std::size_t at = 0; at < packet.versions.size(); at += 4) {
    versions.push_back(load_u32(packet.versions.data() + at));
  }
  return versions;
}

std::size_t long_header_octets(const LongHeader& header) {
  return kInvariantOctets + (has_cookie(header.kind) ? 2 + header.cookie.size() : 0) +
         (has_frames(header.kind) ? kNumberOctets : 0);
}

std::size_t write_long_header(const LongHeader& header, MutableBytes out) {
  assert(out.size() >= long_header_octets(header));
  std::uint8_t* at = write_invariant(header, out.data());
  if (has_cookie(header.kind)) at = write_cookie(header.cookie, at);
  if (has_frames(header.kind)) {
    store_u32(at, header.number);
    at += kNumberOctets;
  }
  return static_cast<std::size_t>(at - out.data());
}

std::size_t write_retry(const LongHeader& header, MutableBytes out) {
  assert(header.kind == PacketKind::retry && !header.cookie.empty());
  return write_long_header(header, out) + kMacOctets;
}

std::size_t write_version(ConnectionId destination, ConnectionId source, Versions versions, MutableBytes out) {
  LongHeader header;
  header.kind = PacketKind::version;
  header.version = 0;
  header.destination = destination;
  header.source = source;
  assert(!versions.empty() && versions.size() <= kMaxVersions && out.size() >= kMaxAnswerOctets);
  std::uint8_t* at = write_invariant(header, out.data());
  for (const std::uint32_t version : versions) {
    store_u32(at, version);
    at += 4;
  }
  return static_cast<std::size_t>(at - out.data()) + kMacOctets;
}

std::optional<ConnectionId> data_destination(Bytes datagram) {
  if (datagram.size() < kDataOverheadOctets || (datagram[0] & 0xe0) != 0x40) return std::nullopt;
  return ConnectionId::read(datagram.data() + 1);
}

std::uint64_t expand_number(std::uint32_t wire, std::uint64_t expected) {
  constexpr std::uint64_t kSpan = 1ULL << 32;
  const std::uint64_t candidate = (expected & ~(kSpan - 1)) | wire;
  if (candidate + kSpan / 2 <= expected) return candidate + kSpan;
  if (candidate > expected + kSpan / 2 && candidate >= kSpan) return candidate - kSpan;
  return candidate;
}

}  // namespace ringway::tmp

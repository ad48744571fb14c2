#pragma once
// What stands before the frames of a packet (docs/tmp.md, "Packets"). One UDP datagram is one packet.
//
//   data       [010EEPP0][destination 8][number 4][frames][tag 16]
//   INITIAL    [11000000][version 4][destination 8][source 8][cookie 2+n][number 4][frames][tag 16][MAC 16]
//   RETRY      [11010000][version 4][destination 8][source 8][cookie 2+n][MAC 16]
//   HANDSHAKE  [11100000][version 4][destination 8][source 8][number 4][frames][tag 16]
//   VERSION    [11110000][0 4]      [destination 8][source 8][version 4]...[MAC 16]
//
// EE is the epoch and PP the key phase, both modulo 4; the low five bits and the number of a data packet are masked.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "tmp_protocol/connection_id.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/version.h"

namespace ringway::tmp {

/// The client made the link; it is the client of the TLS handshake as well.
enum class End : std::uint8_t { client, server };

inline constexpr std::size_t kDataHeaderOctets = 13;
inline constexpr std::size_t kDataOverheadOctets = kDataHeaderOctets + kTagOctets;
inline constexpr std::size_t kMacOctets = KeyedMac::kOctets;
inline constexpr std::size_t kMaxCookieOctets = 64;
inline constexpr std::size_t kMaxVersions = 16;

enum class PacketKind : std::uint8_t { initial = 0, retry = 1, handshake = 2, version = 3 };

/// The header of a packet that is not a data packet.
struct LongHeader {
  PacketKind kind = PacketKind::initial;
  std::uint32_t version = kVersion1;  // 0 in VERSION
  ConnectionId destination;
  ConnectionId source;
  Bytes cookie;              // INITIAL and RETRY; at most kMaxCookieOctets
  std::uint32_t number = 0;  // INITIAL and HANDSHAKE
};

/// One that was received. Its spans lie in the datagram.
struct LongPacket {
  LongHeader header;
  std::size_t header_octets = 0;     // what the AEAD authenticates besides the frames
  std::size_t protected_octets = 0;  // frames and tag behind the header; INITIAL and HANDSHAKE
  Bytes versions;                    // VERSION: four octets each
};

[[nodiscard]] inline bool is_long(Bytes datagram) { return !datagram.empty() && (datagram[0] & 0x80) != 0; }

/// Nothing where the datagram is cut or malformed. The version-independent part is checked alone where the version is
/// not in `known`: then only kind, version and the IDs are set.
[[nodiscard]] std::optional<LongPacket> read_long_packet(Bytes datagram, Versions known);
/// The versions that a VERSION packet lists.
[[nodiscard]] std::vector<std::uint32_t> listed_versions(const LongPacket& packet);

[[nodiscard]] std::size_t long_header_octets(const LongHeader& header);
/// Returns long_header_octets(header), which `out` has room for.
std::size_t write_long_header(const LongHeader& header, MutableBytes out);

/// Room for these, MAC included.
inline constexpr std::size_t kMaxAnswerOctets = 21 + 2 + kMaxCookieOctets + 4 * kMaxVersions + kMacOctets;
/// A RETRY or VERSION packet without its MAC, for which kMacOctets of room stay at the end. Returns the datagram's
/// size. `versions` are at most kMaxVersions; `out` holds kMaxAnswerOctets.
std::size_t write_retry(const LongHeader& header, MutableBytes out);
std::size_t write_version(ConnectionId destination, ConnectionId source, Versions versions, MutableBytes out);

/// The connection ID of a data packet; nothing where the datagram is too short to be one or is another kind.
[[nodiscard]] std::optional<ConnectionId> data_destination(Bytes datagram);

/// The packet number whose low 32 bits are `wire`, nearest to `expected` (RFC 9000 appendix A.3).
[[nodiscard]] std::uint64_t expand_number(std::uint32_t wire, std::uint64_t expected);

}  // namespace ringway::tmp

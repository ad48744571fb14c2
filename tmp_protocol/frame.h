#pragma once
// The frames inside packets (docs/tmp.md, "Frames"): small values, spans into the packet they were read from.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "tmp_protocol/ack_ranges.h"
#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/connection_id.h"
#include "tmp_protocol/fin.h"
#include "tmp_protocol/link.h"
#include "tmp_protocol/link_quality.h"
#include "tmp_protocol/path.h"

namespace ringway::tmp {

/// Client-made streams are even, server-made ones odd; ids of each count up and are never used again.
using StreamId = std::uint64_t;

enum class FrameType : std::uint8_t {
  padding = 0x00,
  ping = 0x01,
  ack = 0x02,  // 0x03: with ECN counts
  crypto = 0x08,
  close = 0x09,
  goaway = 0x0a,
  new_cookie = 0x0b,
  stream = 0x10,  // to 0x17: 4 offset, 2 length, 1 FIN
  stream_open = 0x18,
  reset_stream = 0x19,
  stop_sending = 0x1a,
  priority_update = 0x1b,
  max_data = 0x20,
  max_stream_data = 0x21,
  max_streams = 0x22,
  data_blocked = 0x23,
  stream_data_blocked = 0x24,
  streams_blocked = 0x25,
  path_challenge = 0x28,
  path_response = 0x29,
  new_cid = 0x2a,
  retire_cid = 0x2b,
  path_status = 0x2c,
  link_quality = 0x30,
  ack_frequency = 0x31,
  immediate_ack = 0x32,
  repair = 0x38,
  recovered = 0x39,
  guarded = 0x3a,
};

/// "STREAM_OPEN" and so on.
[[nodiscard]] std::string_view frame_name(FrameType type);
/// Whether a packet with such a frame asks for an acknowledgement.
[[nodiscard]] bool elicits_ack(FrameType type);
/// Whether INITIAL and HANDSHAKE packets may carry it.
[[nodiscard]] bool allowed_in_handshake(FrameType type);

/// Read with FrameReader::ack(), written from an AckInfo.
struct AckHeader {
  std::uint64_t path = 0;  // whose packets it acknowledges
  std::uint64_t largest = 0;
};

struct CryptoFrame {
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;  // in the handshake of that epoch
  Bytes data;
};

/// Why a link ends; the numbers cross the link.
enum class CloseCode : std::uint32_t {
  none = 0,  // as an administrator wished
  internal = 1,
  frame = 2,  // a frame that cannot be read, or may not stand there
  protocol = 3,
  flow_control = 4,
  stream_limit = 5,
  stream_state = 6,
  final_size = 7,
  handshake = 8,        // refused: see the text
  version = 9,          // no common version, or not the best common one
  idle = 10,            // the peer was silent for too long
  replaced = 11,        // the same peer made a newer link
  restart = 12,         // the gateway goes down and will come back
  crypto_overflow = 13  // more handshake octets than are buffered
};

[[nodiscard]] std::string_view close_code_name(CloseCode code);
inline constexpr std::size_t kMaxCloseReasonOctets = 256;

struct CloseFrame {
  CloseCode code = CloseCode::none;
  std::string_view reason;  // UTF-8, at most kMaxCloseReasonOctets
};

/// The sender takes no stream above `last` any more and opens none.
struct GoawayFrame {
  StreamId last = 0;
};

struct NewCookieFrame {
  Bytes cookie;  // at most kMaxCookieOctets
};

struct StreamFrame {
  StreamId id = 0;
  std::uint64_t offset = 0;
  Bytes data;
  Fin fin = Fin::absent;
};

/// StreamOpening as it lies in a packet.
struct StreamOpenFrame {
  StreamId id = 0;
  StreamKind kind = StreamKind::http;
  std::uint8_t ring = kDefaultRing;  // below kRings
  std::uint32_t connection = 0;
  std::string_view site;  // at most limits::kMaxSiteNameOctets
};

struct ResetStreamFrame {
  StreamId id = 0;
  std::uint32_t code = 0;  // StreamCode; unknown ones are possible
  std::uint64_t final_size = 0;
};

struct StopSendingFrame {
  StreamId id = 0;
  std::uint32_t code = 0;  // StreamCode; unknown ones are possible
};

struct PriorityUpdateFrame {
  StreamId id = 0;
  std::uint8_t ring = kDefaultRing;  // below kRings
};

/// max_data, max_streams, data_blocked, streams_blocked: a limit of the whole link.
struct LinkLimitFrame {
  std::uint64_t limit = 0;
};

/// max_stream_data, stream_data_blocked.
struct StreamLimitFrame {
  StreamId id = 0;
  std::uint64_t limit = 0;
};

/// path_challenge, path_response.
struct PathProofFrame {
  PathChallengeData data{};
};

struct NewCidFrame {
  std::uint64_t path = 0;
  std::uint64_t sequence = 0;
  ConnectionId id;
  ResetToken token{};
};

struct RetireCidFrame {
  std::uint64_t path = 0;
  std::uint64_t sequence = 0;
};

enum class PathState : std::uint8_t { available = 0, standby = 1, closed = 2 };

struct PathStatusFrame {
  std::uint64_t path = 0;
  std::uint64_t sequence = 0;  // a higher one wins
  PathState state = PathState::available;
};

struct AckFrequencyFrame {
  std::uint64_t sequence = 0;  // a higher one wins
  std::uint64_t packets = 2;   // ack-eliciting ones, after which an ACK leaves at once
  std::uint64_t max_delay_us = 0;
};

/// A sum of the frames of guarded packets that left before (repair_code.h).
struct RepairFrame {
  std::uint64_t path = 0;
  std::uint64_t first = 0;  // packet number
  Bytes others;            // bit i of octet j: packet first + 1 + 8j + i is covered too; at most kMaxRepairOthersOctets
  std::uint8_t index = 0;  // which row; below kRepairRows
  Bytes data;
};
inline constexpr std::size_t kMaxRepairOthersOctets = 24;

/// Packets that never arrived but were repaired.
struct RecoveredFrame {
  std::uint64_t path = 0;
  PacketRange packets;
};

}  // namespace ringway::tmp

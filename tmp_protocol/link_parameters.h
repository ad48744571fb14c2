#pragma once
// What each end tells the other in the handshake (docs/tmp.md, "SETTINGS"): carried in a TLS extension, so
// authenticated with the transcript, and bound into the keys besides.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "tmp_protocol/address_validation.h"
#include "tmp_protocol/version.h"

namespace ringway::tmp {

inline constexpr std::size_t kMaxParametersOctets = 1024;

struct LinkParameters {
  /// All that this end speaks; each end checks that the version in use is the best of both lists.
  std::vector<std::uint32_t> versions = {kVersion1};
  std::uint64_t max_streams = 0;                // that the other end may have open at a time
  std::uint64_t max_link_receive_octets = 0;    // the first MAX_DATA
  std::uint64_t max_stream_receive_octets = 0;  // the first MAX_STREAM_DATA of each stream
  std::uint64_t max_packet_octets = 0;          // largest UDP payload taken, at least limits::kMinPacketOctets
  Duration max_ack_delay{};                     // whole microseconds
  ResetToken reset_token{};                     // of the sender's connection ID in the handshake
  friend bool operator==(const LinkParameters&, const LinkParameters&) = default;
};

[[nodiscard]] std::vector<std::uint8_t> encode(const LinkParameters& parameters);
/// Unknown parameters are passed over; missing, repeated or senseless ones are errors.
[[nodiscard]] Result<LinkParameters> decode_link_parameters(Bytes encoded);

}  // namespace ringway::tmp

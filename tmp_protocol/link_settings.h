#pragma once
// The `link:` part of a gateway's file: what its links are made with.

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/gateway_settings.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

struct LinkSettings {
  /// The UDP address this gateway is reached at, or sends from. A back-end must have one; a front-end
  /// without one takes any port.
  std::optional<SocketAddress> address;
  IdentityFiles identity;
  RingSettings rings;
  CongestionSettings congestion;
  std::uint32_t max_packet_octets = 1472;  // UDP payload, least 1200
};

}  // namespace ringway::tmp

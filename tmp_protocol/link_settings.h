#pragma once
// The `link:` part of a gateway's file: what its links are made with.

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/gateway_settings.h"
#include "base/limits.h"
#include "tmp_protocol/settings.h"

namespace ringway::tmp {

struct LinkSettings {
  /// The UDP address this gateway is reached at, or sends from. A back-end must have one; a front-end
  /// without one takes any port.
  std::optional<SocketAddress> address;
  IdentityFiles identity;
  RingSettings rings;
  CongestionSettings congestion;
  double repair_share = 0.05;                                  // of the path's rate
  std::uint32_t max_packet_octets = limits::kMaxPacketOctets;  // UDP payload
  LinkFallback fallback = LinkFallback::tls;
};

/// Everything that both kinds of gateway take from `link`; the caller adds role, peers, weights and identity.
inline EndpointSettings endpoint_settings(const LinkSettings& link) {
  EndpointSettings settings;
  settings.rings = link.rings;
  settings.congestion = link.congestion;
  settings.repair_share = link.repair_share;
  settings.max_packet_octets = link.max_packet_octets;
  settings.fallback = link.fallback;
  return settings;
}

}  // namespace ringway::tmp

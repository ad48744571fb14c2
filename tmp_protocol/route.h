#pragma once
// The way that datagrams take to the other end: by UDP to an address, or in a carrier (docs/tmp.md, "Carriers").

#include <compare>
#include <cstdint>

#include "base/address.h"

namespace ringway::tmp {

/// A TLS connection to the other gateway that carries datagrams. Who makes them numbers them; no number comes twice.
using CarrierId = std::uint64_t;
inline constexpr CarrierId kNoCarrier = 0;

/// What datagrams travel by.
enum class Travel : std::uint8_t { udp, carrier };

struct Route {
  Route() = default;
  /// An address alone is reached by UDP.
  Route(const SocketAddress& remote, CarrierId by = kNoCarrier)  // NOLINT(google-explicit-constructor)
      : address(remote), carrier(by) {}

  SocketAddress address;  // of the other end; with a carrier, that of its TCP connection
  CarrierId carrier = kNoCarrier;

  [[nodiscard]] Travel travel() const { return carrier == kNoCarrier ? Travel::udp : Travel::carrier; }
  [[nodiscard]] bool carried() const { return carrier != kNoCarrier; }
  auto operator<=>(const Route&) const = default;
};

}  // namespace ringway::tmp

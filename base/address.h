#pragma once
// IPv4 and IPv6 addresses as values, without a socket.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ringway {

/// An IPv4 address is kept as its IPv4-mapped IPv6 form (RFC 4291 §2.5.5.2).
class IpAddress {
 public:
  IpAddress() = default;
  static IpAddress v4(std::array<std::uint8_t, 4> octets);
  static IpAddress v6(std::array<std::uint8_t, 16> octets);
  /// "192.0.2.1" or "2001:db8::1".
  static Result<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  /// The last four octets; for an IPv4 address.
  [[nodiscard]] Bytes v4_octets() const { return Bytes(octets_).last(4); }
  [[nodiscard]] std::string text() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  /// "192.0.2.1:80" or "[2001:db8::1]:80".
  static Result<SocketAddress> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  auto operator<=>(const SocketAddress&) const = default;
};

/// "192.0.2.0/24", "2001:db8::/32", or one address.
class IpNetwork {
 public:
  static Result<IpNetwork> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string text() const;

 private:
  IpAddress base_;
  int prefix_bits_ = 0;  // of the 128-bit form
};

}  // namespace ringway

template <>
struct std::hash<ringway::SocketAddress> {
  std::size_t operator()(const ringway::SocketAddress& address) const noexcept {
    const std::uint8_t* octets = address.ip.octets().data();
    std::uint64_t mixed = ringway::load_u64(octets) * 0x9e3779b97f4a7c15ULL;
    mixed = (mixed ^ ringway::load_u64(octets + 8) ^ address.port) * 0xff51afd7ed558ccdULL;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }
};

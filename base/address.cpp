#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace ringway {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error malformed(std::string_view what, std::string_view text) {
  return client_error("'" + std::string(text) + "' is not " + std::string(what));
}

/// The whole of `text` as a decimal number of at most `max`, or -1.
int parse_decimal(std::string_view text, int max) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > max) return -1;
  return value;
}

/// inet_ntop() would go through printf(), for each request.
std::string v4_text(const std::uint8_t* octets) {
  std::array<char, INET_ADDRSTRLEN> text{};
  char* at = text.data();
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), octets[i]).ptr;
  }
  return {text.data(), at};
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.octets_.begin());
  std::copy(octets.begin(), octets.end(), address.octets_.begin() + 12);
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  address.octets_ = octets;
  return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return malformed("an IPv4 or IPv6 address", text);
}

bool IpAddress::is_v4() const { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets_.begin()); }

std::string IpAddress::text() const {
  if (is_v4()) return v4_text(octets_.data() + 12);
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, octets_.data(), buffer, sizeof buffer);
  return buffer;
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const int port = colon == std::string_view::npos ? -1 : parse_decimal(text.substr(colon + 1), 65535);
  if (port < 0) return malformed("an address and a port, such as 192.0.2.1:80 or [2001:db8::1]:80", text);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Result<IpAddress> ip = IpAddress::parse(host);
  if (!ip || ip->is_v4() == bracketed) {
    return malformed("an address and a port, such as 192.0.2.1:80 or [2001:db8::1]:80", text);
  }
  return SocketAddress{*ip, static_cast<std::uint16_t>(port)};
}

std::string SocketAddress::text() const {
  const std::string host = ip.is_v4() ? ip.text() : "[" + ip.text() + "]";
  return host + ":" + std::to_string(port);
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  Result<IpAddress> ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) return malformed("a network, such as 192.0.2.0/24 or 2001:db8::/32", text);
  const int width = ip->is_v4() ? 32 : 128;
  const int bits = slash == std::string_view::npos ? width : parse_decimal(text.substr(slash + 1), width);
  if (bits < 0) return malformed("a network, such as 192.0.2.0/24 or 2001:db8::/32", text);
  IpNetwork network;
  network.base_ = *ip;
  network.prefix_bits_ = 128 - width + bits;
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  const auto& left = base_.octets();
  const auto& right = address.octets();
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(whole), right.begin())) return false;
  const int rest = prefix_bits_ % 8;
  return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::text() const {
  const int bits = base_.is_v4() ? prefix_bits_ - 96 : prefix_bits_;
  return base_.text() + "/" + std::to_string(bits);
}

}  // namespace ringway

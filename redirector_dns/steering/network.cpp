#include "redirector_dns/steering/network.h"

#include <bit>
#include <optional>

#include "base/bytes.h"
#include "base/text.h"

namespace ringway::dns::steering {

namespace {

Error malformed(std::string_view text) {
  return client_error("'" + std::string(text) +
                      "' is not a network of clients, such as 192.0.2.0/24 or 2001:db8::/48: at most /32 or /64, "
                      "and zeros beyond the prefix");
}

}  // namespace

std::uint64_t number_of(const IpAddress& address) {
  if (address.is_v4()) return std::uint64_t{load_u32(address.v4_octets().data())} << 32;
  return load_u64(address.octets().data());
}

unsigned common_bits(std::uint64_t a, std::uint64_t b) { return static_cast<unsigned>(std::countl_zero(a ^ b)); }

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const Result<IpAddress> address = IpAddress::parse(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) return malformed(text);
  const std::optional<std::uint64_t> bits = ringway::parse_decimal(text.substr(slash + 1));
  const Family family = family_of(*address);
  if (!bits || *bits > width_of(family)) return malformed(text);
  const Network network = around(family, number_of(*address), static_cast<unsigned>(*bits));
  if (network.address() != *address) return malformed(text);
  return network;
}

IpAddress Network::address() const {
  std::array<std::uint8_t, 16> octets{};
  store_u64(octets.data(), first);
  if (family == Family::v6) return IpAddress::v6(octets);
  return IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
}

std::string Network::text() const { return address().text() + "/" + std::to_string(bits); }

}  // namespace ringway::dns::steering

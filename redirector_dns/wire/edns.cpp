#include "redirector_dns/wire/edns.h"

#include <algorithm>
#include <array>

#include "redirector_dns/limits.h"

namespace ringway::dns {

namespace {

enum class OptionCode : std::uint16_t { nsid = 3, client_subnet = 8, cookie = 10, keepalive = 11, error = 15 };

constexpr std::size_t kOptionHeaderOctets = 4;
constexpr std::size_t kSubnetHeaderOctets = 4;
constexpr std::uint16_t kDnssecOk = 0x8000;
constexpr std::uint16_t kFamilyIpv4 = 1;
constexpr std::uint16_t kFamilyIpv6 = 2;

unsigned family_bits(std::uint16_t family) {
  if (family == kFamilyIpv4) return 32;
  return family == kFamilyIpv6 ? 128 : 0;
}

/// A scope that is not 0 has no place in a query (RFC 7871 §6), yet says nothing wrong about the client: it is passed
/// over.
bool read_subnet(Bytes option, std::optional<ClientSubnet>& out) {
  if (option.size() < kSubnetHeaderOctets) return false;
  ClientSubnet subnet{load_u16(option.data()), option[2], option.subspan(kSubnetHeaderOctets)};
  if (subnet.family > kFamilyIpv6 || subnet.source_bits > family_bits(subnet.family)) return false;
  if (subnet.address.size() != (subnet.source_bits + 7U) / 8) return false;
  const std::size_t spare = subnet.address.size() * 8 - subnet.source_bits;
  if (spare > 0 && (subnet.address.back() & ((1U << spare) - 1)) != 0) return false;
  out = subnet;
  return true;
}

/// RFC 7873 §5.2.2.
bool read_cookie(Bytes option, Bytes& out) {
  if (option.size() != kClientCookieOctets && (option.size() < 16 || option.size() > 40)) return false;
  out = option;
  return true;
}

bool read_option(OptionCode code, Bytes option, Edns& out) {
  switch (code) {
    case OptionCode::nsid: out.wants_nsid = true; return true;
    case OptionCode::client_subnet: return out.subnet || read_subnet(option, out.subnet);
    case OptionCode::cookie: return !out.cookie.empty() || read_cookie(option, out.cookie);
    case OptionCode::keepalive: out.wants_keepalive = true; return option.empty();
    default: return true;
  }
}

/// Networks that no client on the Internet has (RFC 6890): their prefix and how many bits of it count.
struct SpecialNetwork {
  std::array<std::uint8_t, 4> prefix;
  unsigned bits;
};
constexpr SpecialNetwork kSpecialIpv4[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},    {{100, 64, 0, 0}, 10},  {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12}, {{192, 168, 0, 0}, 16}, {{224, 0, 0, 0}, 3},
};
/// Outside 2000::/3 nothing is a client's; ::ffff:0:0/96 would be taken for IPv4.
constexpr SpecialNetwork kGlobalIpv6 = {{0x20, 0, 0, 0}, 3};

bool is_inside(const std::array<std::uint8_t, 4>& address, const SpecialNetwork& network) {
  const std::uint32_t difference = load_u32(address.data()) ^ load_u32(network.prefix.data());
  return difference >> (32 - network.bits) == 0;
}

/// Whether a client can be in the subnet, of at least one bit.
bool is_routable(const ClientSubnet& subnet) {
  std::array<std::uint8_t, 4> head{};
  copy_bytes(subnet.address.first(std::min(subnet.address.size(), head.size())), head.data());
  if (subnet.family == kFamilyIpv6) {
    return is_inside(head, {kGlobalIpv6.prefix, std::min<unsigned>(subnet.source_bits, kGlobalIpv6.bits)});
  }
  return std::none_of(std::begin(kSpecialIpv4), std::end(kSpecialIpv4), [&](const SpecialNetwork& network) {
    return subnet.source_bits >= network.bits && is_inside(head, network);
  });
}

std::uint8_t* write_option(std::uint8_t* at, OptionCode code, std::size_t octets) {
  store_u16(at, static_cast<std::uint16_t>(code));
  store_u16(at + 2, static_cast<std::uint16_t>(octets));
  return at + kOptionHeaderOctets;
}

std::uint8_t* write_option(std::uint8_t* at, OptionCode code, Bytes content) {
  at = write_option(at, code, content.size());
  copy_bytes(content, at);
  return at + content.size();
}

}  // namespace

bool read_edns(const std::uint8_t* fixed, Bytes options, Edns& out) {
  out.udp_octets = load_u16(fixed);
  out.version = fixed[3];
  out.dnssec_ok = (load_u16(fixed + 4) & kDnssecOk) != 0;
  if (out.version != 0) return true;
  while (!options.empty()) {
    if (options.size() < kOptionHeaderOctets) return false;
    const auto code = static_cast<OptionCode>(load_u16(options.data()));
    const std::size_t length = load_u16(options.data() + 2);
    if (options.size() - kOptionHeaderOctets < length) return false;
    if (!read_option(code, options.subspan(kOptionHeaderOctets, length), out)) return false;
    options = options.subspan(kOptionHeaderOctets + length);
  }
  return true;
}

Asker asker_of(const std::optional<ClientSubnet>& subnet, const IpAddress& address) {
  if (!subnet || subnet->source_bits == 0 || !is_routable(*subnet)) {
    return {address, address.is_v4() ? 32U : 128U, false};
  }
  if (subnet->family == kFamilyIpv4) {
    std::array<std::uint8_t, 4> octets{};
    copy_bytes(subnet->address, octets.data());
    return {IpAddress::v4(octets), subnet->source_bits, true};
  }
  std::array<std::uint8_t, 16> octets{};
  copy_bytes(subnet->address, octets.data());
  return {IpAddress::v6(octets), subnet->source_bits, true};
}

std::size_t edns_octets(const EdnsAnswer& edns) {
  const auto option = [](std::size_t octets) { return octets == 0 ? 0 : kOptionHeaderOctets + octets; };
  std::size_t octets = kOptHeaderOctets + option(edns.nsid.size()) + option(edns.cookie.size());
  if (edns.keepalive_ds) octets += option(sizeof *edns.keepalive_ds);
  if (edns.error) octets += option(sizeof *edns.error);
  if (edns.subnet) octets += option(kSubnetHeaderOctets + edns.subnet->address.size());
  return octets;
}

void write_edns(const EdnsAnswer& edns, std::uint8_t* out) {
  out[0] = 0;  // the root
  store_u16(out + 1, static_cast<std::uint16_t>(RecordType::opt));
  store_u16(out + 3, limits::kDnsUdpOctets);
  out[5] = static_cast<std::uint8_t>(edns.rcode_high);
  out[6] = 0;  // the version
  store_u16(out + 7, edns.dnssec_ok ? kDnssecOk : 0);
  store_u16(out + 9, static_cast<std::uint16_t>(edns_octets(edns) - kOptHeaderOctets));
  std::uint8_t* at = out + kOptHeaderOctets;
  if (!edns.nsid.empty()) at = write_option(at, OptionCode::nsid, edns.nsid);
  if (!edns.cookie.empty()) at = write_option(at, OptionCode::cookie, edns.cookie);
  if (edns.keepalive_ds) {
    at = write_option(at, OptionCode::keepalive, sizeof *edns.keepalive_ds);
    store_u16(at, *edns.keepalive_ds);
    at += sizeof *edns.keepalive_ds;
  }
  if (edns.error) {
    at = write_option(at, OptionCode::error, sizeof *edns.error);
    store_u16(at, static_cast<std::uint16_t>(*edns.error));
    at += sizeof *edns.error;
  }
  if (!edns.subnet) return;
  at = write_option(at, OptionCode::client_subnet, kSubnetHeaderOctets + edns.subnet->address.size());
  store_u16(at, edns.subnet->family);
  at[2] = edns.subnet->source_bits;
  at[3] = edns.scope_bits;
  copy_bytes(edns.subnet->address, at + kSubnetHeaderOctets);
}

}  // namespace ringway::dns

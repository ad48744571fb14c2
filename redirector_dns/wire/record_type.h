#pragma once
// Types of resource records, and the other registered numbers of DNS messages that Ringway speaks of.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringway::dns {

/// Any number is a type (RFC 3597); these have a form that is known here, or a meaning in queries.
enum class RecordType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  hinfo = 13,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  naptr = 35,
  dname = 39,
  opt = 41,
  ds = 43,
  sshfp = 44,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  nsec3 = 50,
  nsec3param = 51,
  tlsa = 52,
  svcb = 64,
  https = 65,
  ixfr = 251,
  axfr = 252,
  any = 255,
  caa = 257,
  /// Ringway's own, of those for private use: that a name is steered, and as which site. Only in zones' content.
  site = 65400,
};

/// "A", or "TYPE1234" (RFC 3597 §5).
std::string type_text(RecordType type);
std::optional<RecordType> type_from_text(std::string_view text);
/// Whether it stands only in queries or in a message's own machinery, never in a zone (RFC 6895 §3.1).
constexpr bool is_meta_type(RecordType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0 || type == RecordType::opt || (number >= 128 && number <= 255);
}

inline constexpr std::uint16_t kClassIn = 1;

enum class Opcode : std::uint8_t { query = 0 };

/// Above 15 only with EDNS, which carries the higher bits (RFC 6891 §6.1.3).
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,  // RFC 2136, RFC 6672
  badvers = 16,
  badcookie = 23,
};

/// The most that TCP's two octets of length can announce (RFC 1035 §4.2.2).
inline constexpr std::size_t kMaxMessageOctets = 65535;
inline constexpr std::size_t kHeaderOctets = 12;

}  // namespace ringway::dns

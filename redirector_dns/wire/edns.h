#pragma once
// The OPT record and its options (RFC 6891): what a query says with it, and what an answer says back.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "redirector_dns/steered.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

inline constexpr std::size_t kOptHeaderOctets = 11;  // OPT without options, the root's name included
inline constexpr std::size_t kClientCookieOctets = 8;
inline constexpr std::size_t kServerCookieOctets = 16;  // as made here (RFC 9018 §4); others' have 8 to 32
inline constexpr std::size_t kCookieOctets = kClientCookieOctets + kServerCookieOctets;

/// A client's network (RFC 7871 §6), as it came.
struct ClientSubnet {
  std::uint16_t family = 0;  // 1: IPv4, 2: IPv6, 0: none, with a source of 0 bits
  std::uint8_t source_bits = 0;
  Bytes address;  // as many octets as the bits need, the rest of the last one 0
};

/// What the OPT record of a query says. Views into the query.
struct Edns {
  std::uint16_t udp_octets = 0;  // the longest answer that the asker takes
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  bool wants_nsid = false;       // RFC 5001
  bool wants_keepalive = false;  // RFC 7828
  Bytes cookie;                  // RFC 7873: the client's part, and a server's where it has one; empty: none
  std::optional<ClientSubnet> subnet;
};

/// Of the OPT record whose fixed part, from its class on, is at `fixed` and whose options are `options`. Options that
/// are not known are passed over, and of those that come twice the first one counts (RFC 7873 §5.2). Of another version
/// than 0 only the version is read. False where it is malformed.
bool read_edns(const std::uint8_t* fixed, Bytes options, Edns& out);

/// Whom the answer is for: the subnet where it is one that can be routed to, else the resolver at `address`. A subnet
/// of 0 bits is somebody who does not want to be known (RFC 7871 §7.1.2).
Asker asker_of(const std::optional<ClientSubnet>& subnet, const IpAddress& address);

/// Why an answer is what it is, for people (RFC 8914 §4).
enum class ExtendedError : std::uint16_t {
  stale_answer = 3,        // by a table that the manager has long not renewed
  not_ready = 14,          // the steering does not know the site, or not yet
  prohibited = 18,         // a transfer
  not_authoritative = 20,  // outside the zones
  not_supported = 21,
};

/// What the OPT record of an answer says. The views outlive the writing.
struct EdnsAnswer {
  std::uint16_t rcode_high = 0;               // the bits above the header's four
  bool dnssec_ok = false;                     // as in the query (RFC 3225 §3)
  Bytes nsid;                                 // empty: none
  Bytes cookie;                               // empty: none
  std::optional<std::uint16_t> keepalive_ds;  // deciseconds
  std::optional<ClientSubnet> subnet;         // as in the query (RFC 7871 §7.2.2)
  std::uint8_t scope_bits = 0;
  std::optional<ExtendedError> error;
};

/// The whole record.
std::size_t edns_octets(const EdnsAnswer& edns);
/// `out` has room for edns_octets().
void write_edns(const EdnsAnswer& edns, std::uint8_t* out);

}  // namespace ringway::dns

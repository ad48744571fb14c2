#pragma once
// What a steered name answers to one client: the seam between the responder, which speaks DNS, and the steering, which
// chooses.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/address.h"

namespace ringway::dns {

/// Who asks: the client's network where the query says it (RFC 7871), else the resolver's address.
struct Asker {
  IpAddress address;
  unsigned prefix_bits = 0;  // of `address`'s own family that are known: 0 to 32 or 128; the rest of the address is 0
  bool by_subnet = false;    // the query said it
};

/// Valid until the next call; empty spans say that the name has no such addresses.
struct Steered {
  std::span<const IpAddress> v4;
  std::span<const IpAddress> v6;
  std::string_view alpn;   // of its HTTPS and SVCB records, comma-separated ("h2,http/1.1"); empty: it has none
  std::uint16_t port = 0;  // of the same; 0: the scheme's own
  std::uint32_t ttl_s = 0;
  unsigned scope_bits = 0;  // every address with these leading bits gets this answer, until the table changes
};

class Steering {
 public:
  virtual ~Steering() = default;
  /// `site` is a name that a zone gave; null where the table does not know it (the responder then answers
  /// SERVFAIL-free: NODATA is never given for lack of steering; see the responder).
  virtual const Steered* steer(std::string_view site, const Asker& asker) = 0;
  /// Whether it answers by what it has not been told anew for long.
  [[nodiscard]] virtual bool is_stale() const = 0;
};

}  // namespace ringway::dns

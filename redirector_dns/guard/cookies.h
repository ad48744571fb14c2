#pragma once
// DNS cookies (RFC 7873) as every server of a name makes them alike (RFC 9018): who sends back the one that it was
// given does not forge its address.

#include <array>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/bytes.h"
#include "redirector_dns/guard/sip_hash.h"
#include "redirector_dns/wire/edns.h"

namespace ringway::dns {

/// The same on all servers of a name. A roll-over (RFC 9018 §5): each server gets the new secret as `other`, then each
/// as `current` with the old one as `other`, and after an hour the old one is forgotten.
struct CookieSecrets {
  SipKey current{};
  std::optional<SipKey> other;  // believed, not made with
};

struct CookieAnswer {
  enum class Check : std::uint8_t {
    client_only,  // it has no server's part yet
    valid,
    invalid,  // too old, of another secret or address, or made up
  };
  Check check = Check::client_only;
  std::array<std::uint8_t, kCookieOctets> cookie{};  // to be sent back
};

/// `cookie` is one that a query from `address` brought, of a size that edns.h lets pass; `now_s` are seconds since
/// 1970. A server's part is good for an hour and renewed after half of it (RFC 9018 §4.3).
CookieAnswer answer_cookie(const CookieSecrets& secrets, Bytes cookie, const IpAddress& address, std::uint32_t now_s);

}  // namespace ringway::dns

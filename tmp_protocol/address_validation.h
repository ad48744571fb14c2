#pragma once
// What is answered to a stranger, and what is not: the MAC that an INITIAL must carry, the cookie that proves an
// address (as RFC 9000 §8.1.2, without state), and the token by which a gateway that has forgotten a link says so (RFC
// 9000 §10.3).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "tmp_protocol/connection_id.h"
#include "tmp_protocol/crypto.h"

namespace ringway::tmp {

/// The last 16 octets of INITIAL, RETRY and VERSION packets: a MAC over all before them, keyed from the public key of
/// the authority. It tells members from scanners, no more. One thread at a time.
class AuthorityMac {
 public:
  /// `keys` are Identity::mac_keys().
  explicit AuthorityMac(const std::vector<Digest>& keys) : macs_(keys.begin(), keys.end()) {}

  /// Fills the last kMacOctets of `datagram` with the MAC of this gateway's own authority.
  void sign(MutableBytes datagram) const;
  /// Whether it is the MAC of an authority that this gateway trusts.
  [[nodiscard]] bool verify(Bytes datagram) const;

 private:
  std::vector<KeyedMac> macs_;  // the own authority's first
};

inline constexpr std::size_t kCookieOctets = 8 + KeyedMac::kOctets;
using Cookie = std::array<std::uint8_t, kCookieOctets>;
/// How long a cookie proves its address.
inline constexpr Duration kCookieLife = std::chrono::seconds(10);

/// Makes and checks RETRY cookies. The key is made anew in each process: a cookie lives for seconds.
class CookieJar {
 public:
  explicit CookieJar(Random& random);

  [[nodiscard]] Cookie make(const SocketAddress& remote, ConnectionId first_destination, Time now) const;
  [[nodiscard]] bool check(Bytes cookie, const SocketAddress& remote, ConnectionId first_destination, Time now) const;

 private:
  [[nodiscard]] KeyedMac::Tag tag(Bytes time, const SocketAddress& remote, ConnectionId first_destination) const;
  KeyedMac mac_;
};

using ResetToken = KeyedMac::Tag;
/// A reset is never longer, nor as long as what it answers, so that two gateways cannot answer each other for ever.
inline constexpr std::size_t kMaxResetOctets = 64;
inline constexpr std::size_t kMinResetOctets = 1 + kConnectionIdOctets + 12 + sizeof(ResetToken);

/// Tokens of this gateway's connection IDs, from a key that outlives the process (EndpointSettings::reset_key).
class ResetTokens {
 public:
  explicit ResetTokens(Bytes key);

  [[nodiscard]] ResetToken token(ConnectionId id) const;
  /// Answers a data packet of `received_octets` for the unknown `id`: looks like a data packet, ends with the token.
  /// Returns the datagram's size; 0 where nothing must be answered. `out` holds kMaxResetOctets.
  std::size_t write(ConnectionId id, std::size_t received_octets, Random& random, MutableBytes out) const;

 private:
  KeyedMac mac_;
};

/// Whether a datagram that no key opens is the peer's reset: it ends with `token`.
[[nodiscard]] bool is_reset(Bytes datagram, const ResetToken& token);

}  // namespace ringway::tmp

#include "tmp_protocol/address_validation.h"

#include <algorithm>
#include <cassert>

#include "tmp_protocol/packet.h"

namespace ringway::tmp {

namespace {

Secret random_key(Random& random) {
  Secret key;
  random.fill(key.octets);
  return key;
}

}  // namespace

void AuthorityMac::sign(MutableBytes datagram) const {
  assert(datagram.size() >= kMacOctets);
  const MutableBytes signed_part = datagram.first(datagram.size() - kMacOctets);
  copy_bytes(macs_.front().tag(signed_part), signed_part.data() + signed_part.size());
}

bool AuthorityMac::verify(Bytes datagram) const {
  if (datagram.size() < kMacOctets) return false;
  const Bytes mac = datagram.last(kMacOctets);
  const Bytes signed_part = datagram.first(datagram.size() - kMacOctets);
  return std::any_of(macs_.begin(), macs_.end(),
                     [&](const KeyedMac& own) { return same_octets(own.tag(signed_part), mac); });
}

CookieJar::CookieJar(Random& random) : mac_(random_key(random).bytes()) {}

Cookie CookieJar::make(const SocketAddress& remote, ConnectionId first_destination, Time now) const {
  Cookie cookie;
  store_u64(cookie.data(), static_cast<std::uint64_t>(now.time_since_epoch().count()));
  copy_bytes(tag(Bytes(cookie).first(8), remote, first_destination), cookie.data() + 8);
  return cookie;
}

bool CookieJar::check(Bytes cookie, const SocketAddress& remote, ConnectionId first_destination, Time now) const {
  if (cookie.size() != kCookieOctets) return false;
  if (!same_octets(tag(cookie.first(8), remote, first_destination), cookie.subspan(8))) return false;
  const auto made = static_cast<std::int64_t>(load_u64(cookie.data()));
  const Duration age = now.time_since_epoch() - Duration(made);
  return age >= Duration::zero() && age <= kCookieLife;
}

KeyedMac::Tag CookieJar::tag(Bytes time, const SocketAddress& remote, ConnectionId first_destination) const {
  std::uint8_t bound[2 + kConnectionIdOctets];
  store_u16(bound, remote.port);
  first_destination.write(bound + 2);
  return mac_.tag(time, remote.ip.octets(), bound);
}

ResetTokens::ResetTokens(Bytes key) : mac_(derive_secret(key, "tmp reset").bytes()) {}

ResetToken ResetTokens::token(ConnectionId id) const {
  std::uint8_t octets[kConnectionIdOctets];
  id.write(octets);
  return mac_.tag(octets);
}

std::size_t ResetTokens::write(ConnectionId id, std::size_t received_octets, Random& random, MutableBytes out) const {
  if (received_octets <= kMinResetOctets) return 0;
  const std::size_t octets = std::min(received_octets - 1, kMaxResetOctets);
  assert(out.size() >= octets);
  random.fill(out.first(octets));
  out[0] = static_cast<std::uint8_t>(0x40 | (out[0] & 0x1f));  // as a data packet begins
  copy_bytes(token(id), out.data() + octets - sizeof(ResetToken));
  return octets;
}

bool is_reset(Bytes datagram, const ResetToken& token) {
  return datagram.size() >= kMinResetOctets && same_octets(datagram.last(token.size()), token);
}

}  // namespace ringway::tmp

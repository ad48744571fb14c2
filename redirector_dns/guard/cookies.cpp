#include "redirector_dns/guard/cookies.h"

#include "redirector_dns/limits.h"

namespace ringway::dns {

namespace {

// The server's part (RFC 9018 §4): a version, three reserved octets, a time, and the hash over all before it, the
// client's part too, and the client's address.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kTimeAt = kClientCookieOctets + 4;
constexpr std::size_t kHashAt = kClientCookieOctets + 8;

using Hash = std::array<std::uint8_t, 8>;

Hash hash_of(const SipKey& secret, Bytes cookie, const IpAddress& address) {
  std::array<std::uint8_t, kHashAt + 16> input{};
  copy_bytes(cookie.first(kHashAt), input.data());
  const Bytes octets = address.is_v4() ? address.v4_octets() : Bytes(address.octets());
  copy_bytes(octets, input.data() + kHashAt);
  std::uint64_t value = sip_hash(secret, Bytes(input).first(kHashAt + octets.size()));
  Hash hash{};
  for (std::uint8_t& octet : hash) {  // in the order of SipHash's own octets, the lowest first
    octet = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return hash;
}

bool is_made_with(const SipKey& secret, Bytes cookie, const IpAddress& address) {
  const Hash hash = hash_of(secret, cookie, address);
  return load_u64(hash.data()) == load_u64(cookie.data() + kHashAt);
}

}  // namespace

CookieAnswer answer_cookie(const CookieSecrets& secrets, Bytes cookie, const IpAddress& address, std::uint32_t now_s) {
  CookieAnswer answer;
  if (cookie.size() > kClientCookieOctets) answer.check = CookieAnswer::Check::invalid;
  if (cookie.size() == kCookieOctets && cookie[kClientCookieOctets] == kVersion) {
    // Serial numbers (RFC 1982): the time of 32 bits may wrap.
    const auto age_s = static_cast<std::int32_t>(now_s - load_u32(cookie.data() + kTimeAt));
    const bool in_time = age_s <= limits::kCookieLife.count() && age_s >= -limits::kCookieClockSkew.count();
    const bool is_current = in_time && is_made_with(secrets.current, cookie, address);
    if (is_current || (in_time && secrets.other && is_made_with(*secrets.other, cookie, address))) {
      answer.check = CookieAnswer::Check::valid;
    }
    if (is_current && age_s <= limits::kCookieRenewal.count()) {
      copy_bytes(cookie, answer.cookie.data());
      return answer;
    }
  }
  copy_bytes(cookie.first(kClientCookieOctets), answer.cookie.data());
  answer.cookie[kClientCookieOctets] = kVersion;
  store_u32(answer.cookie.data() + kTimeAt, now_s);
  const Hash hash = hash_of(secrets.current, answer.cookie, address);
  copy_bytes(hash, answer.cookie.data() + kHashAt);
  return answer;
}

}  // namespace ringway::dns

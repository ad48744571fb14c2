#include "redirector_dns/guard/sip_hash.h"

#include <bit>

namespace ringway::dns {

namespace {

/// The first octet is the lowest; at most eight.
std::uint64_t load_little(Bytes octets) {
  std::uint64_t value = 0;
  for (std::size_t i = octets.size(); i-- > 0;) value = value << 8 | octets[i];
  return value;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (; count > 0; --count) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }

  void take(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t sip_hash(const SipKey& key, Bytes octets) {
  const std::uint64_t k0 = load_little(Bytes(key).first(8));
  const std::uint64_t k1 = load_little(Bytes(key).last(8));
  State state{k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
              k1 ^ 0x7465646279746573ULL};
  const std::uint64_t length = octets.size();
  for (; octets.size() >= 8; octets = octets.subspan(8)) state.take(load_little(octets.first(8)));
  state.take(length << 56 | load_little(octets));
  state.v2 ^= 0xff;
  state.rounds(4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace ringway::dns

#pragma once
// The 8 octets by which a packet finds its link: worker and slot of the receiver, hidden under a key of its own.

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/random.h"
#include "tmp_protocol/crypto.h"

namespace ringway::tmp {

inline constexpr std::size_t kConnectionIdOctets = 8;

struct ConnectionId {
  std::uint64_t value = 0;  // in network order on the wire

  static ConnectionId read(const std::uint8_t* at) { return {load_u64(at)}; }
  void write(std::uint8_t* at) const { store_u64(at, value); }
  static ConnectionId random(Random& random) { return {random.next()}; }
  auto operator<=>(const ConnectionId&) const = default;
};

/// Where a connection ID leads. What a stranger made up leads somewhere too: the owner compares the whole ID
/// with the one it gave out for that slot.
struct ConnectionPlace {
  std::uint8_t worker = 0;
  std::uint32_t slot = 0;  // below kMaxConnectionSlots
  friend bool operator==(const ConnectionPlace&, const ConnectionPlace&) = default;
};

inline constexpr std::uint32_t kMaxConnectionSlots = 1U << 24;

/// 4 random octets, then worker and slot (1 and 3 octets) exclusive-or AES-128 of the random ones.
/// All workers of a process have the same key, so that each knows whose packet it holds.
class ConnectionIdCodec {
 public:
  /// The key is derived from `local_key` (EndpointSettings::reset_key).
  explicit ConnectionIdCodec(Bytes local_key);

  [[nodiscard]] ConnectionId make(ConnectionPlace place, Random& random) const;
  [[nodiscard]] ConnectionPlace read(ConnectionId id) const;

 private:
  [[nodiscard]] std::uint32_t pad(std::uint32_t nonce) const;
  BlockCipher cipher_;
};

}  // namespace ringway::tmp

template <>
struct std::hash<ringway::tmp::ConnectionId> {
  std::size_t operator()(ringway::tmp::ConnectionId id) const noexcept {
    return static_cast<std::size_t>((id.value ^ (id.value >> 29)) * 0x9e3779b97f4a7c15ULL);
  }
};

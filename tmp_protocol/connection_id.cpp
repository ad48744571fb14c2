#include "tmp_protocol/connection_id.h"

#include <cassert>

namespace ringway::tmp {

namespace {

std::array<std::uint8_t, 16> derive_key(Bytes local_key) {
  std::array<std::uint8_t, 16> key;
  expand_label(local_key, "tmp cid", {}, key);
  return key;
}

}  // namespace

ConnectionIdCodec::ConnectionIdCodec(Bytes local_key) : cipher_(derive_key(local_key)) {}

ConnectionId ConnectionIdCodec::make(ConnectionPlace place, Random& random) const {
  assert(place.slot < kMaxConnectionSlots);
  const auto nonce = static_cast<std::uint32_t>(random.next());
  const std::uint32_t plain = (static_cast<std::uint32_t>(place.worker) << 24) | place.slot;
  return {(static_cast<std::uint64_t>(nonce) << 32) | (plain ^ pad(nonce))};
}

ConnectionPlace ConnectionIdCodec::read(ConnectionId id) const {
  const auto nonce = static_cast<std::uint32_t>(id.value >> 32);
  const std::uint32_t plain = static_cast<std::uint32_t>(id.value) ^ pad(nonce);
  return {static_cast<std::uint8_t>(plain >> 24), plain & (kMaxConnectionSlots - 1)};
}

std::uint32_t ConnectionIdCodec::pad(std::uint32_t nonce) const {
  BlockCipher::Block block{};
  store_u32(block.data(), nonce);
  return load_u32(cipher_.encrypt(block.data()).data());
}

}  // namespace ringway::tmp

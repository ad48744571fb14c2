#pragma once
// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody can steer who does not know its key.

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace ringway::dns {

using SipKey = std::array<std::uint8_t, 16>;

std::uint64_t sip_hash(const SipKey& key, Bytes octets);

}  // namespace ringway::dns

#pragma once
// The records of a steered name, as a message's writer takes them: A, AAAA, HTTPS and SVCB of one choice say the
// same (RFC 9460 §7.3).

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "redirector_dns/steered.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

/// Room for any of them.
using SteeredBuffer = std::array<std::uint8_t, 512>;

/// Of type A, AAAA, HTTPS or SVCB, each behind 16 bits of length; empty: none. Of addresses the first
/// limits::kMaxSteeredAddresses of each family, of protocols as many as limits::kMaxSteeredAlpnOctets hold.
Bytes steered_records(const Steered& steered, RecordType type, SteeredBuffer& buffer);

}  // namespace ringway::dns

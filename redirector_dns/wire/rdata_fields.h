#pragma once
// Of which fields the data of each type of record consists: one table from which data is checked, read from and written
// into messages, and read from and written as text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

enum class RdataField : std::uint8_t {
  u8,
  u16,
  u32,
  seconds,     // 32 bits; text may have units
  ipv4,        // 4 octets
  ipv6,        // 16 octets
  name,        // may be compressed in messages (RFC 3597 §4)
  plain_name,  // must not be
  string,      // a length of one octet and so many (RFC 1035 §3.3)
  strings,     // one or more of them, to the end
  tag,         // a string of letters and digits, not empty (RFC 8659 §4.1)
  text,        // octets to the end, as one quoted text
  hex,         // octets to the end
  svc_params,  // to the end (RFC 9460 §2.2)
  opaque,      // octets to the end of a type that is not known here (RFC 3597)
};

/// Never empty.
std::span<const RdataField> rdata_fields(RecordType type);

/// Whether messages may compress names inside the data.
bool has_compressible_names(RecordType type);

/// How many octets of `rest`, data without compression, `field` takes. Nothing where they are not well formed.
std::optional<std::size_t> field_octets(RdataField field, Bytes rest);

/// Whether `rdata`, without compression, is data of that type and nothing else.
bool is_well_formed(RecordType type, Bytes rdata);

}  // namespace ringway::dns

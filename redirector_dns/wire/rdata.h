#pragma once
// The data of resource records: from a message, and from and to the presentation form of master files (RFC 1035 §5,
// RFC 3597 §5).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "redirector_dns/wire/name.h"
#include "redirector_dns/wire/presentation.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns {

inline constexpr std::size_t kMaxRdataOctets = 65535;

/// What is wrong, and at which of the tokens; as many as there are: at the end of the line.
struct RdataFault {
  std::size_t token = 0;
  std::string message;
};

/// Puts into `out` what `tokens` say as data of that type, names without compression. Names without a final dot are
/// below `origin`. Every type may be written as `\# 4 c0000201`.
std::optional<RdataFault> parse_rdata(RecordType type, std::span<const Token> tokens, NameView origin,
                                      std::vector<std::uint8_t>& out);

/// Of data that is well formed; `\# …` where the type is not known here.
std::string rdata_text(RecordType type, Bytes rdata);

/// Puts into `out` the data at [at, at + length) of a message, names without compression. False where it is malformed.
bool read_rdata(Bytes message, std::size_t at, std::size_t length, RecordType type, std::vector<std::uint8_t>& out);

}  // namespace ringway::dns

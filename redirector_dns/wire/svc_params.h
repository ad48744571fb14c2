#pragma once
// Parameters of a service binding (RFC 9460 §2.2): a key of 16 bits, a length and a value each, in the order of keys.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "redirector_dns/wire/presentation.h"

namespace ringway::dns {

/// RFC 9460 §14.3.2.
enum class SvcParamKey : std::uint16_t {
  mandatory = 0,
  alpn = 1,
  no_default_alpn = 2,
  port = 3,
  ipv4hint = 4,
  ech = 5,
  ipv6hint = 6,
};

/// Whether `params` are such parameters and, together, say what can be (RFC 9460 §2.4.3, §7, §8).
bool well_formed_svc_params(Bytes params);

/// Appends what `tokens` say ("alpn=h2,h3 port=8443 key667=hello"), in any order. Returns the index of the token that
/// is wrong and why, or nothing.
struct SvcParamFault {
  std::size_t token = 0;
  std::string message;
};
std::optional<SvcParamFault> parse_svc_params(std::span<const Token> tokens, std::vector<std::uint8_t>& out);

/// Of parameters that are well formed.
std::string svc_params_text(Bytes params);

}  // namespace ringway::dns

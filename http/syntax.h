#pragma once
// What may stand where in an HTTP message: the character classes of RFC 9110 §5.6.

#include <cstdint>
#include <string_view>

namespace ringway::http {

/// Below 0x20, or 0x7f.
constexpr bool is_control(char octet) { return static_cast<std::uint8_t>(octet) < 0x20 || octet == 0x7f; }
/// The first control in [at, end), or `end`.
const char* find_control(const char* at, const char* end);
/// RFC 9110 §5.6.2, `tchar`.
bool is_token_octet(char octet);
/// At least one octet, and nothing but token octets.
bool is_token(std::string_view text);
/// A token without capital letters, as the names in Fields are.
bool is_lower_token(std::string_view text);
/// RFC 9110 §5.5 without obs-fold: visible octets, spaces, tabs, and what is above ASCII.
bool is_field_value(std::string_view text);
/// Visible ASCII and nothing else; may be empty.
bool is_visible(std::string_view text);
/// `host` or `host:port` as the gateways take it: letters, digits and "-._~", or an address in brackets;
/// a port of 0 to 65535. Stricter than RFC 3986 §3.2.2, whose other octets no host name in use has.
bool is_authority(std::string_view text);

}  // namespace ringway::http

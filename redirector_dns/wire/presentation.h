#pragma once
// How master files write octets and words (RFC 1035 §5.1): `\X` for a character that would mean something, `\DDD` for
// an octet by its number.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ringway::dns {

/// One word of a line, as it stands there: its escapes are not resolved, the quotes around it are not in `text`.
struct Token {
  std::string_view text;
  bool quoted = false;
  std::size_t line = 0;    // from 0
  std::size_t column = 0;  // octets, from 0
};

struct Character {
  std::uint8_t octet = 0;
  bool escaped = false;
};

/// Takes one character off the front of `text`, which is not empty. Nothing where an escape is malformed.
std::optional<Character> take_character(std::string_view& text);

/// All of `text` without escapes. Nothing where one is malformed.
std::optional<std::vector<std::uint8_t>> unescape(std::string_view text);

/// What is escaped depends on what would end the word.
enum class Escaped : std::uint8_t { in_word, in_quotes };
void append_escaped(std::string& out, std::uint8_t octet, Escaped where);
/// With the quotes around it.
void append_quoted(std::string& out, Bytes octets);

/// "3600", or in units as "1h30m" (w, d, h, m, s); at most 2^31 - 1 (RFC 2181 §8).
std::optional<std::uint32_t> parse_seconds(std::string_view text);

/// Nothing where `text` is not pairs of hexadecimal digits.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

/// Of 4 octets, and of 16. An IPv4-mapped address is still an IPv6 address: "::ffff:192.0.2.1".
std::string v4_text(Bytes octets);
std::string v6_text(Bytes octets);

}  // namespace ringway::dns

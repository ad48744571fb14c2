#pragma once
// Small questions about text that several rooms ask.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringway {

/// ASCII only, whatever the locale.
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string to_lower(std::string_view text);
/// The `count` octets at `at`, in place.
void make_lower(char* at, std::size_t count);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without spaces and tabs at its ends.
std::string_view trim(std::string_view text);

/// Whether all of `text` is what `pattern` says: `*` stands for any run of characters, also of none, and
/// every other character for itself. At most pattern × text steps, without recursion.
bool glob_matches(std::string_view pattern, std::string_view text);

/// Whether `host` (lower case, without port) is `pattern`, or is below it where `pattern` begins with "*.".
bool host_matches(std::string_view pattern, std::string_view host);

/// Decimal digits and nothing else, within 64 bits.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// Octets of the UTF-8 character (RFC 3629) that `text`, not empty, begins with; 0 where it is none.
std::size_t utf8_octets(std::string_view text);

/// `text` inside double quotes as JSON wants it (RFC 8259 §7). Octets that are no UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);
void append_json_quoted(std::string& out, std::string_view text);

/// How many insertions, removals, replacements and swaps of neighbours make `a` out of `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `words` where it is near enough to be what was meant; empty otherwise.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& words);

}  // namespace ringway

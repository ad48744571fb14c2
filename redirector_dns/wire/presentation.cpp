#include "redirector_dns/wire/presentation.h"

#include <array>
#include <limits>

#include "base/address.h"
#include "base/text.h"

namespace ringway::dns {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Seconds of a unit, or 0.
std::uint64_t unit_seconds(char unit) {
  switch (to_lower(unit)) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3600;
    case 'd': return 86400;
    case 'w': return 604800;
    default: return 0;
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<Character> take_character(std::string_view& text) {
  const auto take = [&text](std::size_t count, int octet, bool escaped) {
    text.remove_prefix(count);
    return Character{static_cast<std::uint8_t>(octet), escaped};
  };
  if (text[0] != '\\') return take(1, text[0], false);
  if (text.size() < 2) return std::nullopt;
  if (!is_digit(text[1])) return take(2, text[1], true);
  if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return std::nullopt;
  const int octet = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (octet > 255) return std::nullopt;
  return take(4, octet, true);
}

std::optional<std::vector<std::uint8_t>> unescape(std::string_view text) {
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size());
  while (!text.empty()) {
    const std::optional<Character> character = take_character(text);
    if (!character) return std::nullopt;
    octets.push_back(character->octet);
  }
  return octets;
}

void append_escaped(std::string& out, std::uint8_t octet, Escaped where) {
  const char c = static_cast<char>(octet);
  const std::string_view special = where == Escaped::in_word ? std::string_view("\"().;\\@$") : "\"\\";
  const std::uint8_t first_printable = where == Escaped::in_word ? 0x21 : 0x20;
  if (octet < first_printable || octet > 0x7e) {
    out += '\\';
    out += static_cast<char>('0' + octet / 100);
    out += static_cast<char>('0' + octet / 10 % 10);
    out += static_cast<char>('0' + octet % 10);
    return;
  }
  if (special.find(c) != std::string_view::npos) out += '\\';
  out += c;
}

void append_quoted(std::string& out, Bytes octets) {
  out += '"';
  for (const std::uint8_t octet : octets) append_escaped(out, octet, Escaped::in_quotes);
  out += '"';
}

std::optional<std::uint32_t> parse_seconds(std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::uint64_t total = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
      number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
      if (number > kMost) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    const std::uint64_t unit = text.empty() ? 1 : unit_seconds(text[0]);
    if (unit == 0) return std::nullopt;
    if (!text.empty()) text.remove_prefix(1);
    total += number * unit;
    if (total > kMost) return std::nullopt;
    if (text.empty()) return static_cast<std::uint32_t>(total);
  }
  return std::nullopt;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return octets;
}

std::string v4_text(Bytes octets) { return IpAddress::v4({octets[0], octets[1], octets[2], octets[3]}).text(); }

std::string v6_text(Bytes octets) {
  std::array<std::uint8_t, 16> copy{};
  copy_bytes(octets.first(copy.size()), copy.data());
  const IpAddress address = IpAddress::v6(copy);
  return (address.is_v4() ? "::ffff:" : "") + address.text();
}

}  // namespace ringway::dns

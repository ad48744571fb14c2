#include "http/syntax.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace ringway::http {

namespace {

enum Class : std::uint8_t { kToken = 1, kVisible = 2, kUpper = 4, kHost = 8, kBracketed = 16 };

constexpr bool is_letter_or_digit(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::uint8_t classes_of(unsigned c) {
  const auto one_of = [c](std::string_view set) {
    return c != 0 && c < 128 && set.find(static_cast<char>(c)) != std::string_view::npos;
  };
  unsigned classes = 0;
  if (is_letter_or_digit(c) || one_of("!#$%&'*+-.^_`|~")) classes |= kToken;
  if (c > 0x20 && c < 0x7f) classes |= kVisible;
  if (c >= 'A' && c <= 'Z') classes |= kUpper;
  if (is_letter_or_digit(c) || one_of("-._~")) classes |= kHost;
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || one_of(":.")) classes |= kBracketed;
  return static_cast<std::uint8_t>(classes);
}

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = classes_of(c);
  return table;
}

constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t classes(char octet) { return kClasses[static_cast<std::uint8_t>(octet)]; }

bool all(std::string_view text, Class wanted) {
  return std::all_of(text.begin(), text.end(), [wanted](char octet) { return (classes(octet) & wanted) != 0; });
}

constexpr std::uint64_t kEach = 0x0101010101010101ULL;

std::uint64_t eight_octets(const char* at) {
  std::uint64_t octets = 0;
  std::memcpy(&octets, at, sizeof octets);
  return octets;
}

/// Whether one of eight octets may be a control; 0x7e beside 0xff passes for one. What is below a blank borrows, and
/// DEL and one more has the highest bit.
bool may_hold_control(std::uint64_t octets) {
  return (((octets - kEach * 0x20) | (octets + kEach)) & ~octets & (kEach * 0x80)) != 0;
}

bool is_port(std::string_view text) {
  const auto port = text.size() <= 5 ? parse_decimal(text) : std::nullopt;
  return port && *port <= 65535;
}

}  // namespace

const char* find_control(const char* at, const char* end) {
  if (end - at >= 8) {
    while (end - at > 8 && !may_hold_control(eight_octets(at))) at += 8;
    // The last eight, of which some were seen already: no text is looked at octet by octet for its length alone.
    if (end - at <= 8 && !may_hold_control(eight_octets(end - 8))) return end;
  }
  while (at != end && !is_control(*at)) ++at;
  return at;
}

bool is_token_octet(char octet) { return (classes(octet) & kToken) != 0; }

bool is_token(std::string_view text) { return !text.empty() && all(text, kToken); }

bool is_lower_token(std::string_view text) {
  const auto lower = [](char octet) { return (classes(octet) & (kToken | kUpper)) == kToken; };
  return !text.empty() && std::all_of(text.begin(), text.end(), lower);
}

bool is_field_value(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* at = find_control(text.data(), end);
  while (at != end && *at == '\t') at = find_control(at + 1, end);
  return at == end;
}

bool is_visible(std::string_view text) { return all(text, kVisible); }

bool is_authority(std::string_view text) {
  std::size_t host_end = 0;
  if (!text.empty() && text.front() == '[') {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || bracket < 3 || !all(text.substr(1, bracket - 1), kBracketed)) return false;
    host_end = bracket + 1;
  } else {
    host_end = std::min(text.find(':'), text.size());
    if (host_end == 0 || !all(text.substr(0, host_end), kHost)) return false;
  }
  return host_end == text.size() || (text[host_end] == ':' && is_port(text.substr(host_end + 1)));
}

}  // namespace ringway::http

#include "base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ringway {

namespace {

/// An octet of seven bits sets its highest one by what lacks to 'A', and again by what lacks to the one after 'Z'.
void make_eight_lower(char* at) {
  constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  std::uint64_t octets = 0;
  std::memcpy(&octets, at, sizeof octets);
  const std::uint64_t low = octets & (kEach * 0x7f);
  const std::uint64_t in_range = (low + kEach * (0x80 - 'A')) ^ (low + kEach * (0x7f - 'Z'));
  octets |= (in_range & ~octets & (kEach * 0x80)) >> 2;
  std::memcpy(at, &octets, sizeof octets);
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  make_lower(lower.data(), lower.size());
  return lower;
}

void make_lower(char* at, std::size_t count) {
  if (count < 8) {
    for (std::size_t i = 0; i < count; ++i) at[i] = to_lower(at[i]);
    return;
  }
  for (std::size_t i = 0; i + 8 < count; i += 8) make_eight_lower(at + i);
  make_eight_lower(at + count - 8);  // some of them again
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one seen; it is the only one worth going back to
  std::size_t star_end = 0;                   // where what it stands for ends so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  const std::string_view suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.ends_with(suffix);
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::size_t utf8_octets(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  // RFC 3629 §4: the second octet's range excludes overlong forms, surrogates and what is above U+10FFFF.
  const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (octet(1) < least || octet(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

namespace {

void append_json_control(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 15];
}

bool plain_in_json(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

void append_json_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && plain_in_json(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_octets(text);
    if (length > 1) {
      out += text.substr(0, length);
    } else if (length == 1) {
      append_json_control(out, text[0]);
    } else {
      out += "\xef\xbf\xbd";
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_quoted(out, text);
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table of distances between prefixes ("optimal string alignment").
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& words) {
  constexpr std::size_t kMostOctets = 64;  // no one means a word of ours by a longer one
  if (text.empty() || text.size() > kMostOctets) return {};
  const std::string lower = to_lower(text);
  std::size_t best = kMostOctets;
  std::string nearest;
  for (const std::string& word : words) {
    const std::size_t distance = edit_distance(lower, to_lower(word));
    const std::size_t allowed = std::max<std::size_t>(1, std::max(text.size(), word.size()) / 3);
    if (distance >= best || distance > allowed || distance >= word.size()) continue;
    best = distance;
    nearest = word;
  }
  return nearest;
}

}  // namespace ringway

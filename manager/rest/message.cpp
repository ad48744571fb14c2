#include "manager/rest/message.h"

#include "base/text.h"

namespace ringway::manager {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t octets = utf8_octets(text);
    if (octets == 0 || text.front() == '\0') return false;
    text.remove_prefix(octets);
  }
  return true;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// Each segment is decoded by itself: an encoded slash stands for no separator, and is refused.
std::optional<std::string> decoded_path(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  std::string out;
  while (true) {
    const bool last = path.find('/') == std::string_view::npos;
    const std::optional<std::string> segment = decoded(cut(path, '/'));
    if (!segment || *segment == "." || *segment == ".." || segment->find('/') != std::string::npos) return std::nullopt;
    out += "/" + *segment;
    if (last) return out;
  }
}

}  // namespace

std::optional<RequestTarget> parse_target(std::string_view target) {
  RequestTarget parsed;
  const std::optional<std::string> path = decoded_path(cut(target, '?'));
  if (!path) return std::nullopt;
  parsed.path = *path;
  while (!target.empty()) {
    std::string_view pair = cut(target, '&');
    const std::optional<std::string> name = decoded(cut(pair, '='));
    const std::optional<std::string> value = decoded(pair);
    if (!name || !value) return std::nullopt;
    parsed.query[*name] = *value;
  }
  return parsed;
}

}  // namespace ringway::manager

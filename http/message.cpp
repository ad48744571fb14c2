#include "http/message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "http/list.h"
#include "http/name_set.h"

namespace ringway::http {

namespace {

bool is_hop_by_hop(std::string_view name) {
  static constexpr NameSet kNames("connection", "content-length", "http2-settings", "keep-alive", "proxy-connection",
                                  "te", "transfer-encoding", "upgrade", "proxy-authenticate");
  return kNames.contains(name);
}

}  // namespace

void Fields::reserve(std::size_t fields, std::size_t octets) {
  entries_.reserve(fields);
  text_.reserve(octets);
}

void Fields::add(std::string_view name, std::string_view value) {
  const std::size_t offset = text_.size();
  text_.append(name);
  make_lower(text_.data() + offset, name.size());
  text_.append(value);
  entries_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
}

void Fields::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Fields::remove(std::string_view name) {
  remove_if([name](const Field& field) { return equals_ignoring_case(field.name, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field field : *this) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t total = 0;
  for (const Field field : *this) {
    if (field.name == name) ++total;
  }
  return total;
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
  for (const Field field : *this) {
    if (field.name != name) continue;
    if (any_member(field.value, [token](std::string_view member) { return equals_ignoring_case(member, token); })) {
      return true;
    }
  }
  return false;
}

std::size_t Fields::octets() const {
  std::size_t total = 0;
  for (const Entry& entry : entries_) total += entry.name_octets + entry.value_octets;
  return total;
}

void Fields::clear() {
  text_.clear();
  entries_.clear();
}

std::string_view host_of(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  // The colons of an IPv6 literal are inside its brackets.
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return authority;
  return authority.substr(0, colon);
}

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

void remove_hop_by_hop(Fields& fields) {
  // Copied first: a field that is removed keeps its text, but the list is not read while it changes.
  std::string named;
  for (const Field field : fields) {
    if (field.name == "connection") named.append(field.value).push_back(',');
  }
  any_member(named, [&fields](std::string_view name) {
    fields.remove(name);
    return false;
  });
  fields.remove_if([](const Field& field) { return is_hop_by_hop(field.name); });
}

std::string_view reason_phrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 49> kPhrases = {{
      {100, "Continue"},
      {101, "Switching Protocols"},
      {102, "Processing"},
      {103, "Early Hints"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {203, "Non-Authoritative Information"},
      {204, "No Content"},
      {205, "Reset Content"},
      {206, "Partial Content"},
      {207, "Multi-Status"},
      {300, "Multiple Choices"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {425, "Too Early"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  }};
  const auto* const at = std::lower_bound(kPhrases.begin(), kPhrases.end(), status,
                                          [](const auto& entry, int wanted) { return entry.first < wanted; });
  return at != kPhrases.end() && at->first == status ? at->second : std::string_view("Unknown");
}

}  // namespace ringway::http

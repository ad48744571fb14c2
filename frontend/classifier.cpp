#include "frontend/classifier.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace ringway::frontend {

namespace {

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

/// Whether one of the `separator`-separated "name=value" pairs of `list` is as `wanted`.
bool pair_matches(std::string_view list, char separator, const NamedPattern& wanted) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view pair = trim(list.substr(0, end));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
    if (pair.substr(0, equals) == wanted.name && glob_matches(wanted.pattern, value)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool field_matches(const http::Fields& fields, const NamedPattern& wanted) {
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    return field.name == wanted.name && glob_matches(wanted.pattern, field.value);
  });
}

bool cookie_matches(const http::Fields& fields, const NamedPattern& wanted) {
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    return field.name == "cookie" && pair_matches(field.value, ';', wanted);
  });
}

bool client_matches(const Condition& when, const IpAddress& client) {
  return when.clients.empty() || std::any_of(when.clients.begin(), when.clients.end(),
                                             [&](const IpNetwork& network) { return network.contains(client); });
}

bool request_matches(const Condition& when, const http::RequestHead& request, const IpAddress& client) {
  if (!when.path.empty() && !glob_matches(when.path, path_of(request.target))) return false;
  if (!when.methods.empty() &&
      std::find(when.methods.begin(), when.methods.end(), request.method) == when.methods.end()) {
    return false;
  }
  const std::string_view query = query_of(request.target);
  return client_matches(when, client) &&
         std::all_of(when.headers.begin(), when.headers.end(),
                     [&](const NamedPattern& wanted) { return field_matches(request.fields, wanted); }) &&
         std::all_of(when.queries.begin(), when.queries.end(),
                     [&](const NamedPattern& wanted) { return pair_matches(query, '&', wanted); }) &&
         std::all_of(when.cookies.begin(), when.cookies.end(),
                     [&](const NamedPattern& wanted) { return cookie_matches(request.fields, wanted); });
}

bool type_matches(const Condition& when, std::string_view content_type) {
  const std::string media_type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  return std::any_of(when.content_types.begin(), when.content_types.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, media_type); });
}

}  // namespace

Classification classify(const Site& site, const http::RequestHead& request, const IpAddress& client) {
  Classification result{site.ring, false};
  for (const PriorityRule& rule : site.priorities) {
    if (!request_matches(rule.when, request, client)) continue;
    if (rule.when.content_types.empty()) {
      result.ring = rule.ring;
      return result;
    }
    result.undecided = true;
  }
  return result;
}

std::uint8_t classify_answer(const Site& site, const http::RequestHead& request, const IpAddress& client,
                             std::string_view content_type) {
  for (const PriorityRule& rule : site.priorities) {
    if (!request_matches(rule.when, request, client)) continue;
    if (rule.when.content_types.empty() || type_matches(rule.when, content_type)) return rule.ring;
  }
  return site.ring;
}

std::uint8_t classify_connection(const Site& site, const IpAddress& client) {
  for (const PriorityRule& rule : site.priorities) {
    if (client_matches(rule.when, client)) return rule.ring;
  }
  return site.ring;
}

}  // namespace ringway::frontend

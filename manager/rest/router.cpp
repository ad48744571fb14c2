#include "manager/rest/router.h"

#include <fmt/format.h>

#include <cassert>
#include <optional>
#include <utility>

namespace ringway::manager {

namespace {

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);  // its "/"
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// The values of the pattern's parameters; nothing where the path is another.
std::optional<PathValues> values_of(std::string_view pattern, std::string_view path) {
  PathValues values;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view segment = next_segment(path);
    if (wanted.starts_with('{')) {
      if (segment.empty()) return std::nullopt;
      values.emplace_back(segment);
    } else if (wanted != segment) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return values;
}

}  // namespace

void Router::add(Operation operation) {
  assert(operation.pattern.starts_with('/'));
  operations_.push_back(std::move(operation));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match match;
  for (const Operation& operation : operations_) {
    std::optional<PathValues> values = values_of(operation.pattern, path);
    if (!values) continue;
    if (operation.method == wanted) return {&operation, std::move(*values), ""};
    match.allowed += (match.allowed.empty() ? "" : ", ") + operation.method;
  }
  return match;
}

}  // namespace ringway::manager

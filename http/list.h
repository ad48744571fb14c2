#pragma once
// Comma-separated lists in field values (RFC 9110 §5.6.1).

#include <string_view>

#include "base/text.h"

namespace ringway::http {

/// Calls `visit` with each member that is not empty, until one call says true; whether one did.
template <class Visit>
bool any_member(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view member = trim(list.substr(0, comma));
    if (!member.empty() && visit(member)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace ringway::http

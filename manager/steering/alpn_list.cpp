#include "manager/steering/alpn_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ringway::manager {

std::vector<std::string> alpn_ids(std::string_view list) {
  std::vector<std::string> ids;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (end > 0) ids.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return ids;
}

std::string alpn_list(const std::vector<std::string>& ids) { return fmt::format("{}", fmt::join(ids, ",")); }

}  // namespace ringway::manager

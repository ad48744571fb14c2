#include "frontend/site_table.h"

#include <algorithm>

#include "base/text.h"
#include "http/message.h"

namespace ringway::frontend {

SiteTable::SiteTable(const Settings& settings) {
  for (const Site& site : settings.sites) {
    if (site.protocol != SiteProtocol::http) continue;
    for (const std::string& host : site.hosts) {
      if (host.starts_with("*.")) {
        patterns_.emplace_back(host, &site);
      } else {
        exact_.emplace(host, &site);
      }
    }
  }
  std::stable_sort(patterns_.begin(), patterns_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

const Site* SiteTable::find(std::string_view authority) const {
  const std::string_view host = http::host_of(authority);
  if (const auto found = exact_.find(host); found != exact_.end()) return found->second;
  const auto pattern = std::find_if(patterns_.begin(), patterns_.end(),
                                    [&](const auto& entry) { return host_matches(entry.first, host); });
  return pattern == patterns_.end() ? nullptr : pattern->second;
}

}  // namespace ringway::frontend

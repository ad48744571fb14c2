#pragma once
// Protocols as a site's `steering.alpn` and an atlas write them: comma-separated (RFC 7301 §6).

#include <string>
#include <string_view>
#include <vector>

namespace ringway::manager {

[[nodiscard]] std::vector<std::string> alpn_ids(std::string_view list);
[[nodiscard]] std::string alpn_list(const std::vector<std::string>& ids);

}  // namespace ringway::manager

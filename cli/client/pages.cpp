#include "cli/client/pages.h"

namespace ringway::cli::client {

std::optional<std::vector<TreeNode>> get_pages(Session& session, const std::string& path, std::size_t most) {
  std::vector<TreeNode> all;
  std::string cursor;
  for (std::size_t page = 0; page < kMaxPages; ++page) {
    std::string target = path;
    if (!cursor.empty()) target.append("?cursor=").append(cursor);
    std::optional<TreeNode> reply = session.get(target);
    if (!reply) return std::nullopt;
    for (const TreeNode& item : items_of(*reply, "items")) {
      if (all.size() < most) all.push_back(item);
    }
    if (all.size() >= most || !has(*reply, "next")) break;
    cursor = encoded(member(*reply, "next").scalar);
  }
  return all;
}

}  // namespace ringway::cli::client

#pragma once
// Which site a host name belongs to.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "frontend/settings.h"

namespace ringway::frontend {

class SiteTable {
 public:
  explicit SiteTable(const Settings& settings);

  /// `authority` is host[:port] in lower case. Exact names come before "*." patterns, the longest pattern
  /// before shorter ones. Null where no HTTP site has it.
  [[nodiscard]] const Site* find(std::string_view authority) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, const Site*, TextHash, std::equal_to<>> exact_;
  std::vector<std::pair<std::string, const Site*>> patterns_;  // the longest first
};

}  // namespace ringway::frontend

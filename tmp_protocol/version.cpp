#include "tmp_protocol/version.h"

#include <algorithm>

namespace ringway::tmp {

bool contains(Versions versions, std::uint32_t version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

std::optional<std::uint32_t> best_common(Versions left, Versions right) {
  std::optional<std::uint32_t> best;
  for (const std::uint32_t version : left) {
    if (version > best.value_or(0) && contains(right, version)) best = version;
  }
  return best;
}

std::vector<std::uint32_t> ordered(Versions versions) {
  std::vector<std::uint32_t> result(versions.begin(), versions.end());
  std::sort(result.rbegin(), result.rend());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  if (!result.empty() && result.back() == 0) result.pop_back();
  return result;
}

}  // namespace ringway::tmp

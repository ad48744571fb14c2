#include "agent/table_taker.h"

#include <utility>

#include "agent/limits.h"

namespace ringway::agent {

Result<std::optional<std::string>> TableTaker::take(TablePart part) {
  std::string& so_far = so_far_[static_cast<std::size_t>(part.kind)];
  if (so_far.size() + part.text.size() > limits::kMaxTableTextOctets) {
    clear();
    return internal_error("a steering table that is too long");
  }
  so_far += part.text;
  if (!part.last) return std::optional<std::string>();
  return std::optional(std::exchange(so_far, {}));
}

}  // namespace ringway::agent

#pragma once
// Puts the parts of a steering table's texts together.

#include <array>
#include <optional>
#include <string>

#include "agent/messages.h"

namespace ringway::agent {

class TableTaker {
 public:
  /// The whole text with its last part, nothing before. An error where it is beyond limits::kMaxTableTextOctets.
  Result<std::optional<std::string>> take(TablePart part);
  /// What came so far does not count.
  void clear() { so_far_ = {}; }

 private:
  std::array<std::string, 2> so_far_;  // by kind
};

}  // namespace ringway::agent

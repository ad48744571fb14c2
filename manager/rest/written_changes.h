#pragma once
// Changes of resources as bodies and drafts have them.

#include <string>
#include <vector>

#include "base/config_type.h"
#include "manager/store/store.h"

namespace ringway::manager {

inline constexpr std::size_t kMaxMessageOctets = 1000;

struct WrittenChange {
  std::string kind;
  std::string name;
  std::string content;  // JSON; empty or null: it is to go
};

config::Type<std::vector<WrittenChange>> written_changes(std::size_t least, std::size_t most);
std::vector<Change> changes_of(const std::vector<WrittenChange>& written);

}  // namespace ringway::manager

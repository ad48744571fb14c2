#include "base/result.h"

namespace ringway {

std::string_view side_name(Side side) {
  switch (side) {
    case Side::client: return "client";
    case Side::link: return "link";
    case Side::origin: return "origin";
    case Side::internal: return "internal";
  }
  return "internal";
}

}  // namespace ringway

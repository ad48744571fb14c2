#pragma once
// Puts the parts of a content together.

#include <optional>

#include "agent/last_good.h"

namespace ringway::agent {

class ContentTaker {
 public:
  /// The whole with its last part, nothing before. An error where it does not fit what is in use, is not what its mark
  /// says, or is beyond limits::kMaxContentSectionOctets: it is to be asked for anew.
  Result<std::optional<Content>> take(ContentPart part, const Content& in_use);
  /// What came so far does not count.
  void clear() { so_far_.reset(); }

 private:
  struct Begun {
    ContentMark mark;
    std::string base;
    SectionChanges changes;
    std::size_t octets = 0;
  };
  std::optional<Begun> so_far_;
};

}  // namespace ringway::agent

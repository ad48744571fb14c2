#include "agent/content_taker.h"

#include <utility>

#include "base/limits.h"

namespace ringway::agent {

Result<std::optional<Content>> ContentTaker::take(ContentPart part, const Content& in_use) {
  // The manager may have thought better of it in the middle.
  if (!so_far_ || so_far_->mark != part.mark || so_far_->base != part.base) so_far_ = {part.mark, part.base, {}, 0};
  for (Section& section : part.sections) {
    so_far_->octets += section.name.size() + section.text.size();
    if (section.text.empty()) {
      so_far_->changes.removed.push_back(std::move(section.name));
    } else {
      so_far_->changes.changed[std::move(section.name)] += section.text;
    }
  }
  if (so_far_->octets > limits::kMaxContentSectionOctets) return internal_error("more content than a gateway can have");
  if (!part.last) return std::optional<Content>();
  const Begun whole = std::move(*std::exchange(so_far_, std::nullopt));
  if (!whole.base.empty() && whole.base != in_use.mark.hash)
    return internal_error("changes of a content that is not in use");
  Content content = {whole.mark, applied(whole.base.empty() ? Sections() : in_use.sections, whole.changes)};
  if (hash_of(content.sections) != content.mark.hash) return internal_error("content that is not what its hash says");
  return std::optional(std::move(content));
}

}  // namespace ringway::agent

#include "tmp_protocol/id_index.h"

#include <cassert>
#include <utility>

namespace ringway::tmp {

/// Ids come in sequence; multiplying spreads them (Fibonacci hashing), whatever step they come in.
std::size_t IdIndex::home(std::uint64_t id) const {
  return static_cast<std::size_t>((id * 0x9e3779b97f4a7c15ULL) >> 32) & (entries_.size() - 1);
}

/// Where `id` is, or the empty entry where it would be.
std::size_t IdIndex::place_of(std::uint64_t id) const {
  std::size_t place = home(id);
  while (entries_[place].slot != kNone && entries_[place].id != id) place = (place + 1) & (entries_.size() - 1);
  return place;
}

std::uint32_t IdIndex::find(std::uint64_t id) const { return entries_.empty() ? kNone : entries_[place_of(id)].slot; }

void IdIndex::insert(std::uint64_t id, std::uint32_t slot) {
  if ((size_ + 1) * 4 > entries_.size() * 3) grow();
  Entry& entry = entries_[place_of(id)];
  assert(entry.slot == kNone && slot != kNone);
  entry = {id, slot};
  ++size_;
}

void IdIndex::grow() {
  const std::vector<Entry> old =
      std::exchange(entries_, std::vector<Entry>(entries_.empty() ? 8 : entries_.size() * 2));
  for (const Entry& entry : old) {
    if (entry.slot != kNone) entries_[place_of(entry.id)] = entry;
  }
}

/// What follows in the same run moves back over the gap, so that no search ends too early.
void IdIndex::erase(std::uint64_t id) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t gap = place_of(id);
  assert(entries_[gap].slot != kNone);
  for (std::size_t at = (gap + 1) & mask; entries_[at].slot != kNone; at = (at + 1) & mask) {
    const std::size_t from_home = (at - home(entries_[at].id)) & mask;
    if (from_home < ((at - gap) & mask)) continue;  // it would come before its home
    entries_[gap] = entries_[at];
    gap = at;
  }
  entries_[gap] = {};
  --size_;
}

}  // namespace ringway::tmp

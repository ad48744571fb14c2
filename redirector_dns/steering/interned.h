#pragma once
// Numbers things that are written down once each: whoever comes again gets its number. The things themselves stand in
// the caller's vector; here is only where. No memory of their own for hundreds of thousands of them: to free such is
// work that the allocator puts off, and then does while a table of the second is waited for.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ringway::dns::steering {

class Interned {
 public:
  /// The number of the thing with this hash for which `is_at(number)`; size() of before where there is none yet: it is
  /// the caller's to write it down then. Fewer than 2^32 - 1 of them.
  template <class IsAt>
  std::uint32_t number(std::uint64_t hash, const IsAt& is_at) {
    if (2 * (count_ + std::size_t{1}) > slots_.size()) grow();
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.number == kFree) {
        slot = {hash, count_};
        return count_++;
      }
      if (slot.hash == hash && is_at(slot.number)) return slot.number;
    }
  }
  [[nodiscard]] std::uint32_t size() const { return count_; }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;
  static constexpr std::size_t kFirstSlots = 64;  // a power of two, as all that follow
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = kFree;
  };

  void grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : 2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.number == kFree) continue;
      std::size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].number != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace ringway::dns::steering

#pragma once
// A map from 64-bit numbers to 32-bit slots: open addressing in one array, no allocation per entry.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringway::tmp {

class IdIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// kNone where `id` is not in it.
  [[nodiscard]] std::uint32_t find(std::uint64_t id) const;
  /// `id` is not in it yet; `slot` is not kNone.
  void insert(std::uint64_t id, std::uint32_t slot);
  /// `id` is in it.
  void erase(std::uint64_t id);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint64_t id = 0;
    std::uint32_t slot = kNone;
  };

  [[nodiscard]] std::size_t home(std::uint64_t id) const;
  [[nodiscard]] std::size_t place_of(std::uint64_t id) const;
  void grow();

  std::vector<Entry> entries_;  // a power of two, at most three quarters full
  std::size_t size_ = 0;
};

}  // namespace ringway::tmp

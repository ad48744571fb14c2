#pragma once
// Which packet numbers of one path were taken already: a ring of bits behind the highest (RFC 6479).

#include <array>
#include <cstddef>
#include <cstdint>

namespace ringway::tmp {

/// Numbers further behind the highest than this are refused: at a million packets a second, 16 ms of reordering.
inline constexpr std::uint64_t kReplayWindow = std::uint64_t{255} * 64;

class ReplayWindow {
 public:
  /// Whether `number` is neither taken nor too old.
  [[nodiscard]] bool fresh(std::uint64_t number) const;
  /// Marks `number` as taken. False where it is not fresh. Only after the packet was authenticated.
  bool take(std::uint64_t number);
  /// One above the highest number taken: what the next packet's number is guessed from.
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  static constexpr std::uint64_t kWords = kReplayWindow / 64 + 1;  // one more than the window: it slides by words

  std::uint64_t next_ = 0;
  std::array<std::uint64_t, kWords> taken_{};
};

}  // namespace ringway::tmp

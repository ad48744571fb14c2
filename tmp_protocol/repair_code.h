#pragma once
// An erasure code over packets: up to three rows, each a sum over all members of a group, from which as many missing
// members can be had again, whichever rows came. Row j is the sum of g^(j·(n-1-i)) · member i over GF(2^8) with g = 2
// and the polynomial x^8+x^4+x^3+x^2+1; so row 0 is the exclusive-or (H. P. Anvin, "The mathematics of RAID-6"; the
// third row as in ZFS's triple parity). A member is the length of its frames in two octets and the frames, in front of
// zeros up to the longest.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/limits.h"

namespace ringway::tmp {

inline constexpr std::size_t kRepairRows = 3;
/// Members at most: beyond, powers of g would come again.
inline constexpr std::size_t kMaxRepairMembers = 255;

class RepairSums {
 public:
  /// Octets that a row needs for members of so many octets of frames.
  static constexpr std::size_t row_octets(std::size_t frames) { return frames + 2; }

  void clear();
  /// The next member; at most limits::kMaxPacketOctets.
  void add(Bytes frames);
  /// The next member is not known.
  void add_missing() { multiply(); }
  /// Adds what was received as row `row`.
  void add_row(std::size_t row, Bytes sum);
  /// As long as the longest member.
  [[nodiscard]] Bytes row(std::size_t row) const {
    return {reinterpret_cast<const std::uint8_t*>(&rows_[row]), octets_};
  }

  /// The sums are those of the missing members alone, which stood `places` before the group's last: afterwards the
  /// row `rows[k]` is the member `places[k]`. As many rows as places, at most kRepairRows, none twice.
  void solve(std::span<const std::uint8_t> rows, std::span<const std::uint8_t> places);
  /// The frames of the member that solve() put into `row`; empty where it cannot be one.
  [[nodiscard]] Bytes member(std::size_t row) const;

 private:
  static constexpr std::size_t kWords = (limits::kMaxPacketOctets + 2 + 7) / 8;
  using Row = std::array<std::uint64_t, kWords>;

  [[nodiscard]] std::size_t words() const { return (octets_ + 7) / 8; }
  void multiply();
  void scale(Row& row, std::uint8_t factor) const;
  void add_scaled(Row& row, const Row& other, std::uint8_t factor) const;

  std::array<Row, kRepairRows> rows_{};
  std::size_t octets_ = 0;
};

}  // namespace ringway::tmp

#pragma once
// The other end of tail protection: keeps guarded packets for as long as a REPAIR may name them, and makes those that
// never came from the rest of their group. See repair_sender.h.

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "tmp_protocol/frame.h"
#include "tmp_protocol/repair_code.h"

namespace ringway::tmp {

class RepairReceiver {
 public:
  /// A guarded packet came.
  void keep(std::uint64_t number, Bytes frames);
  /// A sum came. Malformed and useless ones are passed over.
  void take(const RepairFrame& frame);

  struct Repaired {
    std::uint64_t number = 0;
    Bytes frames;  // until the next call of anything; empty where there is nothing (more)
  };
  /// Packets that the last calls gave back, one after the other.
  [[nodiscard]] Repaired next();

 private:
  static constexpr std::size_t kGroups = 4;  // whose sums wait for members that may still come, or for more sums
  struct Group {
    std::uint64_t first = 0;
    std::vector<std::uint64_t> members;
    std::array<std::vector<std::uint8_t>, kRepairRows> rows;
    bool open = false;
  };
  struct Kept {
    std::uint64_t number = UINT64_MAX;
    std::vector<std::uint8_t> frames;
  };

  void store(std::uint64_t number, Bytes frames);
  [[nodiscard]] const Kept* kept(std::uint64_t number) const;
  Group& group_of(const RepairFrame& frame);
  void try_group(Group& group);
  void solve(const Group& group, std::span<const std::uint8_t> places);
  void give_back(std::uint64_t number, Bytes frames);

  std::vector<Kept> kept_;  // by number; none until something is guarded
  std::array<Group, kGroups> groups_;
  std::size_t next_group_ = 0;
  std::vector<Kept> repaired_;
  std::size_t repaired_read_ = 0;
  RepairSums sums_;
};

}  // namespace ringway::tmp

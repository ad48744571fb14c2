#include "tmp_protocol/repair_receiver.h"

#include <algorithm>

namespace ringway::tmp {

void RepairReceiver::store(std::uint64_t number, Bytes frames) {
  if (kept_.empty()) kept_.resize(limits::kRepairKeptPackets);
  Kept& slot = kept_[number % kept_.size()];
  slot.number = number;
  slot.frames.assign(frames.begin(), frames.end());
}

void RepairReceiver::keep(std::uint64_t number, Bytes frames) {
  store(number, frames);
  for (Group& group : groups_) {
    if (group.open && std::binary_search(group.members.begin(), group.members.end(), number)) try_group(group);
  }
}

const RepairReceiver::Kept* RepairReceiver::kept(std::uint64_t number) const {
  if (kept_.empty()) return nullptr;
  const Kept& slot = kept_[number % kept_.size()];
  return slot.number == number ? &slot : nullptr;
}

RepairReceiver::Group& RepairReceiver::group_of(const RepairFrame& frame) {
  for (Group& group : groups_) {
    if (group.open && group.first == frame.first) return group;
  }
  Group& group = groups_[next_group_];
  next_group_ = (next_group_ + 1) % kGroups;
  group.open = true;
  group.first = frame.first;
  for (auto& row : group.rows) row.clear();
  group.members.assign(1, frame.first);
  for (std::size_t bit = 0; bit < 8 * frame.others.size(); ++bit) {
    if ((frame.others[bit / 8] >> (bit % 8) & 1) != 0) group.members.push_back(frame.first + 1 + bit);
  }
  return group;
}

void RepairReceiver::take(const RepairFrame& frame) {
  if (frame.data.size() > RepairSums::row_octets(limits::kMaxPacketOctets)) return;
  Group& group = group_of(frame);
  group.rows[frame.index].assign(frame.data.begin(), frame.data.end());
  try_group(group);
}

void RepairReceiver::try_group(Group& group) {
  std::array<std::uint8_t, kRepairRows> places{};
  std::size_t missing = 0;
  const auto rows = static_cast<std::size_t>(
      std::count_if(group.rows.begin(), group.rows.end(), [](const auto& row) { return !row.empty(); }));
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    if (kept(group.members[i]) != nullptr) continue;
    if (missing == rows) return;  // more may come
    places[missing++] = static_cast<std::uint8_t>(group.members.size() - 1 - i);
  }
  if (missing != 0) solve(group, std::span(places).first(missing));
  // Stays as it is known, for its other rows to be recognised, but for the members that are there now.
}

void RepairReceiver::solve(const Group& group, std::span<const std::uint8_t> places) {
  sums_.clear();
  for (const std::uint64_t number : group.members) {
    if (const Kept* member = kept(number); member != nullptr) {
      sums_.add(member->frames);
    } else {
      sums_.add_missing();
    }
  }
  std::array<std::uint8_t, kRepairRows> rows{};
  std::size_t used = 0;
  for (std::uint8_t row = 0; used < places.size(); ++row) {
    if (group.rows[row].empty()) continue;
    sums_.add_row(row, group.rows[row]);
    rows[used++] = row;
  }
  sums_.solve(std::span(rows).first(used), places);
  for (std::size_t i = 0; i < used; ++i) {
    give_back(group.members[group.members.size() - 1 - places[i]], sums_.member(rows[i]));
  }
}

void RepairReceiver::give_back(std::uint64_t number, Bytes frames) {
  if (frames.empty()) return;
  store(number, frames);
  repaired_.push_back({number, {frames.begin(), frames.end()}});
}

RepairReceiver::Repaired RepairReceiver::next() {
  if (repaired_read_ == repaired_.size()) {
    repaired_.clear();
    repaired_read_ = 0;
    return {};
  }
  const Kept& one = repaired_[repaired_read_++];
  return {one.number, one.frames};
}

}  // namespace ringway::tmp

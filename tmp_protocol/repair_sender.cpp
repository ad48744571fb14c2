#include "tmp_protocol/repair_sender.h"

#include <algorithm>
#include <cmath>

namespace ringway::tmp {

namespace {

constexpr double kLeastLoss = 0.0005;  // from which repairs may pay
constexpr double kHeavyLoss = 0.02;
/// Expected losses of a group when it is full.
constexpr double kGroupLosses = 0.75;
constexpr double kLeastMembers = 8;
constexpr double kMostMembers = 48;
/// Losses that a repair must be expected to mend for each of its octets.
constexpr double kLeastGain = 2.2e-5;
/// How long a packet waits for others of its group, in round trips: the more is lost, the more must be repaired, and
/// the larger groups must be so that it does not cost too much.
constexpr double kWaitForLoss = 12;
constexpr double kLeastWait = 0.125;
constexpr double kMostWait = 0.375;
/// What a burst still has to send when its last round trip begins, in round trips: a loss is noticed one and a little
/// later.
constexpr double kTail = 1.25;
constexpr double kLeastTailOctets = 32 * 1024;
/// REPAIR besides others and data, the length of a member, and GUARDED.
constexpr std::size_t kFixedHeadroom = 1 + 1 + 8 + 1 + 1 + 2 + 2 + 1;
constexpr std::size_t kGroupSpan = 64;  // numbers, for each group in turn

}  // namespace

void RepairSender::see(const RepairView& view) {
  fill_budget(view);
  view_ = view;
  for (Group& group : groups_) {
    if (view.waiting == 0 && group.quiet_at <= view.now) close(group);
  }
  const bool all_empty = std::all_of(groups_.begin(), groups_.end(), [](const Group& one) { return one.members == 0; });
  if (all_empty) depth_ = static_cast<std::size_t>(std::clamp<long>(std::lround(view.mean_burst), 1, kMaxDepth));
}

void RepairSender::fill_budget(const RepairView& view) {
  const double rate = view.octets_per_s * share_ * (view.loss > kHeavyLoss ? 2 : 1);
  const double most = std::max<double>(rate, 4 * limits::kMaxPacketOctets);  // a second's worth
  const Duration passed = view_.now == Time{} ? Duration(std::chrono::seconds(1)) : view.now - view_.now;
  budget_ = std::min(budget_ + rate * to_seconds(passed), most);
}

bool RepairSender::guards(std::uint64_t waiting) const {
  if (share_ <= 0 || view_.loss < kLeastLoss) return false;
  const double tail = kTail * view_.octets_per_s * to_seconds(view_.round_trip);
  return static_cast<double>(waiting) <= std::max(tail, kLeastTailOctets);
}

std::size_t RepairSender::headroom() const { return kFixedHeadroom + 8 * depth_; }

std::size_t RepairSender::most_members() const {
  return static_cast<std::size_t>(std::clamp(kGroupLosses / view_.loss, kLeastMembers, kMostMembers));
}

void RepairSender::on_guarded(std::uint64_t number, Bytes frames) {
  turn_ = (turn_ + 1) % depth_;
  Group& group = groups_[turn_];
  if (group.members != 0 && group.rows == 0 && number - group.first > kGroupSpan * depth_) close(group);
  if (group.rows != 0) return;  // its repairs could not leave yet: this one goes unguarded
  if (group.members++ == 0) {
    group.first = number;
  } else {
    const std::uint64_t bit = number - group.first - 1;
    group.others[bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  group.last = number;
  group.sums.add(frames);
  // One alone costs as much as many together: it waits the longest for others.
  const double wait = to_seconds(view_.round_trip) * std::clamp(kWaitForLoss * view_.loss, kLeastWait, kMostWait);
  group.quiet_at = view_.now + from_seconds(wait / static_cast<double>(group.members));
  if (group.members >= most_members()) close(group);
}

/// As many as each are worth their octets. A row mends one loss more, so the first mends about as many as are expected,
/// m, the second m² and the third m³/2 (Poisson, for few losses).
std::uint8_t RepairSender::rows_for(const Group& group) const {
  const double losses = static_cast<double>(group.members) * view_.loss;
  const auto octets = static_cast<double>(group.sums.row(0).size());
  const double price = kLeastGain * octets;
  const double gains[kRepairRows] = {losses, losses * losses, losses * losses * losses / 2};
  const auto worth =
      static_cast<double>(std::count_if(gains, gains + kRepairRows, [&](double g) { return g >= price; }));
  return static_cast<std::uint8_t>(std::min(worth, std::floor(budget_ / octets)));
}

void RepairSender::close(Group& group) {
  group.rows = rows_for(group);
  group.quiet_at = kNever;
  budget_ -= static_cast<double>(group.rows * group.sums.row(0).size());
  if (group.rows == 0) empty(group);
}

void RepairSender::empty(Group& group) {
  group.members = 0;
  group.rows = group.rows_sent = 0;
  group.others.fill(0);
  group.quiet_at = kNever;
  group.sums.clear();
}

bool RepairSender::due() const {
  return std::any_of(groups_.begin(), groups_.end(), [](const Group& group) { return group.rows != 0; });
}

RepairSender::Group* RepairSender::owed() {
  const auto found = std::find_if(groups_.begin(), groups_.end(), [](const Group& group) { return group.rows != 0; });
  return found == groups_.end() ? nullptr : &*found;
}

void RepairSender::give_up() {
  if (Group* const group = owed(); group != nullptr) empty(*group);
}

Time RepairSender::timeout() const {
  Time next = kNever;
  for (const Group& group : groups_) next = std::min(next, group.quiet_at);
  return next;
}

bool RepairSender::write(FrameWriter& writer) {
  Group* const group = owed();
  if (group == nullptr) return false;
  RepairFrame frame;
  frame.first = group->first;
  frame.others = Bytes(group->others).first((group->last - group->first + 7) / 8);
  frame.index = group->rows_sent;
  frame.data = group->sums.row(frame.index);
  if (!writer.repair(frame)) return false;
  if (++group->rows_sent == group->rows) empty(*group);
  return true;
}

}  // namespace ringway::tmp

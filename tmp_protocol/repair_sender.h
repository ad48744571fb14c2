#pragma once
// Tail protection: spare packets that replace lost ones at once, where their loss would cost a round trip. The packets
// of the last round trip of a burst, and those that leave one by one, are guarded: they are gathered in groups, and
// behind each group leave a few of its sums (repair_code.h), as many as the loss of the path makes worth their octets.
//
//   empty --a guarded packet--> gathering --full, or no packet for a while--> owed --all rows left--> empty
//
// Where losses come in bursts packets go to several groups in turn, so that a burst hits each of them once.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"
#include "tmp_protocol/frame_writer.h"
#include "tmp_protocol/repair_code.h"

namespace ringway::tmp {

/// One path as seen now.
struct RepairView {
  Time now{};
  double loss = 0;        // share of the packets
  double mean_burst = 1;  // packets lost in a row
  Duration round_trip{};
  double octets_per_s = 0;    // that the path delivers, as far as it was tried
  std::uint64_t waiting = 0;  // octets that may leave as soon as the window lets them
};

class RepairSender {
 public:
  /// `share`: of the path's rate, 0..1; twice that above 2 % of loss; 0 repairs nothing.
  explicit RepairSender(double share) : share_(share) {}

  void set_share(double share) { share_ = share; }
  /// Before packets are built; groups that gathered nothing for a while, since nothing waits, become owed.
  void see(const RepairView& view);

  /// Whether the next packet is to be guarded, where `waiting` octets wait behind it or in it.
  [[nodiscard]] bool guards(std::uint64_t waiting) const;
  /// Octets that a guarded packet leaves free, so that a sum fits into a packet. The frame GUARDED needs one of them.
  [[nodiscard]] std::size_t headroom() const;
  /// Packet `number` leaves with these frames.
  void on_guarded(std::uint64_t number, Bytes frames);

  /// Whether a repair is owed.
  [[nodiscard]] bool due() const;
  /// When see() finds one if nothing waits until then; kNever where nothing is gathered.
  [[nodiscard]] Time timeout() const;
  /// Writes the next REPAIR. False where nothing is owed or the room is too small.
  bool write(FrameWriter& writer);
  /// A repair fits into no packet any more: forgets its group.
  void give_up();

 private:
  static constexpr std::size_t kMaxDepth = 3;
  struct Group {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::size_t members = 0;
    std::array<std::uint8_t, kMaxDepth * 8> others{};  // as REPAIR has it
    Time quiet_at = kNever;                            // when it is no longer worth waiting for more members
    std::uint8_t rows = 0;                             // to be sent, once it is owed
    std::uint8_t rows_sent = 0;
    RepairSums sums;
  };

  void fill_budget(const RepairView& view);
  [[nodiscard]] std::size_t most_members() const;
  [[nodiscard]] Group* owed();
  [[nodiscard]] std::uint8_t rows_for(const Group& group) const;
  void close(Group& group);
  static void empty(Group& group);

  double share_;
  RepairView view_;
  double budget_ = 0;      // octets
  std::size_t depth_ = 1;  // groups that are gathered in turn; changes while all are empty
  std::size_t turn_ = 0;
  std::array<Group, kMaxDepth> groups_;
};

}  // namespace ringway::tmp

#pragma once
// Whether a path carries ECN marks as they are (RFC 9000 §13.4.2): packets leave with ECT(0) until that proves wrong.
//
//   testing --a marked packet acknowledged, and counted--> capable
//      |  counts that cannot be, all of the first 10 marked CE, or no answer to any marked packet
//      v
//   failed --another route--> testing
//
//   capable, silent for 2 PTO: unmarked until an answer comes, then testing from the next packet on

#include <cstdint>

#include "tmp_protocol/ack_ranges.h"

namespace ringway::tmp {

class EcnValidation {
 public:
  /// Whether a packet that leaves now shall carry ECT(0).
  [[nodiscard]] bool marks() const { return state_ != State::failed && !silent_; }
  /// Whether the peer's counts of CE may be believed.
  [[nodiscard]] bool capable() const { return state_ == State::capable; }
  /// The packet `number` left, as marks() said.
  void on_sent(std::uint64_t number);
  /// An acknowledgement that raised the highest number: `newly` packets from first_marked() on are acknowledged with
  /// it.
  void on_ack(const EcnCounts& counts, std::uint64_t newly);
  /// Packets with lower numbers may have left unmarked.
  [[nodiscard]] std::uint64_t first_marked() const { return first_marked_; }
  /// `count` PTO in a row.
  void on_pto(std::uint32_t count);
  /// Another route: everything may be different.
  void restart() { begin_test(); }

 private:
  enum class State : std::uint8_t { testing, capable, failed };
  void begin_test();
  [[nodiscard]] bool impossible(const EcnCounts& counts, std::uint64_t newly) const;

  State state_ = State::testing;
  bool silent_ = false;
  std::uint64_t first_marked_ = UINT64_MAX;
  std::uint64_t sent_ = 0;   // marked
  std::uint64_t acked_ = 0;  // of those that were tested
  EcnCounts known_;
};

}  // namespace ringway::tmp

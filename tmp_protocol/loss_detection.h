#pragma once
// Which packets arrived, which are lost, and when to probe (RFC 9002 §6 with RACK's time window, RFC 8985,
// that adapts to reordering).
//
//   outstanding --acknowledged--> settled
//        |  a later one acknowledged, and 3 packets or the reordering window behind
//        v
//      lost --acknowledged late--> settled; the loss was spurious: the window of time doubles (to one RTT at
//        |                         most) and the packet rule is off for the next 16 recoveries
//        +-- 4 PTO later --> forgotten
//
// It decides and reports; the owner hands on content and tells congestion control.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "tmp_protocol/ack_ranges.h"
#include "tmp_protocol/rtt_estimator.h"
#include "tmp_protocol/sent_packets.h"

namespace ringway::tmp {

/// What the timer asks for.
enum class TimerAction : std::uint8_t {
  none,
  losses,      // packets were declared lost, see lost()
  tail_probe,  // one packet, content of the newest outstanding one again: the tail is idle and may be lost
  probes,      // two packets whatever the window says (PTO)
};

class LossDetection {
 public:
  LossDetection(SentPackets& sent, RttEstimator& rtt) : sent_(sent), rtt_(rtt) {}

  /// An ack-eliciting packet left.
  void on_sent(Time now);
  /// Whether the sender has nothing more to send and early probes are worth their octets.
  void set_tail_probes(bool wanted) { tail_probes_ = wanted; }

  /// Takes an acknowledgement. An error where it names what was never sent: the link must be closed.
  /// acked(), late() and lost() hold its outcome until the next call; records stay until settle().
  Status on_ack(const AckInfo& ack, Time now);
  /// Fires what is due at `now`.
  TimerAction on_timer(Time now);
  /// When on_timer() has something to do; kNever where nothing is outstanding.
  [[nodiscard]] Time timeout() const;

  /// Newly acknowledged, highest first.
  [[nodiscard]] std::span<const std::uint64_t> acked() const { return acked_; }
  /// Acknowledged after they had been declared lost.
  [[nodiscard]] std::span<const std::uint64_t> late() const { return late_; }
  /// Declared lost, lowest first.
  [[nodiscard]] std::span<const std::uint64_t> lost() const { return lost_; }
  /// Whether the last on_ack() gave an RTT sample.
  [[nodiscard]] bool rtt_sampled() const { return rtt_sampled_; }
  /// Whether what the last call declared lost spans persistent congestion (RFC 9002 §7.6).
  [[nodiscard]] bool persistent_congestion() const;
  /// New CE marks that the last on_ack() reported.
  [[nodiscard]] std::uint64_t new_ce() const { return new_ce_; }
  /// Removes the records of acked(), late() and old losses. Call once after each on_ack() and on_timer()
  /// when their outcome has been handed on.
  void settle(Time now);

  [[nodiscard]] std::uint32_t pto_count() const { return pto_count_; }
  /// One probe time-out with the peer's acknowledgement delay, without back-off.
  [[nodiscard]] Duration probe_timeout() const;
  [[nodiscard]] Duration reordering_window() const;

 private:
  void clear();
  void collect(PacketRange range);
  void collect_news(const AckInfo& ack);
  void collect_gaps(PacketRange range, std::size_t& at);
  void on_progress(const AckInfo& ack, Time now);
  void note_reordering();
  void note_recovery();
  void detect(Time now);
  [[nodiscard]] bool unbroken(std::uint64_t from, std::uint64_t to) const;
  [[nodiscard]] Duration probe_delay() const;
  [[nodiscard]] bool tail_probe_next() const;

  SentPackets& sent_;
  RttEstimator& rtt_;
  std::vector<std::uint64_t> acked_;
  std::vector<std::uint64_t> late_;
  std::vector<std::uint64_t> lost_;
  AckInfo previous_;  // so that each number of a range is looked at once
  std::uint64_t largest_acked_ = 0;
  bool acked_any_ = false;
  bool rtt_sampled_ = false;
  bool tail_probes_ = false;
  Time loss_time_ = kNever;  // when the oldest suspect will be lost
  Time last_sent_{};         // ack-eliciting, or the timer fired
  std::uint64_t ce_ = 0;     // CE marks reported so far
  std::uint64_t new_ce_ = 0;
  std::uint32_t pto_count_ = 0;
  std::uint32_t silent_ptos_ = 0;  // before the acknowledgement under way
  std::uint32_t tail_probes_sent_ = 0;
  std::uint32_t window_eighths_ = 1;   // the reordering window in eighths of the RTT
  std::uint32_t recoveries_left_ = 0;  // for which proven reordering is remembered
  std::uint64_t recovery_end_ = 0;
  std::uint64_t reordering_end_ = 0;  // a late packet below it widens nothing more
};

}  // namespace ringway::tmp

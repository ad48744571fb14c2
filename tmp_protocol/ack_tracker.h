#pragma once
// The packets that arrived on one path, and when to say so (RFC 9000 §13.2, thinned: see on_received()).

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "base/time.h"
#include "tmp_protocol/ack_ranges.h"

namespace ringway::tmp {

/// Whether a packet asks for an acknowledgement.
enum class Elicits : std::uint8_t { nothing, ack };

class AckTracker {
 public:
  /// A packet that passed authentication and replay protection. False where it was known already (as far as
  /// the ranges reach: replay protection is not this one's work).
  bool on_received(std::uint64_t number, Elicits elicits, std::uint8_t ecn, Time now);
  /// The packet just received carried what the peer should hear of at once (ring 0, a probe, a close).
  void request_now() {
    if (pending_ != 0) due_ = kAtOnce;
  }
  /// The peer's window in packets and the RTT, for the rule of how many packets or how long to wait.
  void set_pace(double peer_window_packets, Duration rtt);

  /// Whether an acknowledgement must leave by itself now. Ask after a batch, never inside it.
  [[nodiscard]] bool due(Time now) const { return pending_ != 0 && now >= due_; }
  /// When it will be due; kNever where nothing is pending.
  [[nodiscard]] Time timeout() const { return pending_ == 0 ? kNever : due_; }
  /// Whether a packet that leaves anyway should carry one.
  [[nodiscard]] bool pending() const { return pending_ != 0; }

  /// Writes the present state to `out`, its delay counted to `now`.
  void fill(AckInfo& out, Time now) const;
  /// The acknowledgement of fill() left in a packet.
  void on_sent();
  /// Whether a packet that only acknowledges should also carry a PING, so that ranges can be dropped.
  [[nodiscard]] bool wants_ping(Time now) const;
  /// The PING left.
  void on_ping(Time now) { last_ping_ = now; }
  /// The peer acknowledged a packet of ours whose ACK reached up to `largest` (SentKind::ack): what stands
  /// below it need not be said again.
  void on_ack_acked(std::uint64_t largest);

  [[nodiscard]] const EcnCounts& ecn() const { return ecn_; }
  [[nodiscard]] std::size_t ranges() const { return count_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  enum class Insert : std::uint8_t { known, in_order, gap, filled };
  Insert insert(std::uint64_t number);
  Insert insert_below(std::uint64_t number);
  void open_slot(std::size_t at);
  void close_slot(std::size_t at);
  [[nodiscard]] std::uint32_t threshold() const;
  [[nodiscard]] Duration wait() const;

  static constexpr Time kAtOnce{};                         // before any time
  std::array<PacketRange, limits::kMaxAckRanges> ranges_;  // highest first
  std::size_t count_ = 0;
  Time largest_at_{};
  EcnCounts ecn_;
  std::uint64_t received_ = 0;
  std::uint32_t pending_ = 0;  // ack-eliciting packets since the last acknowledgement
  Time due_ = kNever;
  Time last_ping_{};
  double peer_window_ = 32;
  Duration rtt_ = std::chrono::milliseconds(100);
};

}  // namespace ringway::tmp

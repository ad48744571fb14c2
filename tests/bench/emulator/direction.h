#pragma once
// One direction of an emulated path: a drop-tail queue in octets, served at a rate, then a line that delays and loses.
//
// Octets and times in, octets and times out; port.h brings them to a kernel.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"

namespace ringway::wan {

/// More than this many packets on their way are dropped as by a full queue: a bound of memory, not part of the model.
inline constexpr std::size_t kMaxPacketsHeld = 200'000;

/// After so much silence a burst of losses is over: or else what is sent alone, again and again, is lost for minutes.
inline constexpr Duration kBurstMemory = std::chrono::milliseconds(10);

/// What a path is like; any of it may change while it runs.
struct Quality {
  double rate_mbit = 0;       ///< 0: no limit, and no queue.
  double queue_octets = 1e6;  ///< Of IP packets that wait or are being sent.
  double delay_ms = 0;        ///< Of the line.
  double jitter_ms = 0;       ///< Uniform from 0, added to the delay.
  double keep_order = 0;      ///< 1: jitter does not reorder.
  double loss_percent = 0;    ///< On the line: it has used the rate.
  double loss_burst = 1;      ///< Mean run of lost packets (Gilbert); 1: each for itself.
  double mtu_octets = 1500;   ///< Larger packets vanish, as in a black hole.
  double cut = 0;             ///< 1: nothing passes.
  double block_udp = 0;       ///< 1: no UDP passes.
};

/// Since the start or the last reset.
struct Counters {
  /// Time in the queue, in whole milliseconds; the last one holds what took longer.
  static constexpr std::size_t kWaitBuckets = 2001;

  std::uint64_t offered_packets = 0, offered_octets = 0;
  std::uint64_t refused_packets = 0;  ///< By `cut`, `block_udp` or the MTU.
  std::uint64_t queue_drops = 0;
  std::uint64_t lost_packets = 0;
  std::uint64_t delivered_packets = 0, delivered_octets = 0;
  std::uint64_t small_packets =
      0;  ///< Offered ones that carry next to nothing: TCP without content, UDP of <= 64 octets.
  std::uint64_t oversize_packets = 0;  ///< Above the MTU.
  std::array<std::uint64_t, kWaitBuckets> waits{};
};

class Direction {
 public:
  /// What is lost and how long jitter lasts follow from this.
  void seed(std::uint64_t number) { random_ = SeededRandom(number); }
  /// False where there is no such setting.
  bool set(std::string_view name, double value);
  [[nodiscard]] const Counters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }

  /// An IP packet comes to the queue.
  void take(Bytes packet, Time now);
  /// The next packet that has come out of the line by `now`; none: empty. Valid until the next call.
  [[nodiscard]] Bytes next_out(Time now);
  /// When there may be something to do again.
  [[nodiscard]] Time next_due() const;

 private:
  struct Packet {
    Time time;  ///< In the queue: when it came. On the line: when it comes out.
    std::uint64_t number = 0;
    std::string octets;
    /// The heap's order: the earliest is on top, and of equals the first sent.
    bool operator<(const Packet& other) const { return time != other.time ? time > other.time : number > other.number; }
  };

  [[nodiscard]] bool refused(Bytes packet);
  void serve(Time now);
  void enter_line(Packet packet, Time now);
  bool lose(Time now);
  [[nodiscard]] Duration send_time(std::size_t octets) const;

  Quality quality_;
  Counters counters_;
  SeededRandom random_{0};
  bool in_burst_ = false;
  Time last_on_line_{};
  std::deque<Packet> queue_;
  std::size_t queued_octets_ = 0;
  Time busy_until_{};         ///< Of the packet at the queue's head, while there is one.
  std::vector<Packet> line_;  ///< A heap.
  Time latest_out_{};
  std::uint64_t next_number_ = 0;
  std::string out_;
};

}  // namespace ringway::wan

#pragma once
// One direction of an emulated path: what goes in comes out later, or not at all. No socket and no clock.

#include <cstdint>
#include <deque>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"

namespace ringway::net {

struct RelayPath {
  Duration round_trip{};           // half of it each way
  double loss = 0;                 // share of the datagrams dropped, each way, 0..1
  std::uint64_t octets_per_s = 0;  // each way; 0: no limit
};

/// Of one direction.
struct RelayCounters {
  std::uint64_t datagrams = 0;   // passed on
  std::uint64_t octets = 0;      // passed on
  std::uint64_t lost = 0;        // dropped by chance
  std::uint64_t overflowed = 0;  // dropped by a full queue
};

/// The least that the queue before a limited rate holds.
inline constexpr std::size_t kRelayMinQueueOctets = std::size_t{64} * 1024;
/// The most that a pipe holds, waiting and under way.
inline constexpr std::size_t kRelayMaxOctets = std::size_t{128} * 1024 * 1024;

class RelayPipe {
 public:
  struct Item {
    Time due{};
    SocketAddress client;  // whose datagram it is, in either direction
    std::uint8_t ecn = 0;
    std::vector<std::uint8_t> octets;
  };

  explicit RelayPipe(std::uint64_t seed) : random_(seed) {}

  /// For what is put in from now on. Nothing overtakes what is under way.
  void set_path(const RelayPath& path) { path_ = path; }
  /// Loses it, drops it where the queue is full, or takes it.
  void put(Time now, const SocketAddress& client, std::uint8_t ecn, Bytes octets);
  /// When the first comes out; kNever where the pipe is empty.
  [[nodiscard]] Time next() const { return items_.empty() ? kNever : items_.front().due; }
  /// The first; there is one.
  [[nodiscard]] Item take();
  [[nodiscard]] const RelayCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] std::size_t queue_octets() const;

  RelayPath path_;
  SeededRandom random_;
  std::deque<Item> items_;
  std::size_t held_octets_ = 0;
  Time sent_until_{};  // when the last octet taken has left at the limited rate
  Time last_due_{};
  RelayCounters counters_;
};

}  // namespace ringway::net

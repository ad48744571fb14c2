#pragma once
// N: how many client connections have demand on the link, that is data queued or in flight within the last
// max(1 s, 8 RTT). A connection counts from its first octet and until that long after its last.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace ringway::tmp {

class HostedCounter {
 public:
  /// Counts at most `capacity` connections; more are not told apart and do not count.
  explicit HostedCounter(std::size_t capacity);

  /// The connection of this number has octets queued, sent or acknowledged. O(1); no allocation.
  void touch(std::uint32_t connection, Time now);
  /// Drops whose demand is over; call it now and then (each LINK_QUALITY, each batch).
  void expire(Time now, Duration smoothed_rtt);
  /// N, at least 1.
  [[nodiscard]] std::uint32_t count() const { return used_ == 0 ? 1 : used_; }

 private:
  struct Entry {
    std::uint32_t connection = 0;
    std::uint32_t older = 0;  // entry indices in order of demand
    std::uint32_t newer = 0;
    std::uint32_t chain = 0;  // next of the same hash bucket, or of the free list
    Time last{};
  };
  static constexpr std::uint32_t kNil = UINT32_MAX;

  [[nodiscard]] std::size_t bucket(std::uint32_t connection) const;
  [[nodiscard]] std::uint32_t find(std::uint32_t connection) const;
  void unlink(std::uint32_t entry);
  void link_newest(std::uint32_t entry);
  void remove_oldest();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_ = kNil;
  std::uint32_t oldest_ = kNil;
  std::uint32_t newest_ = kNil;
  std::uint32_t used_ = 0;
};

}  // namespace ringway::tmp

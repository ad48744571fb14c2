#include "tmp_protocol/hosted_counter.h"

#include <algorithm>
#include <bit>

namespace ringway::tmp {

using namespace std::chrono_literals;

HostedCounter::HostedCounter(std::size_t capacity)
    : entries_(std::max<std::size_t>(capacity, 1)), buckets_(std::bit_ceil(entries_.size() * 2), kNil) {
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    entries_[i].chain = free_;
    free_ = i;
  }
}

std::size_t HostedCounter::bucket(std::uint32_t connection) const {
  return (static_cast<std::uint64_t>(connection) * 0x9e3779b97f4a7c15ULL >> 32) & (buckets_.size() - 1);
}

std::uint32_t HostedCounter::find(std::uint32_t connection) const {
  std::uint32_t at = buckets_[bucket(connection)];
  while (at != kNil && entries_[at].connection != connection) at = entries_[at].chain;
  return at;
}

void HostedCounter::touch(std::uint32_t connection, Time now) {
  if (newest_ != kNil && entries_[newest_].connection == connection) {
    entries_[newest_].last = now;
    return;
  }
  std::uint32_t at = find(connection);
  if (at != kNil) {
    if (entries_[at].last == now) return;
    unlink(at);
  } else {
    if (free_ == kNil) return;
    at = free_;
    free_ = entries_[at].chain;
    entries_[at].connection = connection;
    std::uint32_t& head = buckets_[bucket(connection)];
    entries_[at].chain = head;
    head = at;
    ++used_;
  }
  entries_[at].last = now;
  link_newest(at);
}

void HostedCounter::expire(Time now, Duration smoothed_rtt) {
  const Duration window = std::max<Duration>(1s, 8 * smoothed_rtt);
  while (oldest_ != kNil && now - entries_[oldest_].last > window) remove_oldest();
}

void HostedCounter::link_newest(std::uint32_t entry) {
  entries_[entry].older = newest_;
  entries_[entry].newer = kNil;
  (newest_ == kNil ? oldest_ : entries_[newest_].newer) = entry;
  newest_ = entry;
}

void HostedCounter::unlink(std::uint32_t entry) {
  const Entry& gone = entries_[entry];
  (gone.older == kNil ? oldest_ : entries_[gone.older].newer) = gone.newer;
  (gone.newer == kNil ? newest_ : entries_[gone.newer].older) = gone.older;
}

void HostedCounter::remove_oldest() {
  const std::uint32_t entry = oldest_;
  unlink(entry);
  std::uint32_t* link = &buckets_[bucket(entries_[entry].connection)];
  while (*link != entry) link = &entries_[*link].chain;
  *link = entries_[entry].chain;
  entries_[entry].chain = free_;
  free_ = entry;
  --used_;
}

}  // namespace ringway::tmp

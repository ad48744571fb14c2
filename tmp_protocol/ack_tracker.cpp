#include "tmp_protocol/ack_tracker.h"

#include <algorithm>

namespace ringway::tmp {

using namespace std::chrono_literals;

namespace {

/// So many packets of a link's start are acknowledged two by two: its window grows with them.
constexpr std::uint64_t kEarlyPackets = 100;
constexpr std::uint32_t kMaxThreshold = 64;
/// Ranges worth a PING to have them dropped.
constexpr std::size_t kManyRanges = 8;

}  // namespace

bool AckTracker::on_received(std::uint64_t number, Elicits elicits, std::uint8_t ecn, Time now) {
  const Insert result = insert(number);
  if (result == Insert::known) return false;
  ++received_;
  if (result != Insert::filled) largest_at_ = now;
  switch (ecn & 3U) {
    case 1: ++ecn_.ect1; break;
    case 2: ++ecn_.ect0; break;
    case 3: ++ecn_.ce; break;
    default: break;
  }
  if (elicits == Elicits::nothing) return true;
  if (pending_++ == 0) due_ = std::min(due_, now + wait());
  const bool news = result != Insert::in_order || (ecn & 3U) == 3;
  if (news || pending_ >= threshold()) due_ = kAtOnce;
  return true;
}

std::uint32_t AckTracker::threshold() const {
  if (received_ <= kEarlyPackets) return 2;
  return std::clamp(static_cast<std::uint32_t>(peer_window_ / 8), 2U, kMaxThreshold);
}

Duration AckTracker::wait() const { return std::clamp<Duration>(rtt_ / 8, 1ms, limits::kMaxAckDelay); }

void AckTracker::set_pace(double peer_window_packets, Duration rtt) {
  peer_window_ = std::clamp(peer_window_packets, 1.0, 1e6);
  rtt_ = rtt;
}

AckTracker::Insert AckTracker::insert(std::uint64_t number) {
  if (count_ == 0) {
    ranges_[0] = {number, number};
    count_ = 1;
    return number == 0 ? Insert::in_order : Insert::gap;
  }
  if (number == ranges_[0].last + 1) {
    ++ranges_[0].last;
    return Insert::in_order;
  }
  if (number < ranges_[0].last) return insert_below(number);
  if (number == ranges_[0].last) return Insert::known;
  open_slot(0);
  ranges_[0] = {number, number};
  return Insert::gap;
}

AckTracker::Insert AckTracker::insert_below(std::uint64_t number) {
  std::size_t at = 0;
  while (at < count_ && number < ranges_[at].first) ++at;
  if (at < count_ && number <= ranges_[at].last) return Insert::known;
  // It belongs between ranges at - 1 (above) and at (below).
  const bool joins_above = ranges_[at - 1].first == number + 1;
  const bool joins_below = at < count_ && ranges_[at].last + 1 == number;
  if (joins_above && joins_below) {
    ranges_[at - 1].first = ranges_[at].first;
    close_slot(at);
  } else if (joins_above) {
    ranges_[at - 1].first = number;
  } else if (joins_below) {
    ranges_[at].last = number;
  } else if (at < ranges_.size()) {
    open_slot(at);
    ranges_[at] = {number, number};
  }
  return Insert::filled;
}

void AckTracker::open_slot(std::size_t at) {
  const std::size_t kept = std::min(count_, ranges_.size() - 1);  // the lowest falls off where all are in use
  std::move_backward(ranges_.begin() + static_cast<std::ptrdiff_t>(at),
                     ranges_.begin() + static_cast<std::ptrdiff_t>(kept),
                     ranges_.begin() + static_cast<std::ptrdiff_t>(kept + 1));
  count_ = kept + 1;
}

void AckTracker::close_slot(std::size_t at) {
  std::move(ranges_.begin() + static_cast<std::ptrdiff_t>(at + 1),
            ranges_.begin() + static_cast<std::ptrdiff_t>(count_), ranges_.begin() + static_cast<std::ptrdiff_t>(at));
  --count_;
}

void AckTracker::fill(AckInfo& out, Time now) const {
  out.delay = count_ == 0 ? Duration::zero() : now - largest_at_;
  out.ecn = ecn_;
  out.count = count_;
  std::copy_n(ranges_.begin(), count_, out.ranges.begin());
}

void AckTracker::on_sent() {
  pending_ = 0;
  due_ = kNever;
}

bool AckTracker::wants_ping(Time now) const { return count_ >= kManyRanges && now - last_ping_ >= rtt_; }

void AckTracker::on_ack_acked(std::uint64_t largest) {
  while (count_ > 1 && ranges_[count_ - 1].last <= largest) --count_;
}

}  // namespace ringway::tmp

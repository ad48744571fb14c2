#include "net/relay_pipe.h"

#include <algorithm>

namespace ringway::net {

void RelayPipe::put(Time now, const SocketAddress& client, std::uint8_t ecn, Bytes octets) {
  if (random_.unit() < path_.loss) {
    ++counters_.lost;
    return;
  }
  Time leaves = now;
  if (path_.octets_per_s > 0) {
    const auto rate = static_cast<double>(path_.octets_per_s);
    const Time begins = std::max(now, sent_until_);
    const double waiting = to_seconds(begins - now) * rate;
    if (waiting + static_cast<double>(octets.size()) > static_cast<double>(queue_octets())) {
      ++counters_.overflowed;
      return;
    }
    leaves = begins + from_seconds(static_cast<double>(octets.size()) / rate);
  }
  if (held_octets_ + octets.size() > kRelayMaxOctets) {
    ++counters_.overflowed;
    return;
  }
  sent_until_ = leaves;
  last_due_ = std::max(last_due_, leaves + path_.round_trip / 2);
  held_octets_ += octets.size();
  items_.push_back({last_due_, client, ecn, {octets.begin(), octets.end()}});
}

RelayPipe::Item RelayPipe::take() {
  Item item = std::move(items_.front());
  items_.pop_front();
  held_octets_ -= item.octets.size();
  ++counters_.datagrams;
  counters_.octets += item.octets.size();
  return item;
}

/// One round trip's worth, as routers are given.
std::size_t RelayPipe::queue_octets() const {
  const double worth = to_seconds(path_.round_trip) * static_cast<double>(path_.octets_per_s);
  return std::max(kRelayMinQueueOctets, static_cast<std::size_t>(std::min(worth, double{kRelayMaxOctets})));
}

}  // namespace ringway::net

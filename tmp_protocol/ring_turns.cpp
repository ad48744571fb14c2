#include "tmp_protocol/ring_turns.h"

#include <algorithm>
#include <utility>

namespace ringway::tmp {

std::uint32_t RingTurns::add_ready(BlendBuffer& buffer) {
  BlendConnection& connection = *buffer.connection_;
  ConnectionTurn& mine = connection.turns[buffer.ring_];
  SiteTurn& site = connection.site->turns[buffer.ring_];
  if (site.connections.empty()) add_site(site);
  if (mine.buffers.empty()) site.connections.push_back(mine);
  mine.buffers.push_back(buffer);
  return ++mine.ready;
}

std::uint32_t RingTurns::remove_ready(BlendBuffer& buffer) {
  BlendConnection& connection = *buffer.connection_;
  ConnectionTurn& mine = connection.turns[buffer.ring_];
  SiteTurn& site = connection.site->turns[buffer.ring_];
  mine.buffers.remove(buffer);
  if (mine.buffers.empty()) site.connections.remove(mine);
  if (site.connections.empty()) {
    list_of(site).remove(site);
    settle_cycle();
  }
  return --mine.ready;
}

/// A site that comes back within a cycle has what credit it left; one of an older cycle begins anew.
void RingTurns::add_site(SiteTurn& site) {
  if (site.cycle < cycle_) {
    site.cycle = cycle_;
    site.credit = std::int64_t{site.site->weight} * quantum_;
  }
  list_of(site).push_back(site);
  settle_cycle();
}

/// A new cycle begins once every ready site has used up its credit.
void RingTurns::settle_cycle() {
  if (!now_.empty() || later_.empty()) return;
  std::swap(now_, later_);
  ++cycle_;
}

void RingTurns::turn(BlendBuffer& buffer, std::size_t octets) {
  BlendConnection& connection = *buffer.connection_;
  SiteTurn& site = connection.site->turns[buffer.ring_];
  connection.turns[buffer.ring_].buffers.turn();
  site.connections.turn();
  SiteList& list = list_of(site);
  list.remove(site);
  site.credit -= static_cast<std::int64_t>(octets);
  if (site.credit <= 0) {
    // What it sent above its credit comes off the next, but for what it filled packets with while alone.
    site.credit = std::max<std::int64_t>(site.credit + std::int64_t{site.site->weight} * quantum_, 1);
    site.cycle = cycle_ + 1;
  }
  list_of(site).push_back(site);
  settle_cycle();
}

void RingTurns::go_on(BlendBuffer& buffer, std::size_t octets) {
  buffer.connection_->site->turns[buffer.ring_].credit -= static_cast<std::int64_t>(octets);
}

std::uint64_t RingTurns::count_ready(const SiteList& sites, std::uint32_t most) {
  std::uint64_t count = 0;
  const SiteTurn* site = sites.front();
  if (site == nullptr) return 0;
  do {
    const ConnectionTurn* connection = site->connections.front();
    do {
      count += std::min(connection->ready, most);
      connection = site->connections.next(*connection);
    } while (connection != site->connections.front());
    site = sites.next(*site);
  } while (site != sites.front());
  return count;
}

std::uint64_t RingTurns::count_ready(std::uint32_t most) const {
  return count_ready(now_, most) + count_ready(later_, most);
}

}  // namespace ringway::tmp

#include "backend/site_service.h"

#include <algorithm>

#include "base/text.h"
#include "http/message.h"

namespace ringway::backend {

namespace {

bool all_tried(const TriedServers& tried, std::size_t servers) {
  return tried.size() >= servers && std::all_of(tried.begin(), tried.end(), [](bool one) { return one; });
}

}  // namespace

SiteService::SiteService(const Site& site, const http::ParserLimits& limits, Loop loop, Connector& connector)
    : site_(site) {
  for (const Origin& origin : site.origins) {
    servers_.push_back(std::make_unique<OriginServer>(origin, site, limits, loop, connector));
  }
}

bool SiteService::become(const Site& site) {
  if (site.origins != site_.origins || site.timeouts != site_.timeouts ||
      site.max_idle_connections != site_.max_idle_connections || site.protocol != site_.protocol) {
    return false;
  }
  site_ = site;
  return true;
}

bool SiteService::admits(const std::string& frontend) const {
  return std::find(site_.frontends.begin(), site_.frontends.end(), frontend) != site_.frontends.end();
}

bool SiteService::serves_host(std::string_view authority) const {
  if (site_.hosts.empty()) return true;
  const std::string_view host = http::host_of(authority);
  return std::any_of(site_.hosts.begin(), site_.hosts.end(),
                     [&](const std::string& pattern) { return host_matches(pattern, host); });
}

SiteService::Place SiteService::enter(QueueEntry& entry, std::uint8_t ring) {
  if (all_tried(entry.tried(), servers_.size())) return Place::none_left;
  if (OriginServer* server = choose(entry.tried())) {
    entry.on_turn(*server);
    return Place::taken;
  }
  if (waiting_ >= site_.max_queued) {
    ++counters_.shed;
    return Place::full;
  }
  ++counters_.queued;
  ++waiting_;
  entry.ring_ = ring;
  entry.place_ = queue_[ring].insert(queue_[ring].end(), &entry);
  return Place::waiting;
}

void SiteService::leave(QueueEntry& entry) {
  if (entry.ring_ < 0) return;
  queue_[static_cast<std::size_t>(entry.ring_)].erase(entry.place_);
  entry.ring_ = -1;
  --waiting_;
}

void SiteService::mark_tried(TriedServers& tried, const OriginServer& server) const {
  tried.resize(servers_.size());
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].get() == &server) tried[i] = true;
  }
}

void SiteService::serve_queue() {
  for (auto& ring : queue_) {
    while (!ring.empty()) {
      QueueEntry& entry = *ring.front();
      OriginServer* server = choose(entry.tried());
      if (server == nullptr) return;
      leave(entry);
      entry.on_turn(*server);
    }
  }
}

/// The server with the fewest pending requests that is not full, was not tried and is well. Where none of
/// those that were not tried is well, all are asked: an origin that is away answers so in no time.
OriginServer* SiteService::choose(const TriedServers& tried) {
  OriginServer* best = nullptr;
  OriginServer* best_unwell = nullptr;
  bool some_well = false;
  const std::size_t count = servers_.size();
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t index = (turn_ + step) % count;
    if (index < tried.size() && tried[index]) continue;
    OriginServer* server = servers_[index].get();
    some_well = some_well || server->well();
    if (server->full()) continue;
    OriginServer*& kept = server->well() ? best : best_unwell;
    if (kept == nullptr || server->pending() < kept->pending()) kept = server;
  }
  turn_ = count == 0 ? 0 : (turn_ + 1) % count;
  return some_well ? best : best_unwell;
}

}  // namespace ringway::backend

#include "backend/origin_server.h"

#include <algorithm>
#include <utility>

namespace ringway::backend {

namespace {

/// A connection idle for so short a time is not being closed by any origin worth its name.
constexpr Duration kSurelyAlive = std::chrono::seconds(1);

}  // namespace

OriginServer::OriginServer(const Origin& origin, const Site& site, const http::ParserLimits& limits, Loop loop,
                           Connector& connector)
    : origin_(origin),
      timeouts_(site.timeouts),
      max_idle_(site.max_idle_connections),
      limits_(limits),
      loop_(loop),
      connector_(connector),
      idle_timer_(loop.timers, [this] { expire_idle(); }) {}

std::unique_ptr<OriginConnection> OriginServer::acquire(Reuse reuse) {
  add_pending();
  if (!idle_.empty() && (reuse == Reuse::idle || loop_.now() - idle_.back()->idle_since() < kSurelyAlive)) {
    std::unique_ptr<OriginConnection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  ++counters_.connects;
  return std::make_unique<OriginConnection>(*this, limits_);
}

void OriginServer::release(std::unique_ptr<OriginConnection> connection) {
  connection->detach();
  remove_pending();
  if (idle_.size() >= max_idle_) {
    loop_.deferred.destroy(std::move(connection));
    return;
  }
  connection->set_idle_since(loop_.now());
  idle_.push_back(std::move(connection));
  if (!idle_timer_.armed()) idle_timer_.arm(loop_.now() + timeouts_.keep_alive);
}

void OriginServer::discard(std::unique_ptr<OriginConnection> connection) {
  connection->detach();
  remove_pending();
  loop_.deferred.destroy(std::move(connection));
}

void OriginServer::add_pending() {
  ++pending_;
  ++counters_.requests;
}

void OriginServer::note_connected() { left_alone_until_ = Time{}; }

void OriginServer::note_connect_failure() {
  ++counters_.connect_failures;
  left_alone_until_ = loop_.now() + timeouts_.leave_alone;
}

void OriginServer::forget(OriginConnection& connection) {
  const auto at = std::find_if(idle_.begin(), idle_.end(), [&](const auto& idle) { return idle.get() == &connection; });
  if (at == idle_.end()) return;
  loop_.deferred.destroy(std::move(*at));
  idle_.erase(at);
}

void OriginServer::close_idle() {
  for (auto& connection : idle_) loop_.deferred.destroy(std::move(connection));
  idle_.clear();
}

void OriginServer::expire_idle() {
  const Time oldest_kept = loop_.now() - timeouts_.keep_alive;
  const auto kept = std::find_if(idle_.begin(), idle_.end(),
                                 [&](const auto& connection) { return connection->idle_since() > oldest_kept; });
  for (auto at = idle_.begin(); at != kept; ++at) loop_.deferred.destroy(std::move(*at));
  idle_.erase(idle_.begin(), kept);
  if (!idle_.empty()) idle_timer_.arm(idle_.front()->idle_since() + timeouts_.keep_alive);
}

}  // namespace ringway::backend

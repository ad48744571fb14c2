#pragma once
// One origin server of a site: its pool of connections, how many requests it has, and whether it is well.

#include <memory>
#include <vector>

#include "backend/origin_connection.h"
#include "backend/settings.h"
#include "base/connector.h"
#include "base/loop.h"

namespace ringway::backend {

/// For metrics, since the process started.
struct OriginCounters {
  std::uint64_t requests = 0;
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t failures = 0;  // requests that came to nothing after they were written
};

class OriginServer {
 public:
  OriginServer(const Origin& origin, const Site& site, const http::ParserLimits& limits, Loop loop,
               Connector& connector);
  OriginServer(const OriginServer&) = delete;
  OriginServer& operator=(const OriginServer&) = delete;
  ~OriginServer() = default;

  [[nodiscard]] const Origin& settings() const { return origin_; }
  [[nodiscard]] Connector& connector() { return connector_; }
  [[nodiscard]] const OriginCounters& counters() const { return counters_; }
  /// Requests and raw connections at it now.
  [[nodiscard]] std::size_t pending() const { return pending_; }
  [[nodiscard]] std::size_t idle() const { return idle_.size(); }
  [[nodiscard]] bool full() const { return pending_ >= origin_.max_pending; }
  /// Not being left alone after it refused or was silent.
  [[nodiscard]] bool well() const { return loop_.now() >= left_alone_until_; }
  [[nodiscard]] Time left_alone_until() const { return left_alone_until_; }

  /// `fresh` is for requests that cannot be done again: a connection that idled may be closing right now.
  enum class Reuse : std::uint8_t { idle, fresh };
  /// A connection for one request, which counts as pending until it is given back.
  std::unique_ptr<OriginConnection> acquire(Reuse reuse);
  /// The request ended and the connection may serve again.
  void release(std::unique_ptr<OriginConnection> connection);
  /// The request ended, and the connection with it.
  void discard(std::unique_ptr<OriginConnection> connection);

  /// Raw connections count as requests do.
  void add_pending();
  void remove_pending() { --pending_; }

  void note_connected();
  void note_connect_failure();
  void note_failure() { ++counters_.failures; }
  /// An idle connection was closed by the origin.
  void forget(OriginConnection& connection);
  void close_idle();

 private:
  void expire_idle();

  const Origin origin_;
  const SiteTimeouts timeouts_;
  const std::size_t max_idle_;
  const http::ParserLimits limits_;
  Loop loop_;
  Connector& connector_;
  std::vector<std::unique_ptr<OriginConnection>> idle_;  // the one used last at the back
  std::size_t pending_ = 0;
  Time left_alone_until_{};
  OriginCounters counters_;
  Timer idle_timer_;
};

}  // namespace ringway::backend

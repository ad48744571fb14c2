#pragma once
// One site in the hosting centre: its origin servers, and the bounded queue in ring order before them.

#include <array>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "backend/origin_server.h"
#include "backend/settings.h"
#include "tmp_protocol/link.h"

namespace ringway::backend {

/// Servers that an exchange has already tried, by index.
using TriedServers = std::vector<bool>;

/// An exchange that waits for a place at an origin.
class QueueEntry {
 public:
  virtual ~QueueEntry() = default;
  /// A place at `server` is free; the entry is out of the queue and takes it at once.
  virtual void on_turn(OriginServer& server) = 0;
  [[nodiscard]] virtual const TriedServers& tried() const = 0;

 private:
  friend class SiteService;
  std::list<QueueEntry*>::iterator place_;
  int ring_ = -1;  // of the queue it stands in, or -1
};

struct SiteCounters {
  std::uint64_t queued = 0;  // had to wait
  std::uint64_t shed = 0;    // found the queue full
};

class SiteService {
 public:
  SiteService(const Site& site, const http::ParserLimits& limits, Loop loop, Connector& connector);
  SiteService(const SiteService&) = delete;
  SiteService& operator=(const SiteService&) = delete;
  ~SiteService() = default;

  [[nodiscard]] const Site& settings() const { return site_; }
  /// Goes on as `site`, with its queue and its connections, where that has the same origins and uses them alike; false
  /// where it cannot.
  bool become(const Site& site);
  [[nodiscard]] const std::vector<std::unique_ptr<OriginServer>>& servers() const { return servers_; }
  [[nodiscard]] const SiteCounters& counters() const { return counters_; }
  [[nodiscard]] bool admits(const std::string& frontend) const;
  [[nodiscard]] bool serves_host(std::string_view authority) const;

  enum class Place : std::uint8_t { taken, waiting, full, none_left };
  /// Gives `entry` its turn now, lets it wait, or says that the queue is full or that every server was tried.
  Place enter(QueueEntry& entry, std::uint8_t ring);
  void leave(QueueEntry& entry);
  void mark_tried(TriedServers& tried, const OriginServer& server) const;
  /// A place may have come free.
  void serve_queue();
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  OriginServer* choose(const TriedServers& tried);

  Site site_;
  std::vector<std::unique_ptr<OriginServer>> servers_;
  std::array<std::list<QueueEntry*>, tmp::kRings> queue_;
  std::size_t waiting_ = 0;
  std::size_t turn_ = 0;  // where the search for the least loaded server begins
  SiteCounters counters_;
};

}  // namespace ringway::backend
